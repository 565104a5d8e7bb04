import datetime as dt
import sqlite3
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
import sqlalchemy as sa

from store.codes import StoreInvariantError
from store.opening import Reading, Store
from store.rows import (
    ASKED_MAX,
    insert_frame,
    insert_rows,
    read_frame,
    read_joined,
    read_many,
    read_matching,
)
from store.tables import ActivationRow, GrantRow, Identifier, RuleText, Subject, table_of
from tests.store.worlds import CLOCK_START, register

Read = Callable[[Reading, sa.Select[Any]], pl.DataFrame]

SUBJECT = table_of(Subject)
IDENTIFIER = table_of(Identifier)
READS = pytest.mark.parametrize("read", [read_frame, read_many, read_joined])
HARD_TEXTS = ["", "a,b", 'a"b', "a\nb", "\\N", "\\.", "null", " ", "龘靐𠮷", "x\x1fy"]


def _subjects(ids: list[str]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "subject_id": ids,
            "kind": "person",
            "first_index": [each.encode() for each in ids],
            "first_seen_at": CLOCK_START,
        }
    )


@READS
def test_texts_and_bytes_come_back_as_they_went(store: Store, read: Read) -> None:
    """Empty, quoted, multi-line and rare text survives COPY and executemany alike."""
    written = pl.DataFrame(
        {
            "kind": "person",
            "blind_index": [bytes([number, 0, 255]) for number in range(len(HARD_TEXTS))],
            "subject_id": [f"s_{number}" for number in range(len(HARD_TEXTS))],
            "is_alias": [number % 2 == 0 for number in range(len(HARD_TEXTS))],
            "sealed": [b""] * len(HARD_TEXTS),
            "load_id": HARD_TEXTS,
            "first_seen_at": CLOCK_START + dt.timedelta(microseconds=1),
        }
    )
    with store.writing() as tx:
        insert_frame(tx, Identifier, written)

    with store.reading() as rx:
        kept = read(rx, sa.select(IDENTIFIER)).sort("blind_index")

    assert kept.select(written.columns).equals(
        written.with_columns(pl.col("first_seen_at").dt.convert_time_zone("UTC"))
    )


@READS
@pytest.mark.parametrize(
    "texts", [["a\x1eb"], ["\x1e", "c"], ["\x1d"], ["\x1d", "d", "\x1e\x1d"], ["", ""], ["e", None], [None]]
)
def test_marks_between_cells_are_no_part_of_them(store: Store, read: Read, texts: list[str | None]) -> None:
    """A text may hold the very signs that stand between cells, or for null, however rows are read."""
    (subject,) = register(store, "a")
    written = pl.DataFrame(
        {
            "grant_id": [f"g_{number}" for number in range(len(texts))],
            "policy": "p",
            "subject_id": subject,
            "event": [f"{number}" for number in range(len(texts))],
            "state": "active",
            "discovered_on": dt.date(2026, 1, 1),
            "cause": pl.Series(texts, dtype=pl.String),
            "opened_at": CLOCK_START,
            "changed_at": CLOCK_START,
        }
    )
    with store.writing() as tx:
        insert_frame(tx, GrantRow, written)

    with store.reading() as rx:
        kept = read(rx, sa.select(table_of(GrantRow))).sort("grant_id")

    assert kept["cause"].to_list() == texts
    assert kept["discovered_on"].unique().to_list() == [dt.date(2026, 1, 1)]
    assert kept["changed_at"].unique().to_list() == [CLOCK_START]


def test_more_text_than_sqlite_joins_is_read_row_by_row(store: Store) -> None:
    """Where a column's texts together are longer than SQLite's longest, the rows come all the same."""
    ids = [f"s_{number:04}" for number in range(100)]
    with store.writing() as tx:
        insert_frame(tx, Subject, _subjects(ids))

    with store.reading() as rx:
        if not store.is_postgresql:
            below = rx.connection.connection.driver_connection
            assert isinstance(below, sqlite3.Connection)
            below.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 400)
        kept = read_joined(rx, sa.select(SUBJECT.c.subject_id, SUBJECT.c.kind)).sort("subject_id")

    assert kept["subject_id"].to_list() == ids


