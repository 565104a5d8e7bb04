"""Laws of the books: whatever happens to items, every account is what the items and the cases say it is."""

from hypothesis import settings
from hypothesis.stateful import invariant

from core.ids import item_id
from core.ledger import ItemState
from core.shares import Purse
from store.journal import PotRecord, read_entries, read_pots, verify_books
from store.line_funds import Funding
from tests.laws.test_store import StoredLedger

NOT_OUT = frozenset({ItemState.OPEN, ItemState.ON_HOLD, ItemState.RETURNED})


class StoredBooks(StoredLedger):
    """The same ledger, paid out of three purses."""

    funding = Funding((Purse("中央", weight=3), Purse("市级", weight=1), Purse("区级", weight=2)))

    @invariant()
    def the_books_are_the_items(self) -> None:
        """M1: reserved, under way, paid and returned are what the items in each state come to, over all purses."""
        with self.store.reading() as rx:
            pots, entries = read_pots(rx), read_entries(rx)
            assert verify_books(rx) == []
            returned = rx.connection.exec_driver_sql(
                "select distinct item_id from batch_item where state in ('confirmed_failed', 'returned')"
            )
            came_back = {str(row[0]) for row in returned}
        assert _sum(pots, "reserved_fen") == self._fen(ItemState.IN_BATCH)
        assert _sum(pots, "in_transit_fen") == self._fen(ItemState.INSTRUCTED)
        waiting = [number for number in self._numbers(*NOT_OUT) if self._id(number) in came_back]
        assert _sum(pots, "returned_fen") == sum(self.model.amounts[number - 1] for number in waiting)
        recovered_fen = sum(
            row["amount_fen"] * (1 if row["target"] == "budget" else -1)
            for row in entries.iter_rows(named=True)
            if row["event"] == "posted" and "budget" in {row["source"], row["target"]}
        )
        claimed_fen = _sum(pots, "receivable_fen") + _sum(pots, "written_off_fen") + recovered_fen
        assert _sum(pots, "paid_fen") + claimed_fen == self._fen(ItemState.PAID)

    def _fen(self, state: ItemState) -> int:
        return sum(self.model.amounts[number - 1] for number in self._numbers(state))

    def _numbers(self, *states: ItemState) -> list[int]:
        return [number for number, state in enumerate(self.model.states, start=1) if state in states]

    def _id(self, number: int) -> str:
        return item_id(self.key, number)


def _sum(pots: tuple[PotRecord, ...], name: str) -> int:
    return sum(getattr(pot, name) for pot in pots)


TestStoredBooks = StoredBooks.TestCase
TestStoredBooks.settings = settings(max_examples=12, stateful_step_count=30)
