"""Since when a first grant could be known: each day of learning since the last night is looked at by itself.

After a night of one day's deliveries there is nothing to look at beyond the night itself. After a week
without nights, facts that came on Tuesday and those that came on Thursday reach back from their own day, and who
turned 65 on Monday is found on Monday, by what the last night knew.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import pairwise

import polars as pl

from core.days import add_days
from engine.answers import period_outcomes, profiles_by_kind
from engine.newcomers import FOUND, Learned, found_on_ledger, newcomers
from engine.night import Night, NightPolicy
from engine.nights_before import NightBefore
from engine.people import Present
from engine.units import Unit


def discover(night: Night, present: Present, progress: Callable[[str], None]) -> Mapping[str, pl.DataFrame]:
    """Return, by policy, who was first met by what was known on an earlier day since the last night: `FOUND`.

    Whose grant is provisional is found anew. Policies whose arrears have no bound find nobody: for them the day of discovery says nothing.
    """
    found = {policy.policy: FOUND.to_frame() for policy in night.policies}
    bounded = [policy for policy in night.policies if policy.terms.arrears is not None]
    others = tuple(policy for policy in night.policies if policy.terms.arrears is None)
    asked = replace(night, policies=tuple(bounded), behind=(*night.behind, *others))
    for before, step in _earlier_steps(night, bounded):
        progress(f"what was known on {step.learned_on}")
        profiles = profiles_by_kind(asked, known_at=step.known_at, through=step.through)
        for policy in (each for each in bounded if night.before(each) == before):
            known = pl.concat([present.found_before(policy.policy).select(FOUND.names()), found[policy.policy]])
            newly = _present(_met(night, policy, profiles[policy.kind], step), present)
            newly = newly.join(known, on=["subject_id", "event"], how="anti")
            found[policy.policy] = pl.concat([found[policy.policy], newly])
    return found


def _earlier_steps(night: Night, policies: Iterable[NightPolicy]) -> Iterator[tuple[NightBefore, Learned]]:
    """Give the days of learning before the newest, for each night that some policies go on from.

    A day that the night before has looked at is left out.
    """
    for before in dict.fromkeys(night.before(policy) for policy in policies):
        for (learned_on, known_at), (next_on, _) in pairwise(night.steps_since(before)):
            through = max(learned_on, add_days(next_on, -1))
            if known_at != before.known_at or through > learned_on:
                yield before, Learned(learned_on, known_at, through)


def _met(night: Night, policy: NightPolicy, profiles: pl.DataFrame, step: Learned) -> pl.DataFrame:
    """Return all who are met by what was known on a day of learning, under the ids of that day: `FOUND`."""
    unit = Unit.of(night.catalogue, policy.kind)
    nobody = pl.DataFrame(schema=dict.fromkeys(unit.keys, pl.String))
    periods = period_outcomes(night, policy, profiles, nobody["subject_id"], known_at=step.known_at)
    met = newcomers(night, policy, step, profiles=profiles, periods=periods, known=nobody)
    return found_on_ledger(met, unit)


def _present(met: pl.DataFrame, present: Present) -> pl.DataFrame:
    """Put the id that stands now in the place of those merged since; the earliest of their days counts."""
    standing = pl.col("subject_id", "event").replace(dict(present.ids))
    return (
        met.sort("discovered_on", maintain_order=True)
        .group_by(standing, maintain_order=True)
        .agg(pl.col("discovered_on", "cause").first())
        .sort("subject_id", "event")
    )
