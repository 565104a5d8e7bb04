"""What passes between us and banks: payment files out; acknowledgements, return files and statements in.

In: a frozen batch as a payout table, a bank's payment profile, the bytes that a bank sends. Out: files as bytes, and
what a bank said, line by line. Promises: the same table and profile give the same bytes on any machine; every line of
a bank's file is a row; what cannot be carried or cannot be read is a finding that names a reference, never a person.
Nothing here knows the store: whether a line fits what was instructed is decided there.
"""
