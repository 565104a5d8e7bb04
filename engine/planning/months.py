"""The effect of a change by month, before and after, for policies that bonds tie together: what people really get.

People whose histories are alike under all of these policies, on both sides, are worked out once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from core.days import MONTHS_PER_YEAR, DayRange
from engine.answers import first_period
from engine.night import NightPolicy
from engine.people import Present
from engine.planning.forecast import EARLIER, Ahead, alone, look_ahead, marks_of, representatives
from engine.planning.netted import netted
from engine.planning.sides import Horizon
from engine.planning.view import View
from engine.units import Unit

Views = tuple[View, View]


@dataclass(frozen=True, slots=True)
class MonthEffect:
    """One month before and after: people with a period that is met, and money that they get.

    `month` is None for everything before the first month. Money is net of what bonds take off, `gross_…` is what the
    policy's own rule says. Units: fen.
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
    gross_before_fen: int
    gross_after_fen: int

    @property
    def difference_fen(self) -> int:
        """Return what the change costs, or saves."""
        return self.after_fen - self.before_fen

    @property
    def is_empty(self) -> bool:
        """Say whether no period of anybody falls to it, on either side."""
        return not any((self.met_before, self.met_after, self.before_fen, self.after_fen))

    @property
    def is_changed(self) -> bool:
        """Say whether anybody is moved, or any money."""
        return any((self.gained, self.lost, self.more, self.less, self.difference_fen))


def months_of(
    presents: tuple[Present, Present],
    views: Mapping[str, Views],
    horizon: Horizon,
    days_of: Callable[[Present, NightPolicy], DayRange],
    *,
    is_related: bool,
) -> dict[str, tuple[MonthEffect, ...]]:
    """Return the months of policies by code, as they are on both sides.

    Expects: all policies that a bond ties to one of them; `days_of` says which days of each have to be asked; `is_related`
             where a bond holds for all who share a relation.
    """
    known = list(dict.fromkeys(view for pair in views.values() for view in pair if view.policy is not None))
    stretches = [view.stretches for view in known]
    weights = alone(stretches) if is_related or _stand_alone(known) else _alike(presents[0], views, stretches)
    ahead = {view: _look_ahead(view, weights, days_of, horizon) for view in known}
    before, after = (
        netted(present, [ahead[view] for view in own if view.policy is not None])
        for present, own in zip(presents, zip(*views.values(), strict=True), strict=True)
    )
    own = {code: pl.col("policy") == code for code in views}
    return {code: months_between(before.filter(of), after.filter(of), weights, horizon) for code, of in own.items()}


def _stand_alone(views: Sequence[View]) -> bool:
    """Say whether each unit stands for itself: its months begin by a day or a cause of its own, or it has an owner."""
    policies = [view.policy for view in views if view.policy is not None]
    catalogue = views[0].present.night.catalogue
    return (
        any(_looks_at_own_day(policy) for policy in policies)
        or any(Unit.of(catalogue, policy.kind).carried for policy in policies)
        or len({policy.kind for policy in policies}) > 1
    )


def _looks_at_own_day(policy: NightPolicy) -> bool:
    return bool(policy.current.backdate or policy.current.starts or first_period(policy).by_cause)


def _alike(present: Present, views: Mapping[str, Views], stretches: Sequence[pl.DataFrame]) -> pl.DataFrame:
    policies = {code: [view.policy for view in pair if view.policy is not None] for code, pair in views.items()}
    return representatives(stretches, marks_of(present, policies))


def _look_ahead(
    view: View, weights: pl.DataFrame, days_of: Callable[[Present, NightPolicy], DayRange], horizon: Horizon
) -> Ahead:
    assert view.policy is not None
    some = view.profiles.filter(pl.col("subject_id").is_in(weights["subject_id"].implode()))
    return look_ahead(view.present, view.policy, some, days=days_of(view.present, view.policy), horizon=horizon)


def months_between(
    before: pl.DataFrame, after: pl.DataFrame, weights: pl.DataFrame, horizon: Horizon
) -> tuple[MonthEffect, ...]:
    """Return the effect by month on one policy; what is earlier comes first, if anything is.

    Shape: `engine.planning.netted.NETTED`; `weights` says for how many each unit stands: `subject_id`, `weight`.
    """
    keys = ["unit_id", "month_no"]
    both = (
        before.drop("policy")
        .lazy()
        .join(after.drop("policy").lazy(), on=keys, how="full", coalesce=True, suffix="_after", validate="1:1")
        .join(weights.lazy(), left_on="unit_id", right_on="subject_id", how="inner", validate="m:1")
    )
    was, now = (pl.col(name).fill_null(value=False) for name in ("is_met", "is_met_after"))
    old, new = (pl.col(name).fill_null(0) for name in ("net_fen", "net_fen_after"))
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
            (pl.col("gross_fen").fill_null(0) * people).sum().alias("gross_before_fen"),
            (pl.col("gross_fen_after").fill_null(0) * people).sum().alias("gross_after_fen"),
        )
        .collect()
    )
    found = {row.pop("month_no"): MonthEffect(month=None, **row) for row in rows.iter_rows(named=True)}
    first = horizon.days.first.year * MONTHS_PER_YEAR + horizon.days.first.month - 1
    earlier = [found[EARLIER]] if EARLIER in found and found[EARLIER].is_changed else []
    nothing = MonthEffect(None, *([0] * 10))
    months = (replace(found.get(first + n, nothing), month=name) for n, name in enumerate(horizon.names))
    return (*earlier, *months)


def difference_fen(months: Sequence[MonthEffect], *, earlier: bool = False) -> int:
    """Return what the months cost more, or less; or what everything `earlier` does, for which people are still paid."""
    return sum(each.difference_fen for each in months if (each.month is None) is earlier)


def total_fen(months: Sequence[MonthEffect], year: int) -> int:
    """Return what people get after the change in the months of a year."""
    return sum(each.after_fen for each in months if each.month is not None and each.month.startswith(f"{year}-"))
