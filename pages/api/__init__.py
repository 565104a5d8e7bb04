"""What a city portal may read and do for a subject, over HTTP: signed, recorded, and once for each of its keys.

In: calls of portals that an operator registered, each naming a subject by its official number. Out: the same outcomes, reasons,
payments and notices that a subject's own page shows, and what it does there. Promises: no second logic; nothing of what was
sent is said back; every reading of a subject is recorded; the same key does a thing once.
"""
