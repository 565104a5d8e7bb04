"""Dues × ledger → what to write: one difference per netting unit, alone or bound with others.

In:       the dues of a night as pairs of least and most; the obligations and items of the ledger; bonds (exclusion
          groups, money that counts as paid, ceilings).
Out:      typed changes: items, cancellations, cases.
Promises: what comes of a unit depends on its dues and its ledger alone, in whatever order facts arrived; a unit whose
          dues the ledger already answers writes nothing.
"""
