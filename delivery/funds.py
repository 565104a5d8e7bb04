"""What a year's money covers of the payments that are due: everything, or the first ones in their order.

Nobody is overtaken: what stands behind a payment that has to wait waits too, even if it is small enough for what is left.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import polars as pl

from core.findings import Finding, Place, Severity
from core.money import yuan_text
from core.shares import ONE_PURSE, Purse, parts, parts_expr
from store.codes import FundsCode

RANKS = pl.Schema({"item_id": pl.String(), "rank": pl.Int64()})
"""The order in which items are paid, the smallest first."""


@dataclass(frozen=True, slots=True)
class Funds:
    """The purses that pay, what each has left for a year (None: no limit), and what happens at the end of it.

    `ranks` has every item where some purse has a limit. `again` are items whose money came back and is set aside for them.
    """

    purses: tuple[Purse, ...] = (ONE_PURSE,)
    left_fen: tuple[int | None, ...] = (None,)
    pays_on: bool = False
    ranks: pl.DataFrame = field(default_factory=RANKS.to_frame, repr=False)
    again: pl.Series = field(default_factory=lambda: pl.Series(dtype=pl.String), repr=False)

    @property
    def weights(self) -> tuple[int, ...]:
        """Return the proportion in which the purses pay."""
        return tuple(purse.weight for purse in self.purses)

    def parts(self, lines: pl.DataFrame) -> tuple[int, ...]:
        """Return what lines that are new take of each purse."""
        fresh = lines.filter(pl.col("item_id").is_in(self.again.implode()).not_())
        return parts(int(fresh["amount_fen"].sum()), self.weights)

    def is_enough_for(self, lines: pl.DataFrame) -> bool:
        """Say whether no purse has less left than lines take of it."""
        return all(left is None or part <= left for left, part in zip(self.left_fen, self.parts(lines), strict=True))

    def covered(self, lines: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return the lines that there is money for, and those that wait for some.

        Expects: lines with `item_id` and `amount_fen`.
        """
        if self.pays_on or self.is_enough_for(lines):
            return lines, lines.clear()
        limited = [(place, left) for place, left in enumerate(self.left_fen) if left is not None]
        fresh = lines.filter(pl.col("item_id").is_in(self.again.implode()).not_())
        in_order = fresh.join(self.ranks, on="item_id", how="left", validate="1:1").sort("rank", "item_id")
        reached = parts_expr(pl.col("amount_fen").cum_sum(), self.weights)
        fits = pl.all_horizontal(reached[place] <= left for place, left in limited)
        waits = in_order.filter(fits.not_())["item_id"].implode()
        return lines.filter(pl.col("item_id").is_in(waits).not_()), lines.filter(pl.col("item_id").is_in(waits))

    def after(self, lines: pl.DataFrame) -> tuple[int | None, ...]:
        """Return what each purse has left once lines are paid."""
        taken = self.parts(lines)
        return tuple(None if left is None else left - part for left, part in zip(self.left_fen, taken, strict=True))


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Payments of one policy and year for which there was no money, or that were made beyond it."""

    policy: str
    year: int
    count: int
    amount_fen: int
    purses: tuple[str, ...]  # that had not enough
    pays_on: bool


def short_purses(funds: Funds, wanted: Sequence[int]) -> tuple[str, ...]:
    """Return the purses that have less left than is wanted of them."""
    rows = zip(funds.purses, funds.left_fen, wanted, strict=True)
    return tuple(purse.name for purse, left, part in rows if left is not None and part > left)


def shortfall_findings(shortfalls: Iterable[Shortfall]) -> list[Finding]:
    """Return what a night says of payments that the year's money does not cover."""
    return [_finding(each) for each in sorted(shortfalls, key=lambda each: (each.policy, each.year, each.pays_on))]


def _finding(short: Shortfall) -> Finding:
    purses = "、".join(f"`{name}`" for name in short.purses)
    items = "1 item" if short.count == 1 else f"{short.count:,} items"
    if short.pays_on:
        message = f"{yuan_text(short.amount_fen)} yuan are paid beyond the budget of {purses} for {short.year}"
        remedy = "the rule pays on (`pot`): raise the budget with `mianshen budget set`"
        return Finding(FundsCode.BEYOND, _place(short), message, remedy, Severity.WARNING)
    message = f"{items} of {yuan_text(short.amount_fen)} yuan wait for money of {purses} for {short.year}"
    remedy = "raise the budget with `mianshen budget set`: the next night pays them, in the order of the rule"
    return Finding(FundsCode.WAITS, _place(short), message, remedy, Severity.WARNING, short.count)


def _place(short: Shortfall) -> Place:
    return Place(f"payouts of {short.policy}")
