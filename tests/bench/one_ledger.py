"""A ledger as years leave it, in a process of its own: `python -m tests.bench.one_ledger URL DUES ITEMS`.

It is written past the product, in bulk: a policy that paid for years, and the one whose standard rises tonight. The month
of the latter is written as nights write, so that indexes are as full as nights leave them.
"""

import datetime as dt
import sys
from collections.abc import Iterator, Mapping
from functools import partial

import polars as pl
import sqlalchemy as sa

from core.clock import FixedClock
from core.ledger import GrantState, ItemKind, ItemState
from store.opening import Writing, open_store
from store.rows import insert_frame
from store.tables import GrantRow, ItemRow, ObligationRow, Row, Subject
from tests.bench.filling import Fill, filled, filling

NOW = dt.datetime(2026, 3, 15, 20, 0, tzinfo=dt.UTC)
DAY = dt.date(2026, 3, 15)
POLICY, OTHER = "nursing", "living"
PAID_FEN = 15_000
FIRST_YEAR = 1900  # so that months suffice for any ledger

_FILLED = (Subject, GrantRow, ObligationRow, ItemRow)
_AT_ONCE = 500_000
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = pl.Series([first + second for first in _LETTERS for second in _LETTERS])


def main() -> None:
    """Build it."""
    build(sys.argv[1], dues=int(sys.argv[2]), items=int(sys.argv[3]))


def build(url: str, *, dues: int, items: int) -> None:
    """Fill an empty database: the policy's dues of this month paid at 150 each, and the rest by the other, month by month.

    Expects: at least as many items as dues.
    """
    assert items >= dues
    with open_store(url, clock=FixedClock(NOW)) as store, filling(store, _FILLED) as fill:
        for first, count in _parts(dues):
            fill(Subject, _subjects(first, count).sort("subject_id"), {"kind": "person", "first_seen_at": NOW})
            _grant(fill, OTHER, first, count)
            _grant(fill, POLICY, first, count)
        for start in range(
            0, items - dues, dues
        ):  # everybody's, then everybody's of the next month, as far as items go
            for first, count in _parts(min(dues, items - dues - start)):
                _pay(fill, OTHER, first, count, month=1 + start // dues)
    with open_store(url, clock=FixedClock(NOW)) as store:
        with store.writing() as tx:
            for first, count in _parts(dues):
                _pay(partial(_write, tx), POLICY, first, count, month=0)
        if store.is_postgresql:
            with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(sa.text("vacuum analyze"))


def _parts(whole: int) -> Iterator[tuple[int, int]]:
    """Give where each part begins and how many it has."""
    for first in range(0, whole, _AT_ONCE):
        yield first, min(_AT_ONCE, whole - first)


def _write(tx: Writing, model: type[Row], rows: pl.DataFrame, same: Mapping[str, object]) -> None:
    insert_frame(tx, model, filled(rows, same))


def _grant(fill: Fill, policy: str, first: int, count: int) -> None:
    standing = {"policy": policy, "event": "", "state": GrantState.ACTIVE, "discovered_on": DAY}
    opened = {"opened_at": NOW, "changed_at": NOW, "run_id": "r", "revision": 0}
    rows = _subjects(first, count).select("subject_id", grant_id=_ids(f"g{policy}", first, count)).sort("grant_id")
    fill(GrantRow, rows, standing | opened)


def _pay(fill: Fill, policy: str, first: int, count: int, *, month: int) -> None:
    """Write an obligation and its paid item for each of some grants; month 0 is this one."""
    period = f"{FIRST_YEAR + month // 12}-{1 + month % 12:02d}" if month else f"{DAY:%Y-%m}"
    sums = dict.fromkeys(("recovered_fen", "written_off_fen", "kept_fen", "case_open_fen"), 0)
    due = {"due_at_least_fen": PAID_FEN, "due_at_most_fen": PAID_FEN, "due_is_open": False}
    obligations = _ids(f"o{month}", first, count).alias("obligation_id")
    owed = pl.DataFrame([obligations, _ids(f"g{policy}", first, count).alias("grant_id")]).sort("obligation_id")
    named = {"period": period, "component": "main"}
    fill(ObligationRow, owed, named | due | sums | {"version": 1, "revision": 0})
    paid = {"sequence": 1, "amount_fen": PAID_FEN, "kind": ItemKind.REGULAR, "state": ItemState.PAID}
    opened = {"opened_at": NOW, "changed_at": NOW, "run_id": "r", "revision": 0}
    rows = pl.DataFrame([_ids(f"i{month}", first, count).alias("item_id"), obligations]).sort("item_id")
    fill(ItemRow, rows, paid | opened)


def _subjects(first: int, count: int) -> pl.DataFrame:
    return _ids("s", first, count).to_frame("subject_id").with_columns(first_index=pl.lit(b"0"))


def _ids(what: str, first: int, count: int) -> pl.Series:
    """Return ids that look like those of `core.ids`, and lie about as they do: the first letter of `what` and 16 more."""
    seed = int.from_bytes(what.encode()) % 2**32
    numbers = pl.int_range(first, first + count, eager=True)
    bits = [numbers.hash(seed), numbers.hash(seed + 1)]
    pairs = [
        _PAIRS.gather((bits[place // 6] // 2 ** (10 * (place % 6)) % len(_PAIRS)).cast(pl.UInt32)).alias(f"{place}")
        for place in range(8)
    ]
    return pl.DataFrame(pairs).select(pl.concat_str(pl.lit(f"{what[0]}_"), pl.all())).to_series()


if __name__ == "__main__":
    main()
