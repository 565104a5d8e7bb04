"""One policy's night: profiles → outcomes on the business date, new grants, and what is due to every grant."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from core import ids
from core.days import MONTHS_OF, MONTHS_PER_YEAR, add_months
from engine.acts import waived_frame
from engine.answers import asking_of, first_period, outcomes_asked, period_outcomes, policy_match
from engine.dues import DUES, Reach, dues_of
from engine.durations import limited, limits_of
from engine.lanes.night_acts import answer_acts, overdue_acts
from engine.lanes.progress import Coming, Progress, first_state, progress_by_grant, progress_frame
from engine.named_days import NAMED, named_days
from engine.newcomers import FOUND, Learned, found_on_ledger, newcomers
from engine.night import Night, NightPolicy
from engine.people import Present
from engine.policy_match import Matched, MatchedHere, MatchedSince
from engine.suspension import held_back
from engine.units import Unit
from rules.bound import MEASURE_MARK

STANDING = ("subject_id", "event", "grant_id", "discovered_on", "cause")
"""The columns of a policy's grants."""

OUTCOMES = pl.Schema(
    {
        "subject_id": pl.String(),
        "day": pl.Date(),
        "outcome": pl.Enum(["met", "not_met", "unknown"]),
        "failing": pl.List(pl.String()),
        "missing": pl.List(pl.String()),
        "amount_fen": pl.Int64(),
        "near_miss": pl.Boolean(),
    }
)
"""Outcomes on the business date; see `engine.match.decide`."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What one policy comes to in one night.

    `outcomes`: every unit's on the business date; empty where no version stands on it, or nobody asked.
    `new_grants` and `standing`, all grants: `STANDING`. `dues`: of all grants that may make items. `measures`: what
    netting asks of the same periods; rows like dues, and never paid.
    `accounted`: what a benefit that pays nothing is worth, rows like dues.
    `named_days`: the day of each unit where the rule goes by it, else of none. `coming`: how far the grants have come before
    money; nothing of it where money alone was asked for.
    """

    policy: NightPolicy
    outcomes: pl.DataFrame
    new_grants: pl.DataFrame
    standing: pl.DataFrame
    dues: pl.DataFrame
    accounted: pl.DataFrame
    measures: pl.DataFrame
    named_days: pl.DataFrame
    coming: Coming = field(default_factory=Coming)


def decide_policy(
    present: Present,
    policy: NightPolicy,
    profiles: pl.DataFrame,
    earlier: pl.DataFrame,
    *,
    matched: Matched | None = None,
    tells_outcomes: bool = True,
) -> Decision:
    """Decide one policy for everyone; whoever asks for money alone is told no outcomes.

    Expects: profiles of the policy's kind of subject, as known at the night's instant, and what was `matched` of them, if
             it was; `earlier` is who was met on an earlier day of learning: `FOUND`.
    """
    matched = matched or MatchedHere(policy_match(present.night, policy), profiles)
    night, unit = present.night, Unit.of(present.night.catalogue, policy.kind)
    held = present.grants_of(policy.policy).select(STANDING)
    known = unit.from_ledger(pl.concat([present.found_before(policy.policy).select(FOUND.names()), earlier]))
    having = unit.from_ledger(pl.concat([held.select(FOUND.names()), earlier]))["subject_id"].unique()
    lately = _lately(night, policy, matched, unit.from_ledger(held)["subject_id"])
    periods = period_outcomes(night, policy, profiles, having, known_at=night.known_at, matched=lately)
    today = Learned(night.steps_since(night.before(policy))[-1][0], night.known_at, night.business_date)
    found = newcomers(night, policy, today, profiles=profiles, periods=periods, known=known.select(unit.keys))
    newly = pl.concat([earlier, found_on_ledger(found, unit)]).sort("subject_id", "event")
    held = _found_anew(held, newly)
    new = with_ids(newly.join(held, on=["subject_id", "event"], how="anti", maintain_order="left"), policy.policy)
    standing = pl.concat([held, new])
    coming = coming_of(present, policy, standing)
    paying = standing.join(coming.frame.filter("is_through"), on="grant_id", how="semi", maintain_order="left")
    reach = Reach(asking_of(night, policy), first_period(policy), policy.terms.grace.periods)
    waived = waived_frame(present.acts_of(paying["grant_id"]))
    is_counted = policy.pays or any(version.tariff for version in policy.versions.values())
    dues = dues_of(periods, unit.from_ledger(paying), waived, reach, unit) if is_counted else DUES.to_frame()
    dues = night.lookback.within(policy.policy, dues, new["grant_id"])
    is_measure = pl.col("component").str.starts_with(MEASURE_MARK)
    dues, measures = dues.filter(is_measure.not_()), dues.filter(is_measure)
    stands = policy.stands(night.days_asked(policy), night.known_at)
    counted = held_back(limited(dues, measures, limits_of(policy.current.written)), stands)
    return Decision(
        policy=policy,
        outcomes=_told(matched) if tells_outcomes else OUTCOMES.to_frame(),
        new_grants=new,
        standing=standing,
        dues=counted if policy.pays else DUES.to_frame(),
        accounted=DUES.to_frame() if policy.pays else counted,
        measures=measures,
        named_days=named_days_of(night, policy, profiles),
        coming=coming,
    )


