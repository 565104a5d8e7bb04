"""What people do about money that went out without being due.

In: the cases that nights open (`engine.netting.difference`). Out: their steps, dated and signed, and postings on the
ledger. Promises: nothing is collected that the subject was not told of or has objected to; nobody decides on their own
work; a night may change what is overpaid at any time, and the arithmetic still comes out.
"""
