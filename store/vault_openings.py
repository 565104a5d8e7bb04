"""Looking into the vault: who a number names, and what is personal about some subjects, each opening recorded."""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import polars as pl
import sqlalchemy as sa

from core.ids import lines_digest
from profiles.identity import Seals
from store.audit import record
from store.audit_chain import JSON
from store.merges import Canon, standing_id
from store.of_some import OfSome
from store.opening import Reading, Writing
from store.rows import insert_rows, read_frame, read_matching
from store.tables import Identifier, Personal, Subject, VaultOpening, table_of
from store.vault import check_index, number_row, personal_rows

_IDENTIFIER = table_of(Identifier)
_PERSONAL = table_of(Personal)
_SUBJECT = table_of(Subject)
_OPENING = table_of(VaultOpening)

_ASKED_MAX = (
    500_000  # every resource and load keeps its own rows of everyone: a whole table is many times what is asked
)

NUMBER = "number"  # the field that gives the number a subject is known by

OPENED = pl.Schema({"subject_id": pl.String(), "field": pl.String(), "resource": pl.String(), "value": pl.String()})
"""What `open_personal` gives: one row per subject, field and resource that knows it."""


def look_up(rx: Reading, seals: Seals, kind: str, number: str) -> str | None:
    """Return the subject that a number names by now, or None.

    Expects: the number is normalised (`profiles.numbers`).
    Fails:   RefusedError where the vault was indexed with another key.
    """
    check_index(rx, seals)
    chosen = sa.select(_IDENTIFIER.c.subject_id).where(
        _IDENTIFIER.c.kind == kind, _IDENTIFIER.c.blind_index == seals.blind_index(kind, number)
    )
    found = rx.connection.scalar(chosen)
    return None if found is None else standing_id(rx, found)


def kind_of(rx: Reading, subject_id: str) -> str | None:
    """Return the kind of a subject, or None where there is no such subject."""
    return next((str(row.kind) for row in _KIND.rows(rx, [subject_id])), None)


_KIND = OfSome(lambda among: sa.select(_SUBJECT.c.kind).where(among(_SUBJECT.c.subject_id)))


def kinds_of(rx: Reading, subject_ids: Iterable[str]) -> dict[str, str]:
    """Return the kind of each subject that there is."""
    ids = pl.Series(sorted(set(subject_ids)), dtype=pl.String)
    return dict(
        read_matching(rx, sa.select(_SUBJECT.c.subject_id, _SUBJECT.c.kind), _SUBJECT.c.subject_id, ids).iter_rows()
    )


def first_seen(rx: Reading, subject_ids: Iterable[str]) -> dict[str, dt.datetime]:
    """Return the instant from which each subject that there is was known."""
    ids = pl.Series(sorted(set(subject_ids)), dtype=pl.String)
    chosen = sa.select(_SUBJECT.c.subject_id, _SUBJECT.c.first_seen_at)
    return dict(read_matching(rx, chosen, _SUBJECT.c.subject_id, ids).iter_rows())


def open_personal(
    tx: Writing,
    seals: Seals,
    subject_ids: Sequence[str],
    fields: Collection[str],
    *,
    by: str,
    why: str,
    is_each_recorded: bool = False,
) -> pl.DataFrame:
    """Open personal fields of some subjects, and record who did it and why in the same transaction.

    There is one record for all, or, where each is opened for a purpose of its own, one for each.
    Shape: `OPENED`, by subject, field and resource; only what is known. Of each resource the newest value.
           `number` gives the newest number, with no resource. A merged subject has what any of its ids had,
           under each id that was asked.
    Fails: RunError where a value does not open.
    """
    asked = sorted(set(subject_ids))
    recorded = [[each] for each in asked] if is_each_recorded else [asked]
    insert_rows(tx, VaultOpening, [_opening(tx, each, fields, by=by, why=why) for each in recorded])
    _say(tx, "vault.opened", asked, fields, by=by, why=why)
    members = Canon.read(tx).pairs(asked)
    parts = [_open_fields(tx, seals, members, sorted(set(fields) - {NUMBER}))]
    if NUMBER in fields:
        parts.append(_open_numbers(tx, seals, members))
    return pl.concat(parts).sort("subject_id", "field", "resource")