def _lately(night: Night, policy: NightPolicy, matched: Matched, having: pl.Series) -> Matched:
    """Return what units come to, but for the past that is not looked at, and that grace does not go by, of those who have a grant."""
    since = night.lookback.since.get(policy.policy)
    if since is None:
        return matched
    months = MONTHS_OF.get(policy.terms.period, policy.timetable.months or MONTHS_PER_YEAR)
    settled = having.filter(having.is_in(night.lookback.whole.implode()).not_())
    return MatchedSince(matched, add_months(since, -months * (policy.terms.grace.periods + 1)), settled)


def _found_anew(held: pl.DataFrame, newly: pl.DataFrame) -> pl.DataFrame:
    """Return grants with the day and the cause of those that are found once more; the others as they are: `STANDING`."""
    keys, days = ["subject_id", "event"], ("discovered_on", "cause")
    anew = newly.select(*keys, *(pl.col(name).alias(f"{name}_anew") for name in days), is_anew=pl.lit(value=True))
    joined = held.join(anew, on=keys, how="left", validate="1:1", maintain_order="left")
    is_anew = pl.col("is_anew").fill_null(value=False)
    chosen = [pl.when(is_anew).then(f"{name}_anew").otherwise(name).alias(name) for name in days]
    return joined.with_columns(chosen).select(STANDING)


def named_days_of(night: Night, policy: NightPolicy, profiles: pl.DataFrame) -> pl.DataFrame:
    """Return the day that each unit is decided on, of a policy whose rule goes by it; else of none."""
    anchor = policy.current.version_by
    if anchor is None:
        return pl.DataFrame(schema={"subject_id": pl.String, NAMED: pl.Date})
    return named_days(profiles.lazy(), anchor, night.business_date).collect()


def with_ids(found: pl.DataFrame, policy: str) -> pl.DataFrame:
    """Return newly met subjects and events as grants: `STANDING`."""
    made = [ids.grant_id(policy, *named) for named in found.select("subject_id", "event").iter_rows()]
    return found.with_columns(pl.Series("grant_id", made, dtype=pl.String)).select(STANDING)


def outcomes_on_date(night: Night, policy: NightPolicy, profiles: pl.DataFrame) -> pl.DataFrame:
    """Return everyone's outcome on the business date, with what it is worth for the period of that day: `OUTCOMES`.

    Of what is suspended too: nothing follows from it.
    """
    asked = outcomes_asked(night, policy)
    return OUTCOMES.to_frame() if asked is None else asked.of(profiles.lazy()).collect()


def _told(matched: Matched) -> pl.DataFrame:
    outcomes = matched.outcomes()
    return OUTCOMES.to_frame() if outcomes is None else outcomes


def coming_of(present: Present, policy: NightPolicy, standing: pl.DataFrame) -> Coming:
    """Return how far the grants of a policy have come before money, also by what time alone does this night."""
    written = policy.current.written
    first, known = first_state(written), progress_by_grant(written, present.acts_of(standing["grant_id"]))
    subjects = dict(standing.select("grant_id", "subject_id").iter_rows()) if known else {}
    answered = answer_acts(present, policy, standing, known)
    acts = [*overdue_acts(present, policy, known, subjects), *answered]
    by_grant = {**known, **{act.grant_id: known.get(act.grant_id, Progress(first)).after(act, first) for act in acts}}
    before = present.grants_of(policy.policy).select("grant_id", "was_active")
    grants = standing.join(before, on="grant_id", how="left", validate="1:1", maintain_order="left")
    return Coming(progress_frame(written, grants, by_grant), by_grant, tuple(acts))


def labels_of(policy: NightPolicy) -> Mapping[str, str]:
    """Return the words for each criterion of the governing version."""
    return {criterion.id: criterion.label for criterion in policy.current.criteria}
