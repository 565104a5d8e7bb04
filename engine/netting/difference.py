"""Pay the difference: what is due by today's knowledge less what is committed, for one netting unit.

Pure arithmetic; the same unit twice gives nothing the second time. Which units need it at all:
`engine.netting.screening`.
"""

from engine.netting.books import Books
from engine.netting.settlement import LedgerInvariantError, Settlement
from engine.netting.units import NettingUnit


def settle(unit: NettingUnit) -> Settlement:
    """Return the changes that bring what is committed into what is due.

    Units:  fen throughout.
    Nulls:  no upper limit: nothing is cut or claimed back.
    Source: semantics §5. Too little: the open case is withdrawn, a write-off lapses, an item opens for the
            rest. Too much: items not yet instructed are cut, money gone out becomes a case or is kept. Of bound
            obligations, one that is not certain to be owed hands what it has not paid to those that lack it.
            Between: what is above `at_least_fen` and not yet instructed waits on hold. Money that a bank
            returned, or that merged subjects have still to get, extinguishes claims.
    Fails:  `LedgerInvariantError` where the books do not come out, which is ours to mend.
    """
    due, books = unit.due, Books.of(unit)
    books.withdraw(due.at_least_fen - books.committed_fen)
    books.offset()  # before anything is cut: what the bank returned on a claim belongs to that claim
    books.pass_on()
    if due.at_most_fen is not None:
        books.claim(books.cut(books.committed_fen - due.at_most_fen))
    books.open(due.at_least_fen - books.committed_fen)
    if not due.holds(books.committed_fen):  # pragma: no cover  # the laws look for a way here and find none
        raise LedgerInvariantError(unit.key, "what is committed does not come to what is due")
    return Settlement(unit.key, tuple(books.changes()))
