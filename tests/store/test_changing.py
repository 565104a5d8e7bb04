"""Changes that a frame asks for, row by row or all at once."""

import datetime as dt

import polars as pl
import pytest
import sqlalchemy as sa

from core.ledger import GrantState
from store.changing import run_many, touch_all
from store.codes import StoreInvariantError
from store.opening import Store
from store.rows import FEW_CHANGES, FEW_ROWS, insert_frame, insert_rows, read_frame
from store.tables import GrantRow, Subject, table_of
from tests.store.worlds import CLOCK_START, register

SUBJECT = table_of(Subject)
GRANT = table_of(GrantRow)


def _subjects(*ids: str) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "subject_id": ids,
            "kind": "person",
            "first_index": [each.encode() for each in ids],
            "first_seen_at": CLOCK_START,
        }
    )


def test_without_rows_nothing_is_changed(store: Store) -> None:
    """No row, no statement: an update without its condition would change everything."""
    with store.writing() as tx:
        insert_frame(tx, Subject, _subjects("s_1"))
        assert run_many(tx, sa.update(SUBJECT).values(kind="x"), pl.DataFrame()) == 0
        assert tx.connection.scalar(sa.select(SUBJECT.c.kind)) == "person"


def test_a_guarded_update_says_whether_all_were_touched(store: Store) -> None:
    """A guard that does not hold for one row is seen; touching more rows than named is our mistake."""
    with store.writing() as tx:
        insert_frame(tx, Subject, _subjects("s_1", "s_2"))
        change = sa.update(SUBJECT).where(SUBJECT.c.subject_id == sa.bindparam("key")).values(kind="household")

        assert touch_all(tx, change, pl.DataFrame({"key": ["s_1", "s_2"]}))
        assert not touch_all(tx, change, pl.DataFrame({"key": ["s_1", "s_3"]}))
        with pytest.raises(StoreInvariantError):
            touch_all(tx, sa.update(SUBJECT).values(kind=sa.bindparam("to")), pl.DataFrame({"to": ["x"]}))


@pytest.mark.parametrize("count", [3, FEW_ROWS + 1, max(FEW_CHANGES.values()) + 1])
def test_many_updates_are_as_one_after_the_other(store: Store, count: int) -> None:
    """However a database takes them: words of enums, instants and nulls go where they belong, guards hold row by row."""
    (subject,) = register(store, "a")
    ids = [f"g_{number:04}" for number in range(count)]
    grants = [
        {
            "grant_id": each,
            "policy": "p",
            "subject_id": subject,
            "event": each,
            "state": GrantState.ACTIVE if number else GrantState.ENDED,  # the first is in another state
            "discovered_on": dt.date(2026, 1, 1),
            "cause": "rule",
            "opened_at": CLOCK_START,
            "changed_at": CLOCK_START,
            "run_id": None,
            "revision": 0,
        }
        for number, each in enumerate(ids)
    ]
    own = (GRANT.c.grant_id == sa.bindparam("key"), GRANT.c.state == sa.bindparam("source"))
    change = (
        sa.update(GRANT)
        .where(*own)
        .values(
            state=sa.bindparam("target"),
            cause=sa.bindparam("why"),
            changed_at=sa.bindparam("at"),
            discovered_on=sa.bindparam("on"),
            revision=GRANT.c.revision + sa.bindparam("more"),
        )
    )
    rows = [
        {
            "key": each,
            "source": "active",
            "target": "held",
            "why": None if number % 2 else f"{number}, '\"",
            "at": CLOCK_START + dt.timedelta(seconds=number),
            "on": dt.date(2026, 1, 1) + dt.timedelta(days=number),
            "more": number,
        }
        for number, each in enumerate(ids)
    ]

    with store.writing() as tx:
        insert_rows(tx, GrantRow, grants)
        touched = run_many(tx, change, pl.DataFrame(rows))
    names = ("grant_id", "state", "cause", "changed_at", "discovered_on", "revision")
    with store.reading() as rx:
        found = read_frame(rx, sa.select(*(GRANT.c[name] for name in names))).sort("grant_id")

    assert touched == count - 1
    assert found.row(0) == (ids[0], "ended", "rule", CLOCK_START, dt.date(2026, 1, 1), 0)
    assert found.rows()[1:] == [(row["key"], "held", row["why"], row["at"], row["on"], row["more"]) for row in rows[1:]]
