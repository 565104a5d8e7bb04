"""Looking into the vault: who a number names, and what is personal about some subjects, each opening recorded."""

import datetime as dt
from collections.abc import Collection, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager

import polars as pl
import sqlalchemy as sa

from core.ids import lines_digest
from profiles.identity import Seals
from store.ahead import read_ahead
from store.audit import record
from store.audit_chain import JSON
from store.merges import Canon, standing_id
from store.of_some import OfSome
from store.opening import Reading, Writing
from store.rows import FEW_ROWS, insert_rows, read_frame, read_matching
from store.tables import Identifier, Personal, Subject, VaultOpening, table_of
from store.vault import check_index, number_row, personal_rows

_IDENTIFIER = table_of(Identifier)
_PERSONAL = table_of(Personal)
_SUBJECT = table_of(Subject)
_OPENING = table_of(VaultOpening)

_ASKED_MAX = (
    500_000  # every resource and load keeps its own rows of everyone: a whole table is many times what is asked
)

SUBJECTS_AT_ONCE = 50_000  # are read while as many are opened

_SEALED = ("asked_id", "field", "resource", "sealed", "bound_to")
"""Sealed values, and what each is bound to beside its column."""

_FEW_WORDS = ("field", "resource", "load_id")

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


def kinds_of(rx: Reading, subject_ids: Iterable[str]) -> pl.DataFrame:
    """Return the kind of each subject that there is: `subject_id`, `subject_kind`."""
    chosen = sa.select(_SUBJECT.c.subject_id, _SUBJECT.c.kind.label("subject_kind"))
    return read_matching(rx, chosen, _SUBJECT.c.subject_id, distinct(subject_ids))


def first_seen(rx: Reading, subject_ids: Iterable[str]) -> dict[str, dt.datetime]:
    """Return the instant from which each subject that there is was known."""
    chosen = sa.select(_SUBJECT.c.subject_id, _SUBJECT.c.first_seen_at)
    return dict(read_matching(rx, chosen, _SUBJECT.c.subject_id, distinct(subject_ids)).iter_rows())


def distinct(ids: Iterable[str]) -> pl.Series:
    """Return ids in their order, each once."""
    given = ids if isinstance(ids, pl.Series) else pl.Series(list(ids), dtype=pl.String)
    return given.unique().sort()


