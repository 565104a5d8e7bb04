"""What leaves the house: items become payout batches and files, changes become notices and messages.

In come open items, who receives them and on which account, and what changed for whom. Out go frozen
batches with their totals and content hash, files for the bank and the paymaster, and messages through
channels, each with a recorded outcome. Promised: a batch is the sum of its items, a file is a function
of its batch and of nothing else, an item that cannot be paid is listed and stays open, and no message
is sent twice in silence.

This stage opens the vault through what it is given (`PayeeBook`, `ContactBook`) and never decides who
is entitled to what.
"""
