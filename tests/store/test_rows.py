import datetime as dt

import polars as pl
import pytest
import sqlalchemy as sa

from core.ledger import GrantState
from store.codes import StoreInvariantError
from store.opening import Store
from store.rows import (
    ASKED_MAX,
    FEW_ROWS,
    insert_frame,
    insert_rows,
    read_frame,
    read_matching,
    run_many,
    touch_all,
)
from store.tables import ActivationRow, GrantRow, Identifier, RuleText, Subject, table_of
from tests.store.worlds import CLOCK_START, register

SUBJECT = table_of(Subject)
GRANT = table_of(GrantRow)
IDENTIFIER = table_of(Identifier)
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


def test_texts_and_bytes_come_back_as_they_went(store: Store) -> None:
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
        kept = read_frame(rx, sa.select(IDENTIFIER).order_by(IDENTIFIER.c.blind_index))

    assert kept.select(written.columns).equals(
        written.with_columns(pl.col("first_seen_at").dt.convert_time_zone("UTC"))
    )


def test_frames_and_statements_write_the_same(store: Store) -> None:
    """An instant written by a frame equals one written by SQLAlchemy, to the microsecond, in comparisons too."""
    at = CLOCK_START.replace(microsecond=0)
    with store.writing() as tx:
        insert_frame(tx, Subject, _subjects(["s_frame"]).with_columns(first_seen_at=pl.lit(at)))
        insert_rows(tx, Subject, [{"subject_id": "s_row", "kind": "person", "first_index": b"", "first_seen_at": at}])

    with store.reading() as rx:
        chosen = sa.select(SUBJECT.c.subject_id).where(SUBJECT.c.first_seen_at == at, SUBJECT.c.first_seen_at <= at)
        assert sorted(rx.connection.scalars(chosen)) == ["s_frame", "s_row"]


def test_days_and_nulls(store: Store) -> None:
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
        kept = read_frame(rx, sa.select(activation))
        none = read_frame(rx, sa.select(activation).where(sa.false()))

    assert kept.row(0, named=True)["valid_through"] is None
    assert kept["valid_from"].to_list() == [dt.date(2026, 1, 1)]
    assert kept["clears"].to_list() == [True]
    assert none.schema == kept.schema
    assert none.is_empty()


def test_an_empty_frame_writes_nothing(store: Store) -> None:
    """No row, no statement."""
    with store.writing() as tx:
        insert_frame(tx, Subject, _subjects([]))
        insert_rows(tx, Subject, [])
        assert run_many(tx, sa.update(SUBJECT).values(kind="x"), []) == 0


@pytest.mark.parametrize("count", [0, 1, ASKED_MAX, ASKED_MAX + 1])
def test_matching_finds_the_wanted_whatever_their_number(store: Store, count: int) -> None:
    """Few are looked up, many by reading all; the answer is the same."""
    ids = [f"s_{number:05d}" for number in range(ASKED_MAX + 2)]
    wanted = pl.Series("subject_id", [*ids[:count], "s_nobody"] if count else [], dtype=pl.String)
    with store.writing() as tx:
        insert_frame(tx, Subject, _subjects(ids))

        found = read_matching(tx, sa.select(SUBJECT.c.subject_id), SUBJECT.c.subject_id, wanted)

    assert found["subject_id"].sort().to_list() == ids[:count]


def test_a_guarded_update_says_whether_all_were_touched(store: Store) -> None:
    """A guard that does not hold for one row is seen; touching more rows than named is our mistake."""
    with store.writing() as tx:
        insert_frame(tx, Subject, _subjects(["s_1", "s_2"]))
        change = sa.update(SUBJECT).where(SUBJECT.c.subject_id == sa.bindparam("key")).values(kind="household")

        assert touch_all(tx, change, [{"key": "s_1"}, {"key": "s_2"}])
        assert not touch_all(tx, change, [{"key": "s_1"}, {"key": "s_3"}])
        with pytest.raises(StoreInvariantError):
            touch_all(tx, sa.update(SUBJECT).values(kind=sa.bindparam("to")), [{"to": "x"}])


@pytest.mark.parametrize("count", [3, FEW_ROWS + 1, 500])
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
            "source": GrantState.ACTIVE,
            "target": GrantState.HELD,
            "why": None if number % 2 else f"{number}, '\"",
            "at": CLOCK_START + dt.timedelta(seconds=number),
            "on": dt.date(2026, 1, 1) + dt.timedelta(days=number),
            "more": number,
        }
        for number, each in enumerate(ids)
    ]

    with store.writing() as tx:
        insert_rows(tx, GrantRow, grants)
        touched = run_many(tx, change, rows)
    names = ("grant_id", "state", "cause", "changed_at", "discovered_on", "revision")
    with store.reading() as rx:
        found = read_frame(rx, sa.select(*(GRANT.c[name] for name in names))).sort("grant_id")

    assert touched == count - 1
    assert found.row(0) == (ids[0], "ended", "rule", CLOCK_START, dt.date(2026, 1, 1), 0)
    assert found.rows()[1:] == [(row["key"], "held", row["why"], row["at"], row["on"], row["more"]) for row in rows[1:]]


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
