"""Profiles × rules → outcomes → dues → differences: nights, explanations, prepared matches, the demonstration.

Read `engine.run` first: it calls the stages in the order of the flow. In: what departments delivered and officers
published, as known at one instant. Out: changes of the ledger, notices and batches, written all or nothing. The same
night gives the same bytes, and a night that finds nothing new writes nothing.
"""
