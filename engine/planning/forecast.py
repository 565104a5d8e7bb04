"""What is due by month: facts as on the day asked about, only `day()` and activations moving, as for advance payment.

Everyone who is met in a period is counted, also those whose lane still asks for a confirmation: it is what the policy
costs when all of them take it up. What is bound together with other
benefits, such as an exclusion group, is not netted here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from core.days import MONTHS_PER_YEAR, DayRange, PeriodKind, add_months
from core.timetables import Timetable
from engine.acts import waived_frame
from engine.answers import first_period, period_outcomes
from engine.decide import STANDING, with_ids
from engine.dues import Reach, dues_of
from engine.durations import limited, limits_of
from engine.match import STRETCHES
from engine.newcomers import FOUND, Learned, found_on_ledger, newcomers
from engine.night import NightPolicy
from engine.people import Present
from engine.periods import Asking, period_number
from engine.planning.sides import Horizon
from engine.units import UNIT_ID, Unit
from rules.bound import MEASURE_MARK

PAYABLE = pl.Schema(
    {"subject_id": pl.String(), "month_no": pl.Int32(), "is_met": pl.Boolean(), "at_least_fen": pl.Int64()}
)
"""One row per subject and month: whether any period that falls to the month is met, and what is due for certain.

A period falls to the month in which it begins or, where that is later, in which it was first met.
"""

MONTHLY = Timetable(PeriodKind.MONTH)

EARLIER = -1  # the `month_no` of everything before the first month looked at


@dataclass(frozen=True, slots=True)
class MonthEffect:
    """One month before and after: people with a period that is met, and money that is due.

    `month` is None for everything before the first month. Units: fen.
    """

    month: str | None
    met_before: int
    met_after: int
    gained: int
    lost: int
    more: int
    less: int
    before_fen: int
    after_fen: int

    @property
    def difference_fen(self) -> int:
        """Return what the change costs, or saves."""
        return self.after_fen - self.before_fen


def asked_days(present: Present, policy: NightPolicy, horizon: Horizon, *, whole: bool) -> DayRange:
    """Return the days that have to be asked for the dues of some months.

    Of a benefit by month the months themselves, with those that grace and backdating look back over; else, and where
    the `whole` past is wanted, every day that a night may have to ask.
    """
    own = present.night.days_asked(policy)
    last = max(horizon.days.last, own.last)
    if whole or policy.terms.period is not PeriodKind.MONTH:
        return DayRange(own.first, last)
    back = policy.terms.grace.periods + (policy.terms.backdate.months if policy.terms.backdate else 0)
    return DayRange(max(own.first, add_months(horizon.days.first, -back)), last)


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


def marks_of(present: Present, policies: Sequence[NightPolicy], stretches: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Return what tells units with alike stretches apart: their first payable period, and waivers.

    Where a policy looks back from an anchor day of each unit, or units belong to others, each stands for itself.
    """
    units = [Unit.of(present.night.catalogue, policy.kind) for policy in policies]
    by_itself = any(policy.current.backdate or first_period(policy).by_cause for policy in policies)
    if by_itself or any(unit.carried for unit in units):
        return pl.concat([frame.select("subject_id") for frame in stretches]).unique().with_columns(mark="subject_id")
    held = present.grants_of(policies[-1].policy)
    waived = waived_frame(present.acts_of(held["grant_id"]))["grant_id"].unique()
    numbers = [
        first_period(policy).number(pl.col("discovered_on"), pl.col("cause")).cast(pl.String) for policy in policies
    ]
    mark = pl.when(pl.col("grant_id").is_in(waived.implode())).then("grant_id").otherwise(pl.concat_str(numbers))
    return held.select("subject_id", mark.alias("mark"))


