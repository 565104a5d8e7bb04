"""A policy in outline: what a list shows of it to whoever reads it, worked out once for everybody."""

import datetime as dt
from dataclasses import dataclass
from typing import Self

from engine.explaining.examination import Examination
from engine.night import NightPolicy
from rules.tariff import Range
from rules.version import Lane


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """One policy on one day, by the version that stands; told from others as an object, which is quick.

    Where none stands, or events are decided, it has no more than its name and its department. `labels` are what the criteria
    are about; `standard` is what it comes to in the period where that `is_fixed`: no fact of anybody decides it. One that
    does not pay gives something else than money.
    """

    policy: str
    title: str
    owner: str
    lane: Lane | None = None
    summary: str | None = None
    labels: tuple[str, ...] = ()
    valid_through: dt.date | None = None
    pays: bool = True
    is_fixed: bool = False
    standard: Range | None = None

    @classmethod
    def named(cls, policy: NightPolicy) -> Self:
        """Return a policy by its name alone."""
        return cls(policy.policy, policy.current.written.title, policy.current.written.owner)

    @classmethod
    def of(cls, policy: NightPolicy, seen: Examination) -> Self:
        """Return a policy by the version that was examined, for anybody at all."""
        written, is_fixed = seen.written, seen.is_fixed
        return cls(
            policy.policy,
            written.title,
            written.owner,
            written.lane,
            written.summary,
            seen.labels,
            policy.last_day,
            pays=bool(seen.closed.tariff),
            is_fixed=is_fixed,
            standard=seen.amount if is_fixed else None,
        )
