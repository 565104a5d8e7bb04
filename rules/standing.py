"""Which version of a policy stands on a day, by the activations known at an instant.

Activations overlap freely; nothing is edited. A raise, a temporary window, a repeal and a rollback are
all new activations. A suspension keeps an activation in its place and its answer back: what stands is known, what
follows from it is not.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from core.days import LAST_DAY, DayRange, add_days


@dataclass(frozen=True, slots=True)
class Activation:
    """From when through when a version is in force, known from `activated_at` on.

    `version` None is a repeal: nothing is due on its days. An activation that `clears` beats, from its
    `valid_from` on, also those activated earlier with a later beginning; a repeal always clears. From `suspended_from`
    on a person has stopped it: nothing follows from its days, and no other activation takes them over.
    """

    policy: str
    version: int | None
    valid_from: dt.date
    valid_through: dt.date | None
    activated_at: dt.datetime
    clears: bool = False
    suspended_from: dt.date | None = None

    @property
    def days(self) -> DayRange:
        """Return the days it covers."""
        return DayRange(self.valid_from, self.valid_through or LAST_DAY)

    def is_suspended_on(self, day: dt.date) -> bool:
        """Say whether a person has stopped what it would decide on a day."""
        return self.suspended_from is not None and self.suspended_from <= day


def resumed(activations: Iterable[Activation]) -> tuple[Activation, ...]:
    """Return activations as they would stand if nobody had suspended any."""
    return tuple(replace(each, suspended_from=None) for each in activations)


class StandState(StrEnum):
    """What a stretch of days has."""

    IN_FORCE = "in_force"
    REPEALED = "repealed"  # zero is due
    SUSPENDED = "suspended"  # stopped by a person: unknown, and nothing goes on in grace
    LAPSED = "lapsed"  # ended without a successor: unknown, for renewals come late
    NOT_BEGUN = "not_begun"  # the benefit does not exist yet


@dataclass(frozen=True, slots=True)
class Stand:
    """Consecutive days on which the same version stands; `version` only while in force."""

    days: DayRange
    state: StandState
    version: int | None = None


def standing(activations: Iterable[Activation], days: DayRange, *, known_at: dt.datetime) -> tuple[Stand, ...]:
    """Return what stands on each day of a range, as stretches in order.

    Expects: activations of one policy.
    Source:  the greatest `valid_from` wins, then the greatest `activated_at`; see `Activation` for clearing.
    """
    known = sorted((a for a in activations if a.activated_at <= known_at), key=lambda a: (a.valid_from, a.activated_at))
    starts = {days.first}
    for activation in known:
        starts |= {activation.valid_from, add_days(activation.days.last, 1)}
        starts |= {activation.suspended_from} if activation.suspended_from else set()
    firsts = sorted(start for start in starts if start in days)
    lasts = [*(add_days(first, -1) for first in firsts[1:]), days.last]
    stands: list[Stand] = []
    for first, last in zip(firsts, lasts, strict=True):
        state, version = _on(first, known)
        stretch = DayRange(first, last)
        if stands and (stands[-1].state, stands[-1].version) == (state, version):
            stretch = DayRange(stands.pop().days.first, stretch.last)
        stands.append(Stand(stretch, state, version))
    return tuple(stands)


def continued(stands: Iterable[Stand]) -> tuple[tuple[Stand, ...], dt.date | None]:
    """Return stands with the last version in force going on after its end, and the first day on which it does.

    Source: for a benefit that goes on for those who had it; whoever is met later for the first time has nothing. What is
            suspended does not go on: that is what it was suspended for.
    """
    found, last, since = list[Stand](), None, None
    for stand in stands:
        if stand.state is StandState.IN_FORCE:
            last = stand.version
        elif last is not None and stand.state is not StandState.SUSPENDED:
            since = since or stand.days.first
            found.append(Stand(stand.days, StandState.IN_FORCE, last))
            continue
        found.append(stand)
    return tuple(found), since


def _on(day: dt.date, known: list[Activation]) -> tuple[StandState, int | None]:
    covering = [activation for activation in known if day in activation.days]
    standing_ones = [
        activation
        for activation in covering
        if not any(
            (other.clears or other.version is None) and other.activated_at > activation.activated_at
            for other in covering
        )
    ]
    if standing_ones:
        winner = max(standing_ones, key=lambda a: (a.valid_from, a.activated_at))
        if winner.is_suspended_on(day):
            return StandState.SUSPENDED, None
        return (StandState.REPEALED, None) if winner.version is None else (StandState.IN_FORCE, winner.version)
    if any(activation.days.last < day for activation in known):
        return StandState.LAPSED, None
    return StandState.NOT_BEGUN, None
