"""Dated rounds: who is ranked, drawn or given a share on one day, fixed by two people and then read like any fact.

In:       `rounds/<code>.yaml`; the facts of the entrants as known when the round is opened.
Out:      one immutable load of the list that the round writes.
Promises: what was decided is exactly what was opened; a later fact changes no decided round.
"""