def _say(tx: Writing, event: str, asked: Sequence[str], fields: Collection[str], *, by: str, why: str) -> None:
    """Say in the audit chain that somebody looked: one entry, for however many they are."""
    said: dict[str, JSON] = {
        "fields": sorted(set(fields)),
        "subject_count": len(asked),
        "subjects_digest": lines_digest(asked),
    }
    record(tx, event, by=by, about=why, said=said)


def _opening(tx: Writing, asked: Sequence[str], fields: Collection[str], *, by: str, why: str) -> dict[str, Any]:
    return {
        "opened_at": tx.now,
        "opened_by": by,
        "because": why,
        "fields": ",".join(sorted(set(fields))),
        "subject_count": len(asked),
        "subjects_digest": lines_digest(asked),
    }


def _open_fields(rx: Reading, seals: Seals, members: pl.DataFrame, fields: Sequence[str]) -> pl.DataFrame:
    names = ("subject_id", "field", "resource", "load_id", "sealed", "loaded_at")
    chosen = sa.select(*(_PERSONAL.c[name] for name in names)).where(_PERSONAL.c.field.in_(fields))
    read = read_matching(rx, chosen, _PERSONAL.c.subject_id, _ids(members), asked_max=_ASKED_MAX)
    rows = _asked(read, members)
    newest = rows.sort("loaded_at", "load_id", "subject_id").unique(["asked_id", "field", "resource"], keep="last")
    bound = newest.select(personal_rows(*names[:4])).to_series()
    values = seals.open_many(newest["sealed"], table="personal", column="sealed", rows=bound)
    return _opened(newest.select("asked_id", "field", "resource"), values)


def _open_numbers(rx: Reading, seals: Seals, members: pl.DataFrame) -> pl.DataFrame:
    names = ("subject_id", "kind", "blind_index", "sealed", "first_seen_at")
    own = sa.select(*(_IDENTIFIER.c[name] for name in names))
    first = own.join(
        _SUBJECT, sa.and_(_SUBJECT.c.kind == _IDENTIFIER.c.kind, _SUBJECT.c.first_index == _IDENTIFIER.c.blind_index)
    )
    found = [
        read_matching(rx, chosen, _IDENTIFIER.c.subject_id, _ids(members), asked_max=_ASKED_MAX)
        for chosen in (first, own.where(_IDENTIFIER.c.is_alias))
    ]
    rows = _asked(pl.concat(found), members)
    newest = rows.sort("first_seen_at", "subject_id", "blind_index").unique("asked_id", keep="last")
    bound = [number_row(kind, index) for kind, index in newest.select("kind", "blind_index").iter_rows()]
    values = seals.open_many(newest["sealed"], table="identifier", column="sealed", rows=bound)
    return _opened(newest.select("asked_id", field=pl.lit(NUMBER), resource=pl.lit("")), values)


def _ids(members: pl.DataFrame) -> pl.Series:
    return members["subject_id"].unique().sort()


def _asked(rows: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """Add `asked_id`: the id under which a row's subject was asked for; one row for each where there are several."""
    return rows.join(members, on="subject_id", how="inner")


def _opened(keys: pl.DataFrame, values: list[str]) -> pl.DataFrame:
    opened = keys.rename({"asked_id": "subject_id"})
    return opened.with_columns(pl.Series("value", values, dtype=pl.String)).match_to_schema(OPENED)


def record_reading(tx: Writing, subject_ids: Sequence[str], fields: Collection[str], *, by: str, why: str) -> None:
    """Record who looked at facts about some subjects and why, as an opening is; nothing is unsealed."""
    asked = sorted(set(subject_ids))
    insert_rows(tx, VaultOpening, [_opening(tx, asked, fields, by=by, why=why)])
    _say(tx, "facts.read", asked, fields, by=by, why=why)


def read_openings(rx: Reading) -> pl.DataFrame:
    """Return every opening of the vault, oldest first.

    Adds: `opened_at`, `opened_by`, `because`, `fields`, `subject_count`.
    """
    names = ("opened_at", "opened_by", "because", "fields", "subject_count")
    return read_frame(rx, sa.select(*(_OPENING.c[name] for name in names)).order_by(_OPENING.c.number))
