"""What published policies say of subjects, for facts that are drawn from it: a sibling who is met, a parent's 低保.

Decided as a night decides: by the version that stands on each day and the facts as known at the same instant.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from core.days import DayRange
from core.errors import RunError
from core.findings import Finding, Place
from engine.codes import RunCode
from engine.match import stretches_of
from engine.night import Night, NightPolicy
from profiles.assemble import assemble
from profiles.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class PolicyOutcomes:
    """The policies of a night and those behind them, asked about subjects as known at an instant."""

    night: Night
    known_at: dt.datetime

    def stretches(self, policy: str, subject_ids: pl.Series, days: DayRange) -> pl.DataFrame | None:
        """Return on which days subjects are met: as `profiles.outcomes.Outcomes`."""
        found = next((each for each in (*self.night.policies, *self.night.behind) if each.policy == policy), None)
        if found is None:
            return None
        edges = {edge: None for version in found.versions.values() for edge in version.edges}
        profiles = assemble(
            self.night.catalogue,
            self.night.loads,
            kind=found.kind,
            attributes=sorted(found.attributes),
            days=days,
            known_at=self.known_at,
            edges=tuple(edges),
            subjects=subject_ids,
            outcomes=self,
        )
        met = stretches_of(profiles, found.stands(days, self.known_at), found.compiled)
        return met.select("subject_id", "day", "through", "met").unique().sort("subject_id", "day").collect()


def check_outcomes(catalogue: Catalogue, policies: Iterable[NightPolicy]) -> None:
    """Check that no policy rests on its own outcome, over whatever relatives, and none on that of single events.

    Fails: RunError.
    """
    asked = {policy.policy: outcomes_asked(catalogue, policy.attributes) for policy in policies}
    findings = [
        Finding(
            RunCode.OUTCOME_CIRCLE,
            Place(policy),
            "its outcome rests on itself: " + " ← ".join(f"`{each}`" for each in path),
            "draw one of these facts from shared data instead",
        )
        for policy in asked
        if (path := _circle(policy, asked))
    ]
    if findings:
        raise RunError(findings)


def outcomes_asked(catalogue: Catalogue, codes: Iterable[str]) -> frozenset[str]:
    """Return the policies whose outcomes stand behind some facts."""
    waiting, seen = list(codes), set[str]()
    while waiting:
        code = waiting.pop()
        if code not in seen and code in catalogue.attributes:
            seen.add(code)
            waiting += catalogue.facts_behind(catalogue.attributes[code])
    named = (catalogue.attributes[code].outcome_of for code in seen)
    return frozenset(policy for policy in named if policy is not None)


def _circle(policy: str, asked: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    """Return the shortest way from a policy back to itself; empty: there is none."""
    paths, seen = list[tuple[str, ...]]([(policy,)]), set[str]()
    for path in paths:  # grows while it is read
        for following in sorted(asked.get(path[-1], ())):
            if following == policy:
                return (*path, policy)
            if following not in seen:
                seen.add(following)
                paths.append((*path, following))
    return ()
