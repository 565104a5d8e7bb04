"""One subject's rows of one resource, read as `semantics.md` §1 says it, one row at a time.

Part of the plain reference `profiles.asking`; shares with the fast way only how literals are stored.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from core.days import FIRST_DAY, add_days, add_months
from core.loads import LoadInfo, Loads
from core.values import FactType
from profiles.catalogue import (
    Attribute,
    Column,
    Condition,
    Delivery,
    Effect,
    Limits,
    Resource,
    ResourceKind,
    Role,
    Source,
)
from profiles.keyed_rows import Row, keyed_rows
from profiles.stored_values import column_type, stored_value

_MONTHS_PER_YEAR = 12
_CALLED_BY_ROLE = frozenset({Role.VALID_FROM, Role.VALID_THROUGH, Role.DAY})


@dataclass(slots=True)
class Shelf:
    """The rows of loads by the ids of a subject; read once, kept for the next question."""

    loads: Loads
    _kept: dict[tuple[str, str, frozenset[str]], list[Row]] = field(default_factory=dict)

    def rows(self, info: LoadInfo, who: str, ids: frozenset[str]) -> list[Row]:
        """Return the rows of one load that have one of the ids in a column."""
        return self._read(info.path, who, ids) if info.accepted_count else []

    def is_held_back(self, infos: Sequence[LoadInfo], who: str, ids: frozenset[str]) -> bool:
        """Say whether a load has a row with one of the ids in quarantine that no later load mends."""
        return any(
            not self._is_mended(row.get("row_key"), infos[number + 1 :])
            for number, info in enumerate(infos)
            if info.quarantined_count
            for row in self._read(info.quarantine_path, who, ids)
        )

    def _is_mended(self, row_key: str | None, later: Iterable[LoadInfo]) -> bool:
        """Say whether a later load has a row of the same key; without a key nobody can tell, so it has not."""
        return row_key is not None and any(self.rows(info, "row_key", frozenset({row_key})) for info in later)

    def last_words(self, infos: Iterable[LoadInfo], who: str, ids: frozenset[str]) -> Iterator[Row]:
        """Give the last operation on each row key that ever named one of the ids, unless it is a withdrawal."""
        ordered = list(infos)
        keys = frozenset(row["row_key"] for info in ordered for row in self.rows(info, who, ids))
        words: dict[str, Row] = {}
        for number, info in enumerate(ordered):
            for row in sorted(self.rows(info, "row_key", keys), key=lambda row: int(row["row_number"])):
                words[row["row_key"]] = row | {"row_number": (number, row["row_number"])}
        for row in words.values():
            if row["operation"] != "withdraw" and row[who] in ids:
                yield row

    def _read(self, path: str, who: str, ids: frozenset[str]) -> list[Row]:
        if not ids:
            return []
        if (path, who, ids) not in self._kept:
            rows = keyed_rows(f"{self.loads.root}/{path}", who, ids)
            self._kept[path, who, ids] = _scanned(self.loads.root / path, who, ids) if rows is None else rows
        return self._kept[path, who, ids]


def _scanned(path: Path, who: str, ids: frozenset[str]) -> list[Row]:
    frame = pl.scan_parquet(path)
    is_known = who in frame.collect_schema()
    return frame.filter(pl.col(who).is_in(sorted(ids))).collect().to_dicts() if is_known else []


@dataclass(frozen=True, slots=True)
class Counted:
    """A row that counts: its fact's own day, its order, its value; None where it is not known."""

    own: dt.date
    place: Any  # a row number, or the position of its load and a row number
    value: Any


def counts(resource: Resource, where: dict[str, Condition], row: Row) -> bool | None:
    """Say whether a row meets all conditions; None where an empty cell decides."""
    met = [_meets(_column(resource, name), condition, row) for name, condition in where.items()]
    return False if False in met else None if None in met else True


def _column(resource: Resource, name: str) -> Column:
    return next(column for column in resource.columns if column.name == name)


def _cell(column: Column, row: Row) -> Any:  # noqa: ANN401  # a cell of any column
    return row.get(column.role.value if column.role in _CALLED_BY_ROLE else column.name)


def _meets(column: Column, condition: Condition, row: Row) -> bool | None:
    return meets_value(_cell(column, row), column_type(column), condition)


