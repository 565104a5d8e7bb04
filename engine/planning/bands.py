"""Subjects by the dimensions of the catalogue: into which group each falls on a day, and what a group is called."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from core.days import DayRange
from engine.night import Night
from profiles.assemble import assemble
from profiles.catalogue import Attribute
from profiles.dimensions import Dimension
from rules.areas import industry_table, region_name

UNKNOWN = "不明"  # the fact is not known; always last
_MONTH = 100  # so that months and days compare as one number


@dataclass(frozen=True, slots=True)
class Bands:
    """One dimension with the attribute that it groups by."""

    dimension: Dimension
    attribute: Attribute

    def group(self, day: pl.Expr) -> pl.Expr:
        """Return the group of each row of a profiles frame, as a text or a number that sorts.

        Nulls: null where the fact is unknown.
        """
        value = pl.col(self.attribute.code)
        match self.dimension.banding:
            case "digits":
                return value.str.slice(0, self.dimension.digits)
            case "years":
                return _last_reached(_full_years(value, day), self.dimension.years)
            case "bands":
                limits = [int(each * self.attribute.fact_type.denominator) for each in self.dimension.bands]
                return _last_reached(value, limits)
            case "section":
                return _section(value)
            case "value":
                return value.cast(pl.String)

    def label(self, group: str | int | None) -> str:
        """Return what a group is called."""
        if group is None:
            return UNKNOWN
        match self.dimension.banding:
            case "digits":
                return region_name(str(group)) or str(group)
            case "years":
                return _range_words(int(group), self.dimension.years, "岁")
            case "bands":
                return _range_words(int(group), self.dimension.bands, self.attribute.unit or "")
            case "section":
                return f"{group} {industry_table().sections[str(group)].name}"
            case "value":
                return {"true": "是", "false": "否"}.get(str(group), str(group))

    def order(self, group: str | int | None) -> tuple[int, str]:
        """Return where a group stands among the others."""
        if group is None:
            return (2, "")
        if isinstance(group, int):
            return (group - 1000, "")  # before the unknown; there are never a thousand bands
        values = self.attribute.values
        return (values.index(group) - len(values) if group in values else 0, group)


def groups_of(night: Night, kind: str, dimensions: Sequence[Bands], subjects: pl.Series, day: dt.date) -> pl.DataFrame:
    """Return the groups of some subjects on a day, by what is known: `subject_id` and a column per dimension."""
    codes = sorted({each.attribute.code for each in dimensions})
    known_on = min(day, night.business_date)
    profiles = assemble(
        night.catalogue,
        night.loads,
        kind=kind,
        attributes=codes,
        days=DayRange(known_on, known_on),
        known_at=night.known_at,
        subjects=subjects,
    )
    asked = pl.lit(day)
    return profiles.select(
        "subject_id", *(each.group(asked).alias(each.dimension.code) for each in dimensions)
    ).collect()


def _full_years(born: pl.Expr, day: pl.Expr) -> pl.Expr:
    is_before_birthday = day.dt.month() * _MONTH + day.dt.day() < born.dt.month() * _MONTH + born.dt.day()
    return day.dt.year() - born.dt.year() - is_before_birthday.cast(pl.Int32)


def _last_reached(number: pl.Expr, limits: Sequence[int]) -> pl.Expr:
    """Return how many of some rising limits a number has reached."""
    reached = [(number >= limit).cast(pl.Int32) for limit in limits]
    return pl.when(number.is_not_null()).then(pl.sum_horizontal(reached))


def _section(code: pl.Expr) -> pl.Expr:
    """Return the letter of an industry: as written, or by its division."""
    division = code.str.extract(r"(\d{2})").cast(pl.Int32)
    by_division = [
        pl.when((division >= section.first) & (division <= section.last)).then(pl.lit(letter))
        for letter, section in industry_table().sections.items()
    ]
    return pl.coalesce(code.str.extract(r"^([A-T])"), *by_division)


def _range_words(band: int, limits: Sequence[object], unit: str) -> str:
    if band == 0:
        return f"不满{limits[0]}{unit}"
    if band == len(limits):
        return f"{limits[-1]}{unit}以上"
    first, after = limits[band - 1], limits[band]
    last = after - 1 if isinstance(after, int) and unit == "岁" else None
    return f"{first}至{last}{unit}" if last is not None else f"{first}至不满{after}{unit}"