def test_frames_and_statements_write_the_same(store: Store) -> None:
    """An instant written by a frame equals one written by SQLAlchemy, to the microsecond, in comparisons too."""
    at = CLOCK_START.replace(microsecond=0)
    with store.writing() as tx:
        insert_frame(tx, Subject, _subjects(["s_frame"]).with_columns(first_seen_at=pl.lit(at)))
        insert_rows(tx, Subject, [{"subject_id": "s_row", "kind": "person", "first_index": b"", "first_seen_at": at}])

    with store.reading() as rx:
        chosen = sa.select(SUBJECT.c.subject_id).where(SUBJECT.c.first_seen_at == at, SUBJECT.c.first_seen_at <= at)
        assert sorted(rx.connection.scalars(chosen)) == ["s_frame", "s_row"]


@READS
def test_days_and_nulls(store: Store, read: Read) -> None:
    """A null stays null; days are days; every column has its type even without rows."""
    activation = table_of(ActivationRow)
    frame = pl.DataFrame(
        {
            "activation_id": "a_1",
            "policy": "p",
            "version": [None],
            "valid_from": dt.date(2026, 1, 1),
            "valid_through": [None],
            "activated_at": CLOCK_START,
            "clears": True,
            "activated_by": "officer",
        },
        schema_overrides={"version": pl.Int64, "valid_through": pl.Date},
    )
    with store.writing() as tx:
        insert_frame(tx, ActivationRow, frame)

    with store.reading() as rx:
        kept = read(rx, sa.select(activation))
        none = read(rx, sa.select(activation).where(sa.false()))
        alone = read(rx, sa.select(activation.c.version))

    assert kept.row(0, named=True)["valid_through"] is None
    assert kept["valid_from"].to_list() == [dt.date(2026, 1, 1)]
    assert kept["clears"].to_list() == [True]
    assert none.schema == kept.schema
    assert none.is_empty()
    assert alone["version"].to_list() == [None]


def test_an_empty_frame_writes_nothing(store: Store) -> None:
    """No row, no statement."""
    with store.writing() as tx:
        insert_frame(tx, Subject, _subjects([]))
        insert_rows(tx, Subject, [])


@pytest.mark.parametrize("count", [0, 1, ASKED_MAX, ASKED_MAX + 1])
def test_matching_finds_the_wanted_whatever_their_number(store: Store, count: int) -> None:
    """Few are looked up, many by reading all; the answer is the same."""
    ids = [f"s_{number:05d}" for number in range(ASKED_MAX + 2)]
    wanted = pl.Series("subject_id", [*ids[:count], "s_nobody"] if count else [], dtype=pl.String)
    with store.writing() as tx:
        insert_frame(tx, Subject, _subjects(ids))

        found = read_matching(tx, sa.select(SUBJECT.c.subject_id), SUBJECT.c.subject_id, wanted)

    assert found["subject_id"].sort().to_list() == ids[:count]


def test_a_faulty_frame_is_refused_without_its_values(store: Store) -> None:
    """COPY's own error quotes the line; ours does not."""
    frame = _subjects(["MARKER", "MARKER"])

    with pytest.raises(StoreInvariantError) as caught, store.writing() as tx:
        insert_frame(tx, Subject, frame)

    assert "MARKER" not in str(caught.value)
    assert str(caught.value).startswith("the database refused a row: `")


def test_rule_texts_keep_their_line_ends(store: Store) -> None:
    """A text that is signed by its digest comes back byte by byte."""
    text = "a: 1\r\nb: 2\n"
    row = {
        "policy": "p",
        "version": 1,
        "text": text,
        "fingerprint": "f",
        "valid_from": dt.date(2026, 1, 1),
        "valid_through": None,
        "published_at": CLOCK_START,
        "published_by": "officer",
    }
    with store.writing() as tx:
        insert_rows(tx, RuleText, [row])

    with store.reading() as rx:
        assert rx.connection.scalar(sa.select(table_of(RuleText).c.text)) == text
