"""Whether the conditions on rows (`where`) can hold at all."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from core.findings import Finding, Place, nearest_help
from core.values import ValueType
from profiles.catalogue import PERSONAL_ROLES, Condition, Limits, Resource
from profiles.codes import ProfileCode
from profiles.resource_checks import KEY_ROLES, NUMBER_TYPES, NUMERIC_TYPES
from profiles.value_checks import misfit


def known_columns(resource: Resource) -> list[str]:
    """Return the columns that stand in frames under their own name."""
    hidden = PERSONAL_ROLES | KEY_ROLES
    return [each.name for each in resource.columns if each.role not in hidden and each.type not in NUMBER_TYPES]


def check_where(where: dict[str, Condition], resource: Resource, place: Place) -> Iterator[Finding]:
    """Say which conditions name no column, or values that it never holds."""
    columns = {column.name: column for column in resource.columns}
    for name, condition in where.items():
        known = known_columns(resource)
        if name not in columns:
            message = f"`where`: `{resource.resource}` has no column `{name}`"
            yield Finding(ProfileCode.UNKNOWN_COLUMN, place, message, nearest_help(name, known, "column"))
        elif name not in known:
            message = f"`where`: the column `{name}` stays in the vault"
            yield Finding(ProfileCode.NUMBER_IN_FRAME, place, message)
        else:
            column = columns[name]
            yield from check_condition(
                Tested(name, ValueType(column.type), column.scale, column.values), condition, place
            )


@dataclass(frozen=True, slots=True)
class Tested:
    """What a condition is about: a column, or a fact of somebody related."""

    name: str
    type: ValueType
    scale: int
    values: tuple[str, ...]


def check_condition(column: Tested, condition: Condition, place: Place) -> Iterator[Finding]:
    """Say whether a condition can hold at all."""
    equals, bounds = _parts(condition)
    if not equals and not bounds:
        yield Finding(ProfileCode.VALUE_MISFIT, place, f"`where`: `{column.name}` has an empty condition")
    for value in equals:
        fault = misfit(value, column.type, scale=column.scale, values=column.values)
        if fault is not None:
            help_line = nearest_help(str(value), column.values, "value")
            yield Finding(ProfileCode.VALUE_MISFIT, place, f"`where`: `{column.name}`: {fault}", help_line)
    for bound in bounds:
        if column.type not in NUMERIC_TYPES | {"date"}:
            message = f"`where`: `{column.name}` has the type `{column.type}`, which has no order"
            yield Finding(ProfileCode.VALUE_MISFIT, place, message)
        elif (fault := misfit(bound, column.type, scale=column.scale)) is not None:
            yield Finding(ProfileCode.VALUE_MISFIT, place, f"`where`: `{column.name}`: {fault}")


def _parts(condition: Condition) -> tuple[tuple[str | int | bool | dt.date, ...], tuple[int | Decimal | dt.date, ...]]:
    """Return the values a condition names, and its bounds."""
    if isinstance(condition, Limits):
        bounds = tuple(bound for bound in (condition.at_least, condition.at_most) if bound is not None)
        return (*condition.any_of, *condition.none_of), bounds
    return (condition if isinstance(condition, tuple) else (condition,)), ()
