"""What was expected of a policy, beside what a plan finds: budgets of years, and the guard of the new version."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import polars as pl

from core.findings import Finding, Place
from core.money import yuan_text
from engine.codes import RunCode
from engine.night import NightPolicy
from engine.planning.months import MonthEffect, total_fen
from engine.planning.moves import KEPT, Move, MoveCount
from engine.planning.sides import Horizon
from rules.bound import RuleVersion
from store.opening import Reading
from store.positions import read_positions


@dataclass(frozen=True, slots=True)
class BudgetYear:
    """What is set aside for a calendar year, and what the year comes to with the change.

    `spent_fen` is committed for months before those looked at; `due_fen` is what people get in those of the year that are;
    a year that goes on after them is not whole. Units: fen, net of what bonds take off.
    """

    year: int
    budget_fen: int
    spent_fen: int
    due_fen: int
    is_whole: bool

    @property
    def left_fen(self) -> int:
        """Return what is left, negative where it is not enough."""
        return self.budget_fen - self.spent_fen - self.due_fen


def budget_years(
    rx: Reading, version: RuleVersion | None, months: Sequence[MonthEffect], horizon: Horizon
) -> tuple[BudgetYear, ...]:
    """Return the years of some months for which a version says what is set aside."""
    first, last = horizon.days.first, horizon.days.last
    if version is None or not version.budgets_fen:
        return ()
    own = read_positions(rx, policy=version.policy)
    found = []
    for year, budget_fen in sorted(version.budgets_fen.items()):
        if first.year <= year <= last.year:
            period = pl.col("period")
            spent = own.filter(period.str.starts_with(str(year)) & (period.str.slice(0, 7) < f"{first:%Y-%m}"))
            spent_fen = int(spent["committed_fen"].sum())
            is_whole = dt.date(year, 12, 31) <= last
            found.append(BudgetYear(year, budget_fen, spent_fen, total_fen(months, year), is_whole))
    return tuple(found)


def beyond_guard(
    policy: NightPolicy,
    version: RuleVersion | None,
    counts: Mapping[Move, MoveCount],
    months: Sequence[MonthEffect],
) -> list[Finding]:
    """Return what goes beyond what the author of the new version expects of a night.

    Source: a night looks at what the policy's own rule says (`engine.guards`), and so does this.
    """
    if version is None:
        return []
    guard, place, found = version.written.guard, Place(policy.policy), []
    met = sum(counts[move].people for move in (*KEPT, Move.GAINED))
    if guard.count is not None and not guard.count[0] <= met <= guard.count[1]:
        low, high = guard.count
        message = f"expected {low:,} to {high:,} subjects to be met, found {met:,}"
        found.append(Finding(RunCode.GUARD_COUNT, place, message, "mend the rule, or the `guard` it declares"))
    dated = [each for each in months if each.month is not None]
    before, after = sum(each.gross_before_fen for each in dated), sum(each.gross_after_fen for each in dated)
    if guard.amount_change is not None and before:
        share = Fraction(guard.amount_change.rstrip("%")) / 100
        if abs(after - before) > before * share:
            message = (
                f"expected the amount due to change by at most {guard.amount_change}, "
                f"found {yuan_text(before)} before and {yuan_text(after)} after"
            )
            found.append(Finding(RunCode.GUARD_AMOUNT, place, message, "mend the rule, or the `guard` it declares"))
    return found