def open_personal(
    tx: Writing,
    seals: Seals,
    subject_ids: Iterable[str],
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
    asked = distinct(subject_ids)
    parts = [asked.slice(place, 1) for place in range(asked.len())] if is_each_recorded else [asked]
    _record(tx, "vault.opened", (asked, parts), fields, by=by, why=why)
    return pl.concat([OPENED.to_frame(), *_opened_in_parts(tx, seals, asked, fields, at_once=SUBJECTS_AT_ONCE)])


@contextmanager
def open_in_parts(  # all by name; an opening has this many parts
    tx: Writing,
    seals: Seals,
    subject_ids: Iterable[str],
    fields: Collection[str],
    *,
    by: str,
    why: str,
    at_once: int = SUBJECTS_AT_ONCE,
) -> Iterator[Iterator[pl.DataFrame]]:
    """Open personal fields as `open_personal`, some subjects after the other; all of them are recorded first.

    The next ones are read while those that were given are worked on: inside, use the transaction for nothing else.
    """
    asked = distinct(subject_ids)
    _record(tx, "vault.opened", (asked, [asked]), fields, by=by, why=why)
    with closing(_opened_in_parts(tx, seals, asked, fields, at_once=at_once)) as opened:
        yield opened


def _record(  # all by name; an opening has this many parts
    tx: Writing,
    event: str,
    asked: tuple[pl.Series, Sequence[pl.Series]],
    fields: Collection[str],
    *,
    by: str,
    why: str,
) -> None:
    """Record that somebody looked, a row for each part of those asked; in the audit chain one entry, however many they are."""
    whole, parts = asked
    names = sorted(set(fields))
    digests = [lines_digest(part.to_list()) for part in parts]
    rows = [
        {
            "opened_at": tx.now,
            "opened_by": by,
            "because": why,
            "fields": ",".join(names),
            "subject_count": part.len(),
            "subjects_digest": digest,
        }
        for part, digest in zip(parts, digests, strict=True)
    ]
    insert_rows(tx, VaultOpening, rows)
    digest = digests[0] if len(parts) == 1 else lines_digest(whole.to_list())
    said: dict[str, JSON] = {"fields": [*names], "subject_count": whole.len(), "subjects_digest": digest}
    record(tx, event, by=by, about=why, said=said)


def _opened_in_parts(
    rx: Reading, seals: Seals, asked: pl.Series, fields: Collection[str], *, at_once: int
) -> Generator[pl.DataFrame, None, None]:
    """Give what is opened of some subjects after the other: `OPENED`."""
    members = Canon.read(rx).pairs(asked).with_columns(place=pl.col("asked_id").rle_id())
    starts = range(0, asked.len(), at_once)
    parts = [members.filter(pl.col("place").is_between(start, start + at_once - 1)) for start in starts]
    names = sorted(set(fields) - {NUMBER})

    def read(part: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame | None]:
        return _read_fields(rx, part, names), _read_numbers(rx, part) if NUMBER in fields else None

    with closing(read_ahead(parts, read)) as coming:  # nothing is being read once an error is heard outside
        for sealed, numbers in coming:
            opened = _opened(sealed, seals, "personal")
            if numbers is None:
                yield opened
            else:
                both = pl.concat([opened, _opened(numbers, seals, "identifier")])
                yield both.sort("subject_id", "field", "resource")


def _read_fields(rx: Reading, members: pl.DataFrame, fields: Sequence[str]) -> pl.DataFrame:
    """Return the newest sealed value of each field and resource: `_SEALED`."""
    names = ("subject_id", "field", "resource", "load_id", "sealed", "loaded_at")
    chosen = sa.select(*(_PERSONAL.c[name] for name in names)).where(_PERSONAL.c.field.in_(fields))
    rows = read_matching(rx, chosen, _PERSONAL.c.subject_id, _ids(members), asked_max=_ASKED_MAX)
    newest = _last(_asked(rows, members), ("place", "field", "resource"), ("loaded_at", "load_id", "subject_id"))
    return newest.with_columns(bound_to=personal_rows(*names[:4])).select(_SEALED)


def _read_numbers(rx: Reading, members: pl.DataFrame) -> pl.DataFrame:
    """Return the newest sealed number: `_SEALED`."""
    names = ("subject_id", "kind", "blind_index", "sealed", "first_seen_at")
    own = sa.select(*(_IDENTIFIER.c[name] for name in names))
    first = own.join(
        _SUBJECT, sa.and_(_SUBJECT.c.kind == _IDENTIFIER.c.kind, _SUBJECT.c.first_index == _IDENTIFIER.c.blind_index)
    )
    found = [
        read_matching(rx, chosen, _IDENTIFIER.c.subject_id, _ids(members), asked_max=_ASKED_MAX)
        for chosen in (first, own.where(_IDENTIFIER.c.is_alias))
    ]
    newest = _last(_asked(pl.concat(found), members), ("place",), ("first_seen_at", "subject_id", "blind_index"))
    bound = [number_row(kind, index) for kind, index in newest.select("kind", "blind_index").iter_rows()]
    return newest.with_columns(
        pl.Series("bound_to", bound, dtype=pl.String), field=pl.lit(NUMBER), resource=pl.lit("")
    ).select(_SEALED)


def _ids(members: pl.DataFrame) -> pl.Series:
    return members["subject_id"].unique().sort()


def _asked(rows: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """Add `asked_id`, under which a row's subject was asked for, and its `place`; one row for each where there are several."""
    return rows.join(members, on="subject_id", how="inner")


def _last(rows: pl.DataFrame, key: Sequence[str], order: Sequence[str]) -> pl.DataFrame:
    """Return of the rows that share a key the last one in an order, by key.

    Words of which there are few are compared by their numbers: as texts that takes ten times as long.
    """
    few = [name for name in _FEW_WORDS if name in rows.columns and rows.height > FEW_ROWS]
    numbered = rows.with_columns(pl.col(name).cast(pl.Enum(rows[name].unique().sort())) for name in few)
    ordered = numbered.sort(*key, *order)
    is_last = pl.any_horizontal(pl.col(name) != pl.col(name).shift(-1) for name in key).fill_null(value=True)
    return ordered.filter(is_last).with_columns(pl.col(few).cast(pl.String))


def _opened(sealed: pl.DataFrame, seals: Seals, table: str) -> pl.DataFrame:
    """Return what was sealed in a table: `_SEALED` in, `OPENED` out."""
    bound = sealed["bound_to"].to_list()
    values = seals.open_many(sealed["sealed"].to_list(), table=table, column="sealed", rows=bound)
    opened = sealed.select("field", "resource", pl.Series("value", values, dtype=pl.String), subject_id="asked_id")
    return opened.select(OPENED.names())


def record_reading(tx: Writing, subject_ids: Iterable[str], fields: Collection[str], *, by: str, why: str) -> None:
    """Record who looked at facts about some subjects and why, as an opening is; nothing is unsealed."""
    asked = distinct(subject_ids)
    _record(tx, "facts.read", (asked, [asked]), fields, by=by, why=why)


def read_openings(rx: Reading) -> pl.DataFrame:
    """Return every opening of the vault, oldest first.

    Adds: `opened_at`, `opened_by`, `because`, `fields`, `subject_count`.
    """
    names = ("opened_at", "opened_by", "because", "fields", "subject_count")
    return read_frame(rx, sa.select(*(_OPENING.c[name] for name in names)).order_by(_OPENING.c.number))
