"""Money that goes from one account of a pot to another: what a transaction notes, to be posted before its commit.

Pure: what stands in a database is for `store.posting`.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from store.states.funds import PotAccount

PotKey = tuple[str, int, str]
"""Policy, fiscal year, purse: the order in which pots are locked."""


class Limit(StrEnum):
    """What a move does to the floor of its pot's budget."""

    KEEP = "keep"
    SET = "set"  # there is a budget from now on
    EXTEND = "extend"  # the rule pays on beyond it


@dataclass(frozen=True, slots=True)
class Moved:
    """One amount and the document that moves it; below zero it goes the other way."""

    policy: str
    year: int
    purse: str
    source: PotAccount
    target: PotAccount
    amount_fen: int
    document: str
    event: str
    limit: Limit = Limit.KEEP

    @property
    def pot(self) -> PotKey:
        """Return the pot in which it happens."""
        return self.policy, self.year, self.purse


def in_closed_year(moved: Moved, year: int) -> Moved:
    """Return a move of a closed year as it is posted to the year that stands for it.

    What is paid out of what was carried over is paid in the new year. What a closed year had paid stays paid there: where
    it comes back or is claimed, the other side is `carried`. What is freed is no budget of the new year.
    """
    source, target = moved.source, moved.target
    if source is PotAccount.PAID:
        source = PotAccount.CARRIED
    if target is PotAccount.BUDGET:
        target = PotAccount.SURRENDERED
    elif target is PotAccount.PAID and source is not PotAccount.IN_TRANSIT:
        target = PotAccount.CARRIED
    return replace(moved, year=year, source=source, target=target)


def summed(moves: Iterable[Moved]) -> list[Moved]:
    """Return moves in the order of their pots, one for each pot, way, document and event.

    One of nothing is left out, unless it sets a limit.
    """
    amounts: defaultdict[tuple[PotKey, str, str, PotAccount, PotAccount, Limit], int] = defaultdict(int)
    for each in moves:
        forth = each.amount_fen > 0
        way = (each.source, each.target) if forth else (each.target, each.source)
        amounts[each.pot, each.document, each.event, *way, each.limit] += abs(each.amount_fen)
    return [
        Moved(*pot, source, target, amount_fen, document, event, limit)
        for (pot, document, event, source, target, limit), amount_fen in sorted(amounts.items())
        if amount_fen or limit is Limit.SET
    ]
