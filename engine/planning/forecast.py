"""What is due by month: facts as on the day asked about, only `day()` and activations moving, as for advance payment.

Everyone who is met in a period is counted, also those whose lane still asks for a confirmation: it is what the policy
costs when all of them take it up. Benefits that are bound together are netted in `engine.planning.netted`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from core.days import DayRange, PeriodKind, add_months
from core.timetables import Timetable
from engine.acts import waived_frame
from engine.answers import asking_of, first_period, period_outcomes
from engine.decide import OUTCOMES, STANDING, Decision, named_days_of, with_ids
from engine.dues import DUES, Reach, dues_of
from engine.durations import limited, limits_of
from engine.match import STRETCHES
from engine.netting.bonds import Bond
from engine.newcomers import FOUND, Learned, found_on_ledger, newcomers
from engine.night import NightPolicy
from engine.people import Present
from engine.periods import period_number
from engine.planning.sides import Horizon
from engine.units import UNIT_ID, Unit
from rules.bound import MEASURE_MARK

AHEAD = pl.Schema(
    {
        "policy": pl.String(),
        "subject_id": pl.String(),
        "event": pl.String(),
        "period": pl.String(),
        "component": pl.String(),
        "version": pl.Int32(),
        "month_no": pl.Int32(),
        "is_met": pl.Boolean(),
        "at_least_fen": pl.Int64(),
        "at_most_fen": pl.Int64(),
    }
)
"""One row per due of the months, named as on the ledger: the month that it falls to, and what its own rule says.

A period falls to the month in which it begins or, where that is later, in which it was first met.
"""

MONTHLY = Timetable(PeriodKind.MONTH)

EARLIER = -1  # the `month_no` of everything before the first month looked at


@dataclass(frozen=True)
class Ahead:
    """What one policy owes some units in the months, by its own rule: `AHEAD`, and the decision that it comes from."""

    decision: Decision
    dues: pl.DataFrame


def asked_days(
    present: Present, policy: NightPolicy, horizon: Horizon, bonds: Iterable[Bond], *, whole: bool
) -> DayRange:
    """Return the days that have to be asked for the dues of some months.

    Of a benefit by month the months themselves, with those that grace and backdating look back over, and the year that a
    bond holds together. Where months are counted from the first one, and of other benefits, and where the `whole` past is
    wanted, every day that a night may have to ask.
    """
    own = present.night.days_asked(policy)
    last = max(horizon.days.last, own.last)
    limits = limits_of(policy.current.written)
    spans = {bond.span for bond in bonds if policy.policy in bond.policies}
    is_counted = limits.counts is not None or bool(limits.instalments)
    if whole or is_counted or policy.terms.period is not PeriodKind.MONTH or spans & {"lifetime", "event"}:
        return DayRange(own.first, last)
    back = policy.terms.grace.periods + (policy.terms.backdate.months if policy.terms.backdate else 0)
    begun = horizon.days.first.replace(month=1) if "year" in spans else horizon.days.first
    return DayRange(max(own.first, add_months(begun, -back)), last)


def alone(stretches: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Return every unit that has a stretch on some side as standing for itself: `subject_id`, `weight`."""
    units = pl.concat([frame.select("subject_id") for frame in stretches]).unique().sort("subject_id")
    return units.with_columns(weight=pl.lit(1, dtype=pl.UInt32))


def representatives(stretches: Sequence[pl.DataFrame], marks: pl.DataFrame) -> pl.DataFrame:
    """Return one subject of each group whose stretches are alike on every side, and for how many it stands.

    Months of a whole district come from a few hundred histories; each is worked out once.

    Shape: `STRETCHES` of each side; `subject_id` and `mark`, what else tells subjects apart; out: `subject_id`,
           `weight`. Who has no stretch is owed nothing.
    """
    columns = [name for name in STRETCHES.names() if name != "subject_id"]
    texts = [pl.col(name).cast(pl.String).fill_null("?") for name in columns]
    histories = (
        pl.concat(
            [
                frame.lazy().select(
                    "subject_id", pl.concat_str([pl.lit(str(side)), *texts], separator="|").alias("row")
                )
                for side, frame in enumerate(stretches)
            ]
        )
        .group_by("subject_id")
        .agg(pl.col("row").sort().str.join("\n").alias("history"))
        .join(marks.lazy(), on="subject_id", how="left", validate="1:1")
    )
    alike = histories.group_by("history", pl.col("mark").fill_null("")).agg(pl.col("subject_id").min(), pl.len())
    return alike.select("subject_id", pl.col("len").alias("weight")).sort("subject_id").collect()


