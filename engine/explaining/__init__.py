"""One subject at a time: what every policy says of it, on which facts, how far from the limit, in the officer's words.

In:       one subject's profile and the published versions.
Out:      examinations, criterion by criterion, with value, source and data date; the groups of its page.
Promises: the same tree as the night's, evaluated on one profile; says nothing of anybody else.
"""
