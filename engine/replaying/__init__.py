"""Published nights computed again: the same inputs by today's engine, and what would differ.

In:       the manifest of a run; the loads, vocabulary and ledger that it read, as they were known then.
Out:      hashes laid side by side, and the decisions that differ.
Promises: reads only; no vault is opened.
"""