def marks_of(present: Present, policies: Mapping[str, Sequence[NightPolicy]]) -> pl.DataFrame:
    """Return what tells units with alike stretches apart: first payable periods, and waivers, under each policy.

    Shape: `subject_id`, `mark`; policies by code, as they are on each side.
    """
    marks = [pl.DataFrame(schema={"subject_id": pl.String, "mark": pl.String})]
    for code, sides in sorted(policies.items()):
        held = present.grants_of(code)
        waived = waived_frame(present.acts_of(held["grant_id"]))["grant_id"].unique()
        numbers = [
            first_period(policy).number(pl.col("discovered_on"), pl.col("cause")).cast(pl.String) for policy in sides
        ]
        number = pl.concat_str(pl.lit(code), *numbers, separator=" ")
        mark = pl.when(pl.col("grant_id").is_in(waived.implode())).then("grant_id").otherwise(number)
        marks.append(held.select("subject_id", mark.alias("mark")))
    return pl.concat(marks).group_by("subject_id").agg(pl.col("mark").sort().str.join(" "))


def look_ahead(
    present: Present, policy: NightPolicy, profiles: pl.DataFrame, *, days: DayRange, horizon: Horizon
) -> Ahead:
    """Return what one policy owes some units in the months.

    Nulls: an outcome that stays unknown beyond its grace owes nothing for certain.
    """
    night, unit = present.night, Unit.of(present.night.catalogue, policy.kind)
    held = present.grants_of(policy.policy).select(STANDING)
    held = held.filter(UNIT_ID.is_in(profiles["subject_id"].unique().implode()))
    known = unit.from_ledger(held.select(FOUND.names()))
    asking = asking_of(night, policy, days)
    periods = period_outcomes(night, policy, profiles, known["subject_id"], known_at=night.known_at, asking=asking)
    today = Learned(night.steps_of_learning[-1][0], night.known_at, days.last)
    found = newcomers(night, policy, today, profiles=profiles, periods=periods, known=known.select(unit.keys))
    new = with_ids(found_on_ledger(found, unit), policy.policy)
    standing = pl.concat([held, new])
    reach = Reach(asking, first_period(policy), policy.terms.grace.periods)
    waived = waived_frame(present.acts_of(held["grant_id"]))
    asked = dues_of(periods, unit.from_ledger(standing), waived, reach, unit)
    is_measure = pl.col("component").str.starts_with(MEASURE_MARK)
    measures = asked.filter(is_measure)
    counted = limited(asked.filter(is_measure.not_()), measures, limits_of(policy.current.written))
    decision = Decision(
        policy=policy,
        outcomes=OUTCOMES.to_frame(),
        new_grants=new,
        standing=standing,
        dues=counted if policy.pays else DUES.to_frame(),
        accounted=DUES.to_frame() if policy.pays else counted,
        measures=measures,
        named_days=named_days_of(night, policy, profiles),
    )
    return Ahead(decision, _by_month(policy, counted, periods, horizon))


def _by_month(policy: NightPolicy, dues: pl.DataFrame, periods: pl.DataFrame, horizon: Horizon) -> pl.DataFrame:
    """Return the dues that fall to one of the months, or before them: `AHEAD`."""
    keys = ("subject_id", "period_no", "component")
    begun = periods.group_by(keys).agg(pl.col("first_met_on").min()).rename({"subject_id": "unit_id"})
    first = period_number(pl.lit(horizon.days.first), MONTHLY)
    month = period_number(pl.max_horizontal("period_first", "first_met_on"), MONTHLY)
    return (
        dues.lazy()
        .with_columns(unit_id=UNIT_ID, policy=pl.lit(policy.policy))
        .join(begun.lazy(), on=["unit_id", "period_no", "component"], how="left", validate="m:1")
        .with_columns(month_no=pl.when(month >= first).then(month).otherwise(EARLIER))
        .filter(pl.col("month_no") <= period_number(pl.lit(horizon.days.last), MONTHLY))
        .select(AHEAD.names())
        .cast(AHEAD)
        .collect()
    )
