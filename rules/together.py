"""Versions that are closed together, asked at once: every distinct condition once, what it answers as bits of all of them.

A page asks three hundred versions of one profile, and of most of them shows no more than that they do not apply.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rules.answers import Answers, Condition
from rules.closed import ClosedVersion


class Verdict(NamedTuple):
    """What all conditions come to for one profile: the bits of those that do not hold, and of those that nobody knows."""

    failing: int
    unknown: int


@dataclass(frozen=True, slots=True)
class Bits:
    """Which bits are those of one version: all its criteria, and those that a subject can do something about."""

    all: int
    actionable: int


class Together:
    """Some versions, ready to be asked about one profile after the other; `bits` are theirs, in their order.

    A version that asks the same twice has a bit for each time, so that bits count criteria.
    """

    def __init__(self, versions: Sequence[ClosedVersion]) -> None:
        self._places: dict[tuple[Condition, int], int] = {}
        self.bits = tuple(map(self._bits_of, versions))
        raised: dict[Condition, int] = {}
        for (condition, _), place in self._places.items():
            raised[condition] = raised.get(condition, 0) | 1 << place
        self._conditions, self._raised = tuple(raised), tuple(raised.values())

    def asked(self, answers: Answers) -> Verdict:
        """Return what the conditions come to."""
        failing = unknown = 0
        for result, bits in zip(answers.holds(self._conditions), self._raised, strict=True):
            if result is None:
                unknown |= bits
            elif not result:
                failing |= bits
        return Verdict(failing, unknown)

    def _bits_of(self, version: ClosedVersion) -> Bits:
        own = list(self._bits(version.conditions))
        actionable = sum(bit for bit, criterion in zip(own, version.bound, strict=True) if criterion.actionable)
        return Bits(sum(own), actionable)

    def _bits(self, conditions: Iterable[Condition]) -> Iterable[int]:
        asked = Counter[Condition]()
        for condition in conditions:
            yield 1 << self._places.setdefault((condition, asked[condition]), len(self._places))
            asked[condition] += 1
