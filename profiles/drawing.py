"""How a source's declaration reads a row: whether it counts, what value it gives, on which days it holds.

Expressions over load frames; null in a condition means that nobody knows whether the row counts.
"""

import datetime as dt
from collections.abc import Sequence

import polars as pl

from core.days import LAST_DAY
from core.values import FactType, ValueType
from profiles.catalogue import Attribute, Column, Condition, Limits, Resource, Role, Source, Window
from profiles.day_keys import day_no, day_numbers
from profiles.stored_values import column_type, stored_value

_ROLE_COLUMNS = frozenset({Role.VALID_FROM, Role.VALID_THROUGH, Role.DAY, Role.ROW_KEY})
"""Columns that frames call by their role, not by the department's word."""


def column_named(resource: Resource, name: str) -> Column:
    """Return a resource's column."""
    return next(column for column in resource.columns if column.name == name)


def frame_name(column: Column) -> str:
    """Return what load frames call a column."""
    return column.role.value if column.role in _ROLE_COLUMNS else column.name


def columns_read(resource: Resource, source: Source) -> set[str]:
    """Return the columns of load frames that a source needs beside the standing ones."""
    drawn = {frame_name(column_named(resource, source.column))} if source.column else set()
    return drawn | conditions_read(resource, source.where)


def conditions_read(resource: Resource, where: dict[str, Condition]) -> set[str]:
    """Return the columns of load frames that conditions need."""
    return {frame_name(column_named(resource, name)) for name in where}


def row_counts(resource: Resource, where: dict[str, Condition]) -> pl.Expr:
    """Return whether a row meets all conditions.

    Nulls: null where a cell that could decide is empty.
    """
    tests = [_test(column_named(resource, name), condition) for name, condition in sorted(where.items())]
    return pl.all_horizontal(tests) if tests else pl.lit(True)


def _test(column: Column, condition: Condition) -> pl.Expr:
    return meets(pl.col(frame_name(column)), column_type(column), condition)


def meets(cell: pl.Expr, cell_type: FactType, condition: Condition) -> pl.Expr:
    """Return whether a cell, or a fact, meets a condition.

    Nulls: null where it is not known.
    """
    if isinstance(condition, tuple):
        return cell.is_in([stored_value(each, cell_type) for each in condition])
    if not isinstance(condition, Limits):
        return cell == stored_value(condition, cell_type)
    tests = []
    if condition.any_of:
        tests.append(cell.is_in([stored_value(each, cell_type) for each in condition.any_of]))
    if condition.none_of:
        tests.append(~cell.is_in([stored_value(each, cell_type) for each in condition.none_of]))
    if condition.at_least is not None:
        tests.append(cell >= stored_value(condition.at_least, cell_type))
    if condition.at_most is not None:
        tests.append(cell <= stored_value(condition.at_most, cell_type))
    return pl.all_horizontal(tests) if tests else pl.lit(True)


def row_value(resource: Resource, source: Source, attribute: Attribute) -> pl.Expr:
    """Return the value that a row gives to a pick.

    Nulls: null where the cell is empty, renamed to null, or outside the attribute's list of values.
    """
    if source.column is None:
        return pl.lit(1, pl.Int64) if source.pick == "count" else pl.lit(True)
    column = column_named(resource, source.column)
    renamed = _renamed(column, source, attribute.fact_type)
    if attribute.type is ValueType.TEXT and attribute.values:
        return pl.when(renamed.is_in(list(attribute.values))).then(renamed)
    return renamed


def _renamed(column: Column, source: Source, wanted: FactType) -> pl.Expr:
    cell, cell_type = pl.col(frame_name(column)), column_type(column)
    if column.role is Role.VALID_FROM:
        cell = pl.when(day_numbers(cell) > 0).then(cell)  # an open beginning is no day
    is_same_type = (cell_type.type, cell_type.scale) == (wanted.type, wanted.scale)
    if not source.values:
        assert is_same_type, "the catalogue's reader compares the types of column and attribute"
        return cell
    meant = {
        stored_value(word, cell_type): None if value is None else stored_value(value, wanted)
        for word, value in source.values.items()
    }
    kept = cell if is_same_type else pl.lit(None, wanted.dtype)
    return cell.replace_strict(meant, default=kept, return_dtype=wanted.dtype)


def last_counted(day: pl.Expr, window: Window | None) -> pl.Expr:
    """Return the number of the last day on which a window still holds an event of a day.

    A window of n days holds the day asked about and the n - 1 before it; one of n months holds what
    lies fewer than n full months back.
    """
    if window is None:
        return pl.lit(day_no(LAST_DAY), pl.Int32)
    if window.days is not None:
        return day_numbers(day) + (window.days - 1)
    assert window.months is not None, "a window has days or months"
    return day_numbers(day_months_later(day, window.months)) - 1


def day_months_later(day: pl.Expr, months: int | pl.Expr) -> pl.Expr:
    """Return the first day that lies so many full months later: the same day, or the next month's first."""
    month = day.dt.year() * 12 + day.dt.month() - 1 + months
    first = _first_of(month)
    return pl.min_horizontal(first + pl.duration(days=day.dt.day().cast(pl.Int64) - 1), _first_of(month + 1))


def _first_of(month: pl.Expr) -> pl.Expr:
    month = month.cast(pl.Int32)
    return pl.date(month // 12, month % 12 + 1, 1)


def reaches_back(day: dt.date, windows: Sequence[Window | None]) -> int | None:
    """Return the number of a day before which no event counts on a day or later; None: all history counts."""
    lengths = [_days_at_most(window) for window in windows]
    known = [length for length in lengths if length is not None]
    return day_no(day) - max(known) if known and len(known) == len(lengths) else None


def _days_at_most(window: Window | None) -> int | None:
    if window is None:
        return None
    return window.days if window.months is None else 31 * window.months + 1
