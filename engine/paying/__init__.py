"""A batch on its way to the bank and back: looked at, approved, sent, answered, reconciled.

What may be done is decided by the store in which it is kept; here people's deeds meet files, the vault and the calendar.
"""
