"""What one related subject adds to a fact drawn over a relation: the plain reference, one subject at a time."""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from profiles.asking_rows import meets_value
from profiles.catalogue import Catalogue, Via

Truth = bool | None
Value = Callable[[str, str, dt.date], Any]
"""Gives the value of an attribute of a subject on a day; None where nobody knows it."""

_SWEEP = {"all": "any", "rank": "sum", "count": "sum"}


@dataclass(frozen=True, slots=True)
class Weighing:
    """Weighs those who are related to one subject on a day."""

    catalogue: Catalogue
    value: Value
    via: Via
    subject_id: str
    day: dt.date

    @property
    def pick(self) -> str:
        """Return what picks among what is added."""
        return _SWEEP.get(self.via.pick, self.via.pick)

    def told(self, picked: Any) -> Any:  # noqa: ANN401  # a value of any type
        """Return the fact that a pick comes to."""
        if picked is None:
            return None
        return not picked if self.via.pick == "all" else picked + 1 if self.via.pick == "rank" else picked

    def added(self, other: str | None, *, is_sure: bool) -> tuple[bool, Any]:
        """Return whether a related subject is looked at at all, and what it adds; None where nobody knows."""
        tests = [self._meets(code, other) for code in sorted(self.via.where)]
        sure: Truth = True if is_sure else None
        counts = all_of([sure, *tests])
        fact = True if self.via.attribute is None else self._fact(self.via.attribute, other)
        match self.via.pick:
            case "count":
                return True, None if counts is None else int(counts)
            case "any" if self.via.attribute is None or self.via.where:
                return True, all_of([counts, fact])
            case "all":
                among, holds = (counts, fact) if self.via.attribute else (sure, all_of(tests))
                return True, all_of([among, negated(holds)])
            case "rank":
                before = all_of([counts, self._comes_before(other, fact)])
                return True, None if before is None else int(before)
            case _:
                return counts is not False, fact if counts else None

    def _fact(self, code: str, other: str | None) -> Any:  # noqa: ANN401  # a value of any type
        return None if other is None else self.value(code, other, self.day)

    def _meets(self, code: str, other: str | None) -> Truth:
        cell_type = self.catalogue.attributes[code].fact_type
        return meets_value(self._fact(code, other), cell_type, self.via.where[code])

    def _comes_before(self, other: str | None, fact: Any) -> Truth:  # noqa: ANN401  # a value of any type
        if other == self.subject_id:
            return False
        assert self.via.attribute is not None, "the catalogue's reader asks for it"
        own = self.value(self.via.attribute, self.subject_id, self.day)
        if own is None or fact is None or (fact == own and self.via.ties == "unknown"):
            return None
        return bool(fact < own)


def all_of(truths: Iterable[Truth]) -> Truth:
    """Return whether all hold: False if one does not, else None if one is unknown."""
    every = list(truths)
    return False if False in every else None if None in every else True


def negated(truth: Truth) -> Truth:
    """Return the opposite; unknown stays unknown."""
    return None if truth is None else not truth
