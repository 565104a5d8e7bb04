"""The states that only the database keeps, and which of them may follow which: one module per concern, as in `store.tables`.

The states of grants and items stand in `core.ledger`, with their transitions.
"""
