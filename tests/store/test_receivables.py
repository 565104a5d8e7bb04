"""What is overpaid in the books: claimed from the newest money, recovered by the purses that paid."""

import polars as pl
import pytest

from core.ids import item_id
from core.shares import Purse
from store.batches import BatchHead
from store.freezing import add_batch
from store.journal import read_pots, verify_books
from store.ledger import LedgerChanges, write_ledger
from store.line_funds import Funding
from store.opening import Store
from store.positions import read_obligations
from store.states.funds import Account
from tests.store.paying import answer, send
from tests.store.worlds import DAY, items, lines, open_grant, owe, posting, postings, register, seen

TWO = Funding((Purse("中央", weight=3), Purse("区级", weight=2)))


@pytest.fixture
def key(store: Store) -> str:
    """Return an obligation on which 100 and then 50 were paid, each by its own batch."""
    (subject,) = register(store, "a")
    with store.writing() as tx:
        made = owe(tx, open_grant(tx, subject), 100)
    _pay(store, made, 1)
    post(store, made, more=items(made, 50, first=2))
    _pay(store, made, 2)
    return made


def _pay(store: Store, key: str, number: int) -> None:
    with store.writing() as tx:
        head = BatchHead(f"b_{number}", "nursing-allowance", "护理补贴", "区残联", DAY)
        made = add_batch(tx, head, lines(tx, key, number), run_id=None, funding=TWO)
        send(tx, made.batch_id)
        answer(tx, made.batch_id, paid=[item_id(key, number)])


def post(store: Store, key: str, *rows: tuple[Account, int, int], more: pl.DataFrame | None = None) -> None:
    """Write postings on the obligation as it stands, and perhaps items."""
    with store.writing() as tx:
        (record,) = read_obligations(tx, [key])
        changes = LedgerChanges(
            postings=postings(*(posting(key, *row) for row in rows)), seen=seen(**{key: record.version})
        )
        if more is not None:
            changes = LedgerChanges(items=more, seen=changes.seen)
        write_ledger(tx, changes, run_id=None)


def standing(store: Store) -> dict[str, tuple[int, int, int, int]]:
    """Return what each purse has paid, is owed, has written off, and has taken of its budget."""
    with store.reading() as rx:
        assert verify_books(rx) == []
        return {
            pot.purse: (pot.paid_fen, pot.receivable_fen, pot.written_off_fen, -pot.budget_fen) for pot in read_pots(rx)
        }


def test_the_newest_money_is_claimed_first(store: Store, key: str) -> None:
    """Of 150, 70 are claimed: the whole second payment, and the last 20 of the first."""
    post(store, key, (Account.CASE, 0, 70))

    assert standing(store) == {"中央": (48, 42, 0, 90), "区级": (32, 28, 0, 60)}


def test_more_is_claimed_behind_what_is(store: Store, key: str) -> None:
    """Twice some is as once all."""
    post(store, key, (Account.CASE, 0, 13))
    post(store, key, (Account.CASE, 13, 70))

    assert standing(store) == {"中央": (48, 42, 0, 90), "区级": (32, 28, 0, 60)}


def test_what_is_recovered_is_budget_of_the_purses_that_paid(store: Store, key: str) -> None:
    """Half of the claim comes back in the claim's own proportion; the other half is written off."""
    post(store, key, (Account.CASE, 0, 70))
    post(store, key, (Account.CASE, 70, 35), (Account.RECOVERED, 0, 35))
    post(store, key, (Account.CASE, 35, 0), (Account.WRITTEN_OFF, 0, 35))

    assert standing(store) == {"中央": (48, 0, 21, 69), "区级": (32, 0, 14, 46)}


def test_what_is_withdrawn_or_kept_is_paid_as_before(store: Store, key: str) -> None:
    """A case that was none leaves no trace but its entries; so does what somebody may keep."""
    before = standing(store)
    post(store, key, (Account.CASE, 0, 70))
    post(store, key, (Account.CASE, 70, 30))
    post(store, key, (Account.CASE, 30, 0), (Account.KEPT, 0, 30))

    assert standing(store) == before


def test_a_write_off_that_lapses(store: Store, key: str) -> None:
    """What had been given up is paid rightly after all."""
    before = standing(store)
    post(store, key, (Account.CASE, 0, 70))
    post(store, key, (Account.CASE, 70, 0), (Account.WRITTEN_OFF, 0, 70))
    post(store, key, (Account.WRITTEN_OFF, 70, 0))

    assert standing(store) == before