def meets_value(cell: Any, cell_type: FactType, condition: Condition) -> bool | None:  # noqa: ANN401  # any type
    """Say whether a cell, or a fact, meets a condition; None where it is not known."""
    limits = condition
    if cell is None:
        return None
    if not isinstance(limits, Limits):
        meant = limits if isinstance(limits, tuple) else (limits,)
        return cell in [stored_value(each, cell_type) for each in meant]
    stored = {
        name: [stored_value(each, cell_type) for each in listed if each is not None]
        for name, listed in (
            ("any_of", limits.any_of),
            ("none_of", limits.none_of),
            ("at_least", (limits.at_least,)),
            ("at_most", (limits.at_most,)),
        )
    }
    return (
        (not stored["any_of"] or cell in stored["any_of"])
        and cell not in stored["none_of"]
        and all(cell >= bound for bound in stored["at_least"])
        and all(cell <= bound for bound in stored["at_most"])
    )


def value_of(resource: Resource, source: Source, attribute: Attribute, row: Row) -> Any:  # noqa: ANN401  # any type
    """Return the value that a row gives; None where it is not known."""
    if source.column is None:
        return 1 if source.pick == "count" else True
    column = _column(resource, source.column)
    value = _cell(column, row)
    if value is None or (column.role is Role.VALID_FROM and value <= FIRST_DAY):
        return None
    renamed = {stored_value(word, column_type(column)): meant for word, meant in source.values.items()}
    if value in renamed:
        meant = renamed[value]
        return None if meant is None else stored_value(meant, attribute.fact_type)
    if source.values and (column.type, column.scale) != (attribute.type.value, attribute.scale):
        return None
    return None if attribute.values and value not in attribute.values else value


def holding(resource: Resource, source: Source, rows: list[Row], day: dt.date) -> list[Row]:
    """Return which rows hold on a day; those of a list do on every day for which it answers."""
    if resource.kind is ResourceKind.SNAPSHOT:
        return rows
    counts_from = partial(_counts_from, source.effect)
    if resource.kind is ResourceKind.EVENT:
        return [row for row in rows if counts_from(row["day"]) <= day and _in_window(source, row["day"], day)]
    begins = {row["valid_from"] for row in rows}
    return [
        row
        for row in rows
        if counts_from(row["valid_from"]) <= day
        and (
            day <= row["valid_through"]
            or (add_days(row["valid_through"], 1) in begins and day < counts_from(add_days(row["valid_through"], 1)))
        )
    ]


def _counts_from(effect: Effect, start: dt.date) -> dt.date:
    match effect:
        case "same_day":
            return start
        case "next_day":
            return add_days(start, 1)
        case "next_month":
            return add_months(start.replace(day=1), 1)
        case "next_year":
            return dt.date(start.year + 1, 1, 1)


def _in_window(source: Source, event: dt.date, day: dt.date) -> bool:
    if source.window is None:
        return True
    if source.window.days is not None:
        return (day - event).days < source.window.days
    assert source.window.months is not None, "a window has days or months"
    months = (day.year - event.year) * _MONTHS_PER_YEAR + day.month - event.month - (day.day < event.day)
    return months < source.window.months


def own_day(resource: Resource, row: Row, info: LoadInfo) -> dt.date:
    """Return the day that a row's fact belongs to."""
    by_kind = {ResourceKind.SPELL: "valid_from", ResourceKind.EVENT: "day"}
    if resource.kind is ResourceKind.SNAPSHOT:
        return info.data_date
    day: dt.date = row[by_kind[resource.kind]]
    return day


def is_increment(resource: Resource) -> bool:
    """Say whether the loads of a resource add up, rather than replace each other."""
    return resource.delivery is Delivery.INCREMENT


def picked(counted: list[Counted], pick: str) -> tuple[Any, dt.date]:
    """Return what a pick makes of rows that hold, and that fact's own day."""
    newest = max(row.own for row in counted)
    values = [row.value for row in counted]
    match pick:
        case "latest" | "first":
            best = (max if pick == "latest" else min)(counted, key=lambda row: (row.own, row.place))
            return best.value, best.own
        case "max" | "min":
            unknown = [row for row in counted if row.value is None]
            extreme = (
                (max if pick == "max" else min)(value for value in values if value is not None) if not unknown else None
            )
            return extreme, max(row.own for row in (unknown or counted) if row.value == extreme)
        case "any":
            return True if True in values else None if None in values else False, newest
        case _:
            return None if None in values else sum(values), newest
