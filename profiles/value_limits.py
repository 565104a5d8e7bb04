"""The least and the most that a number can be, by what the catalogue says of the columns it is drawn from.

For whoever reasons about all possible profiles. What is not said has no limit: nothing is guessed.
"""

import math
from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from profiles.catalogue import Attribute, Catalogue, Source
from profiles.stored_values import value_when_absent


class ValueLimits(NamedTuple):
    """Both inclusive, as frames hold the attribute; None is no limit."""

    least: int | None = None
    most: int | None = None

    def holding(self, value: int) -> "ValueLimits":
        """Return the limits widened to hold a value."""
        return ValueLimits(
            None if self.least is None else min(self.least, value),
            None if self.most is None else max(self.most, value),
        )


NO_LIMITS = ValueLimits()
_COUNTED = ValueLimits(least=0)
_ONE_OF_THE_ROWS = frozenset({"latest", "first", "max", "min"})


def value_limits(catalogue: Catalogue, attribute: Attribute) -> ValueLimits:
    """Return the limits of a numeric attribute: every source counts, and the value that absence means."""
    if not attribute.fact_type.is_numeric:
        return NO_LIMITS
    drawn = [source_limits(catalogue, attribute, source) for source in attribute.sources]
    if attribute.via is not None:
        drawn.append(_of_relatives(catalogue, attribute))
    limits = _either(drawn)
    absent = value_when_absent(attribute)
    return limits if absent is None else limits.holding(int(absent))  # type: ignore[arg-type]  # a number: numeric


def source_limits(catalogue: Catalogue, attribute: Attribute, source: Source) -> ValueLimits:
    """Return the limits of what one source gives a numeric attribute, where it gives anything."""
    if source.pick == "count":
        return _COUNTED
    resource = catalogue.resources.get(source.resource)
    column = next((each for each in resource.columns if each.name == source.column), None) if resource else None
    if column is None:
        return NO_LIMITS
    scale = attribute.fact_type.denominator
    least = None if column.at_least is None else math.ceil(Fraction(column.at_least) * scale)
    most = None if column.at_most is None else math.floor(Fraction(column.at_most) * scale)
    limits = _picked(ValueLimits(least, most), source.pick)
    for renamed in source.values.values():
        if isinstance(renamed, int):
            limits = limits.holding(renamed * scale)
    return limits


def _of_relatives(catalogue: Catalogue, attribute: Attribute) -> ValueLimits:
    via = attribute.via
    if via is None or via.pick == "count":
        return _COUNTED
    if via.pick == "rank":
        return ValueLimits(least=1)
    relative = catalogue.attributes.get(via.attribute or "")
    if relative is None or relative.fact_type.denominator != attribute.fact_type.denominator:
        return NO_LIMITS
    return _picked(value_limits(catalogue, relative), via.pick)


def _picked(limits: ValueLimits, pick: str) -> ValueLimits:
    """Return the limits of what a pick makes of values within limits."""
    if pick in _ONE_OF_THE_ROWS:
        return limits
    if pick == "sum" and limits.least is not None and limits.least >= 0:
        return _COUNTED
    return NO_LIMITS


def _either(drawn: Iterable[ValueLimits]) -> ValueLimits:
    """Return the limits of a value that comes from any one of several places."""
    every = list(drawn)
    leasts = [each.least for each in every]
    mosts = [each.most for each in every]
    return ValueLimits(
        min((each for each in leasts if each is not None), default=None) if None not in leasts else None,
        max((each for each in mosts if each is not None), default=None) if None not in mosts else None,
    )
