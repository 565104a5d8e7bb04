"""Rows against the contract of their resource: which are accepted, and what is wrong with the others.

Works on whole columns of one batch. What needs all rows of a file (duplicates, completeness) stands in
`profiles.duplicates` and `profiles.completeness`.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import polars as pl

from core.days import FIRST_DAY, LAST_DAY
from core.values import FactType, ValueType
from profiles.catalogue import PERSONAL_ROLES, Column, NumberType, Resource, Role
from profiles.cells import OPEN_END, read_cells, trim
from profiles.codes import ProfileCode
from profiles.numbers import check_digit_ok, is_well_formed, normalise
from profiles.raw_table import DIGITS_LOST
from profiles.resource_checks import NUMBER_ROLES, NUMBER_TYPES, NUMERIC_TYPES

UPSERT, WITHDRAW = "upsert", "withdraw"
OPERATIONS = {
    **dict.fromkeys(
        ("新增", "变更", "修改", "增", "改", "i", "u", "insert", "update", "upsert", "add", "change"), UPSERT
    ),
    **dict.fromkeys(("撤销", "删除", "作废", "撤", "删", "d", "delete", "withdraw", "remove"), WITHDRAW),
}
WHOLE_ROW = "*"  # the column of a fault that no single column has
FAULTS_SCHEMA = {
    "row_number": pl.UInt32,
    "column": pl.String,
    "code": pl.String,
    "subject": pl.String,
    "other": pl.String,
    "former": pl.String,
    "row_key": pl.String,
}
_EXPONENT = r"^[0-9](\.[0-9]+)?[eE]\+[0-9]+$"  # a long number that a spreadsheet has written its way


@dataclass(frozen=True, slots=True)
class Checked:
    """One batch after checking; the accepted rows stand in three frames of equal height and order.

    `keys`: `row_number`, and the normalised numbers `subject`, `other` and `former` as far as declared.
    `values`: what goes into the load frame. `personal`: one String column per personal role.
    `faults`: `row_number`, `column`, `code`, the numbers `subject`, `other` and `former`, null where they cannot be
    read, and the `row_key` of rows whose subject can be read and whose cells are not shifted.
    `odd_checks`: per column, rows accepted although their check digit is wrong.
    """

    row_count: int
    unreadable_count: int
    keys: pl.DataFrame
    values: pl.DataFrame
    personal: pl.DataFrame
    faults: pl.DataFrame
    odd_checks: dict[str, int]


@dataclass(frozen=True, slots=True)
class _Fault:
    column: str
    code: ProfileCode
    rows: pl.Series  # Boolean, never null


def check_batch(batch: pl.DataFrame, resource: Resource, *, today: dt.date) -> Checked:
    """Give types to the rows of a batch, and tell the good from the others.

    Shape:   a batch of `Delivered.batches` in; every row comes out accepted or with at least one fault.
    Expects: `today` is the civil day on which we learn of the rows; events after it cannot have happened.
    """
    return _Check(batch, resource, today).result()


class _Check:
    """The work on one batch."""

    def __init__(self, batch: pl.DataFrame, resource: Resource, today: dt.date) -> None:
        self._batch = batch
        self._resource = resource
        self._today = today
        self._faults: list[_Fault] = []
        self._numbers: dict[Role, pl.Series] = {}
        self._values: dict[str, pl.Series] = {}
        self._personal: dict[str, pl.Series] = {}
        self._withdrawn = pl.repeat(False, batch.height, dtype=pl.Boolean, eager=True)

    def result(self) -> Checked:
        """Check all columns, then the rows, then part them."""
        ragged = ~self._batch["is_whole"]
        self._note(WHOLE_ROW, ProfileCode.CELL_COUNT, ragged)
        columns = sorted(self._resource.columns, key=lambda column: column.role is not Role.OPERATION)
        for column in columns:
            self._column(column, trim(self._batch[column.same_as or column.name]))
        self._rows()
        subject = self._numbers[Role.SUBJECT]
        bad = pl.repeat(False, self._batch.height, dtype=pl.Boolean, eager=True)
        for fault in self._faults:
            bad |= fault.rows
        good = ~bad
        numbers = self._batch["row_number"]
        keys = {"row_number": numbers, **{str(role): series for role, series in self._numbers.items()}}
        return Checked(
            row_count=self._batch.height,
            unreadable_count=subject.null_count(),
            keys=_frame(keys, good),
            values=_frame({**self._values, "row_number": numbers}, good),
            personal=_frame(self._personal, good),
            faults=pl.concat([_empty_faults(), *self._fault_frames(ragged)]),
            odd_checks=dict(self._odd_checks(good)),
        )

    def _column(self, column: Column, texts: pl.Series) -> None:
        if column.role is Role.OPERATION:
            self._operation(column, texts)
        elif column.role in NUMBER_ROLES:
            self._number(column, texts)
        else:
            self._plain(column, texts)

    def _note(self, column: str, code: ProfileCode, rows: pl.Series) -> None:
        rows = rows.fill_null(value=False)
        if rows.any():
            self._faults.append(_Fault(column, code, rows))

    def _operation(self, column: Column, texts: pl.Series) -> None:
        words = texts.str.to_lowercase().replace_strict(OPERATIONS, default=None, return_dtype=pl.String)
        self._note(column.name, ProfileCode.VALUE_NOT_LISTED, words.is_null() & texts.is_not_null())
        if not column.optional:
            self._note(column.name, ProfileCode.VALUE_MISSING, texts.is_null())
        self._values["operation"] = words.fill_null(UPSERT)
        self._withdrawn = self._values["operation"] == WITHDRAW

    def _number(self, column: Column, texts: pl.Series) -> None:
        role, type_ = column.role, _number_type(column)
        assert role is not None  # chosen by role
        lost = self._lost_digits(column, texts)
        numbers = normalise(texts.set(lost, None), type_)
        malformed = ~is_well_formed(numbers, type_, is_former=role is Role.FORMER)
        self._note(column.name, ProfileCode.KEY_MALFORMED, malformed)
        if not column.optional:
            is_needed = ~self._withdrawn if role is Role.OTHER else True
            self._note(column.name, ProfileCode.KEY_MISSING, numbers.is_null() & ~lost & is_needed)
        self._numbers[role] = numbers.set(malformed, None)

    def _plain(self, column: Column, texts: pl.Series) -> None:
        if column.type in {"text", "region", "industry", *NUMBER_TYPES}:
            lost = self._lost_digits(column, texts)
            texts = texts.set(lost, None)
        else:
            lost = pl.Series([False]).new_from_index(0, len(texts))
        if column.role is Role.VALID_THROUGH:
            texts = texts.set(texts.is_in(OPEN_END), str(LAST_DAY))
        type_ = _fact_type(column)
        values = read_cells(texts, type_)
        if not column.optional:
            self._needed(column.name, ProfileCode.VALUE_MISSING, texts.is_null() & ~lost)
        self._needed(column.name, ProfileCode.VALUE_UNREADABLE, values.is_null() & texts.is_not_null())
        if column.values:
            self._needed(column.name, ProfileCode.VALUE_NOT_LISTED, ~values.is_in(column.values))
        beyond = _beyond(values, column, type_)
        if beyond is not None:
            self._needed(column.name, ProfileCode.VALUE_OUT_OF_BOUNDS, beyond)
        self._place(column, values)

    def _needed(self, column: str, code: ProfileCode, rows: pl.Series) -> None:
        """Note a fault of rows that bring something; a withdrawal needs nothing but its key."""
        self._note(column, code, rows & ~self._withdrawn)

    def _lost_digits(self, column: Column, texts: pl.Series) -> pl.Series:
        lost = texts == DIGITS_LOST
        if column.type in NUMBER_TYPES or column.role in {Role.ACCOUNT, Role.PHONE, Role.ROW_KEY}:
            lost |= texts.str.contains(_EXPONENT)
        lost = lost.fill_null(value=False)
        self._note(column.name, ProfileCode.DIGITS_LOST, lost)
        return lost

    def _place(self, column: Column, values: pl.Series) -> None:
        """Put a column where its role belongs; days with a role also stand under their own name."""
        match column.role:
            case None:
                self._values[column.name] = values
            case role if role in PERSONAL_ROLES:
                self._personal[str(role)] = values
            case Role.ROW_KEY:
                self._note(column.name, ProfileCode.VALUE_MISSING, values.is_null() & self._withdrawn)
                self._values["row_key"] = values
            case Role.VALID_FROM:
                self._days("valid_from", column, values, FIRST_DAY)
            case Role.VALID_THROUGH:
                self._days("valid_through", column, values, LAST_DAY)
            case Role.DAY:
                self._days("day", column, values, FIRST_DAY)
                self._needed(column.name, ProfileCode.DAY_AHEAD, values > self._today)
            case _:
                assert column.role not in NUMBER_ROLES  # `_column` has sent these elsewhere

    def _days(self, name: str, column: Column, values: pl.Series, open_end: dt.date) -> None:
        self._values[column.name] = values
        self._values[name] = values.fill_null(open_end)

    def _rows(self) -> None:
        """Check what lies between columns, and open the end of spells that declare none."""
        first = self._values.get("valid_from")
        if first is None:
            return
        if "valid_through" not in self._values:
            self._values["valid_through"] = pl.Series([LAST_DAY]).new_from_index(0, len(first))
        column = self._resource.column_of(Role.VALID_THROUGH) or self._resource.column_of(Role.VALID_FROM)
        assert column is not None  # `valid_from` came from one
        self._needed(column.name, ProfileCode.ENDS_BEFORE_START, first > self._values["valid_through"])

    def _fault_frames(self, ragged: pl.Series) -> Iterator[pl.DataFrame]:
        """Give the faults of each column; of a row with too few or too many cells only that."""
        nobody = pl.Series([None], dtype=pl.String).new_from_index(0, len(ragged))
        rows = pl.DataFrame(
            {
                "row_number": self._batch["row_number"],
                "subject": self._numbers[Role.SUBJECT],
                "other": self._numbers.get(Role.OTHER, nobody),
                "former": self._numbers.get(Role.FORMER, nobody),
                "row_key": self._values.get("row_key", nobody).set(
                    ragged | self._numbers[Role.SUBJECT].is_null(), None
                ),
            }
        )
        for fault in self._faults:
            is_faulty = fault.rows if fault.code is ProfileCode.CELL_COUNT else fault.rows & ~ragged
            words = {"column": pl.lit(fault.column), "code": pl.lit(fault.code.value)}
            yield rows.filter(is_faulty).with_columns(**words).select(FAULTS_SCHEMA.keys())

    def _odd_checks(self, good: pl.Series) -> Iterator[tuple[str, int]]:
        for role, numbers in self._numbers.items():
            column = self._resource.column_of(role)
            assert column is not None  # its numbers were read from it
            odd = numbers.len() and (~check_digit_ok(numbers, _number_type(column)) & good).sum()
            if odd:
                yield column.name, int(odd)


def _beyond(values: pl.Series, column: Column, type_: FactType) -> pl.Series | None:
    """Say which values lie outside what the column may hold, or what a frame can."""
    if type_.type is ValueType.DATE:
        return (values < FIRST_DAY) | (values > LAST_DAY)
    if column.type not in NUMERIC_TYPES:
        return None
    beyond = values.abs() > type_.magnitude_max
    if column.at_least is not None:
        beyond |= values < int(column.at_least * type_.denominator)
    if column.at_most is not None:
        beyond |= values > int(column.at_most * type_.denominator)
    return beyond


def _fact_type(column: Column) -> FactType:
    type_ = ValueType.TEXT if column.type in NUMBER_TYPES else ValueType(column.type)
    return FactType(type_, scale=column.scale, values=column.values)


def _number_type(column: Column) -> NumberType:
    assert column.type in NUMBER_TYPES  # `profiles.resource_checks` made sure of it
    return cast("NumberType", column.type)


def _frame(columns: dict[str, pl.Series], rows: pl.Series) -> pl.DataFrame:
    return (
        pl.DataFrame([series.alias(name) for name, series in columns.items()]).filter(rows)
        if columns
        else pl.DataFrame()
    )


def _empty_faults() -> pl.DataFrame:
    return pl.DataFrame(schema=FAULTS_SCHEMA)