def payable_by_month(
    present: Present, policy: NightPolicy, profiles: pl.DataFrame, *, days: DayRange, horizon: Horizon
) -> pl.DataFrame:
    """Return what one policy owes some units, by month: `PAYABLE`.

    Nulls: an outcome that stays unknown beyond its grace owes nothing for certain.
    """
    night, unit = present.night, Unit.of(present.night.catalogue, policy.kind)
    held = present.grants_of(policy.policy).select(STANDING)
    held = held.filter(UNIT_ID.is_in(profiles["subject_id"].unique().implode()))
    known = unit.from_ledger(held.select(FOUND.names()))
    asking = Asking(policy.terms.period, policy.terms.counts, days, policy.timetable)
    periods = period_outcomes(night, policy, profiles, known["subject_id"], known_at=night.known_at, asking=asking)
    today = Learned(night.steps_of_learning[-1][0], night.known_at, days.last)
    found = newcomers(night, policy, today, profiles=profiles, periods=periods, known=known.select(unit.keys))
    standing = pl.concat([held, with_ids(found_on_ledger(found, unit), policy.policy)])
    reach = Reach(asking, first_period(policy), policy.terms.grace.periods)
    waived = waived_frame(present.acts_of(held["grant_id"]))
    asked = dues_of(periods, unit.from_ledger(standing), waived, reach, unit).with_columns(subject_id=UNIT_ID)
    is_measure = pl.col("component").str.starts_with(MEASURE_MARK)
    limits = limits_of(policy.current.written)
    dues = limited(asked.filter(is_measure.not_()), asked.filter(is_measure), limits)
    keys = ("subject_id", "period_no", "component")
    begun = periods.group_by(keys).agg(pl.col("first_met_on").min())
    first = period_number(pl.lit(horizon.days.first), MONTHLY)
    month = period_number(pl.max_horizontal("period_first", "first_met_on"), MONTHLY)
    return (
        dues.lazy()
        .join(begun.lazy(), on=keys, how="left", validate="m:1")
        .with_columns(month_no=pl.when(month >= first).then(month).otherwise(EARLIER))
        .filter(pl.col("month_no") <= period_number(pl.lit(horizon.days.last), MONTHLY))
        .group_by("subject_id", "month_no")
        .agg(pl.col("is_met").any(), pl.col("at_least_fen").sum())
        .cast(PAYABLE)
        .collect()
    )


def months_between(
    before: pl.DataFrame, after: pl.DataFrame, weights: pl.DataFrame, horizon: Horizon
) -> tuple[MonthEffect, ...]:
    """Return the effect by month of two `PAYABLE` frames; what is earlier comes first, if anything is.

    Shape: `weights` says for how many each subject stands: `subject_id`, `weight`.
    """
    both = (
        before.lazy()
        .join(after.lazy(), on=["subject_id", "month_no"], how="full", coalesce=True, suffix="_after", validate="1:1")
        .join(weights.lazy(), on="subject_id", how="inner", validate="m:1")
    )
    was, now = (pl.col(name).fill_null(value=False) for name in ("is_met", "is_met_after"))
    old, new = (pl.col(name).fill_null(0) for name in ("at_least_fen", "at_least_fen_after"))
    people = pl.col("weight").cast(pl.Int64)
    rows = (
        both.group_by("month_no")
        .agg(
            people.filter(was).sum().alias("met_before"),
            people.filter(now).sum().alias("met_after"),
            people.filter(now & was.not_()).sum().alias("gained"),
            people.filter(was & now.not_()).sum().alias("lost"),
            people.filter(was & now & (new > old)).sum().alias("more"),
            people.filter(was & now & (new < old)).sum().alias("less"),
            (old * people).sum().alias("before_fen"),
            (new * people).sum().alias("after_fen"),
        )
        .collect()
    )
    found = {row.pop("month_no"): MonthEffect(month=None, **row) for row in rows.iter_rows(named=True)}
    first = horizon.days.first.year * MONTHS_PER_YEAR + horizon.days.first.month - 1
    earlier = [found[EARLIER]] if EARLIER in found and _is_changed(found[EARLIER]) else []
    nothing = MonthEffect(None, 0, 0, 0, 0, 0, 0, 0, 0)
    months = (replace(found.get(first + n, nothing), month=name) for n, name in enumerate(horizon.names))
    return (*earlier, *months)


def _is_changed(effect: MonthEffect) -> bool:
    return any((effect.gained, effect.lost, effect.more, effect.less, effect.difference_fen))


def total_fen(months: Sequence[MonthEffect], year: int) -> int:
    """Return what is due after the change in the months of a year."""
    return sum(each.after_fen for each in months if each.month is not None and each.month.startswith(f"{year}-"))
