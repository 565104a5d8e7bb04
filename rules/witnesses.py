"""Profiles that the solver found, as examples for people: facts as rule files write them."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from core.values import ValueType
from rules.closures import Value
from rules.comparisons import constant_text
from rules.tree import Fact


@dataclass(frozen=True, slots=True)
class Witness:
    """One profile on one day; all its facts are known. `facts` are as frames hold them, by code."""

    facts: Mapping[str, Value]
    day: dt.date
    read: Mapping[str, Fact]

    def __str__(self) -> str:
        """Write it as a worked example does: `day: 2025-07-01, facts: {残疾等级: 1}`."""
        return f"day: {self.day}, facts: {{{', '.join(self.words(self.facts))}}}"

    def words(self, codes: Iterable[str]) -> list[str]:
        """Return facts as a rule file writes them, in the order of their labels."""
        ordered = sorted((self.read[code].label or code, code) for code in codes)
        return [f"{label}: {written(self.facts[code], self.read[code])}" for label, code in ordered]


def written(value: Value, fact: Fact) -> str:
    """Return a value, as a frame holds it, as a rule file writes it.

    Nulls: an unknown value is null.
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return constant_text(Fraction(value, fact.type.denominator))
    if fact.type.type in {ValueType.REGION, ValueType.INDUSTRY}:
        return json.dumps(value)
    return str(value)
