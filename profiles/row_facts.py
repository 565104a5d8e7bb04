"""Facts that hang on one row: where there is no row they all have their absent values, where there is one none has.

For whoever reasons about all possible profiles: a certificate of no kind is not valid. Only what a declaration makes
certain is said: a fact with several sources, or drawn from relatives, hangs on no one row.
"""

import json
from dataclasses import dataclass

from core.values import ValueType
from profiles.catalogue import Attribute, Catalogue, Column, Source
from profiles.stored_values import Stored, value_when_absent
from profiles.value_limits import NO_LIMITS, ValueLimits, source_limits

_WHOLE_ROW = frozenset({"latest", "first"})


@dataclass(frozen=True, slots=True)
class RowFact:
    """How a fact hangs on a row; facts with the same `row` hang on the same one.

    `values` are the texts, and `limits` the numbers, that it can have where there is a row; no values: any text.
    One that `is_presence` is true where there is a row. `absent` is what it is where there is none; None: unknown.
    """

    row: str
    absent: Stored | None
    is_presence: bool = False
    values: tuple[str, ...] = ()
    limits: ValueLimits = NO_LIMITS


def row_fact(catalogue: Catalogue, attribute: Attribute) -> RowFact | None:
    """Return how an attribute hangs on a row, or None where no one row decides it."""
    if len(attribute.sources) != 1 or attribute.via is not None or attribute.lasting:
        return None
    source = attribute.sources[0]
    resource = catalogue.resources.get(source.resource)
    absent = value_when_absent(attribute)
    if resource is None:
        return None
    if source.pick == "any":
        return RowFact(_row(source), absent, is_presence=True) if source.column is None and absent is False else None
    column = next((each for each in resource.columns if each.name == source.column), None)
    if source.pick not in _WHOLE_ROW or column is None or column.optional:
        return None
    limits = source_limits(catalogue, attribute, source)
    return RowFact(_row(source), absent, values=_texts(attribute, column, source), limits=limits)


def _row(source: Source) -> str:
    """Return a name for the rows that a source counts."""
    return json.dumps([source.resource, source.model_dump(mode="json", include={"where", "window", "effect"})])


def _texts(attribute: Attribute, column: Column, source: Source) -> tuple[str, ...]:
    """Return the texts that a row can give, after renaming; nothing where the catalogue does not list them."""
    if attribute.type is not ValueType.TEXT or not column.values:
        return ()
    renamed = (source.values.get(value, value) for value in column.values)
    return tuple(dict.fromkeys(value for value in renamed if isinstance(value, str)))
