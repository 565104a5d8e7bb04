"""Units of several obligations: exclusion groups (just one of several benefits, or the highest few) and shared caps.

Pure: the result for a group follows from what each policy alone would pay, and from what is committed where
two pay the same. Which policies form a group, over which span, is the rules' matter.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from core.ledger import Due
from engine.netting.units import Claimed, Member, NettingUnit

Mode = Literal["highest", "priority", "at_most"]


@dataclass(frozen=True, slots=True)
class Contender:
    """What one policy would pay a subject by itself over the group's span; periods oldest first."""

    claimed: tuple[Claimed, ...]

    @property
    def at_least_fen(self) -> int:
        """Return what it would pay for certain, all periods together."""
        return sum(each.due.at_least_fen for each in self.claimed)

    @property
    def at_most_fen(self) -> int | None:
        """Return the most that it might pay; None: no limit."""
        return _sum_or_none([each.due.at_most_fen for each in self.claimed])

    @property
    def committed_fen(self) -> int:
        """Return what is committed under it."""
        return sum(each.obligation.committed_fen for each in self.claimed)


def group_unit(key: str, mode: Mode, contenders: Sequence[Contender], count: int = 1) -> NettingUnit:
    """Return the unit of an exclusion group, what is due to it on the shares of its winners.

    `count` winners may be paid beside each other in mode `at_most`; elsewhere one.
    Expects: contenders in the order of priority, where the mode asks for one, else in any lasting order.
    Source:  semantics §5, groups: `at_least_fen` is the smallest result over all possibilities of the
             unknown members, `at_most_fen` the largest; ties keep the incumbent, who has most committed.
    """
    if mode == "priority":
        return _unit(key, contenders, _first(contenders), _most_of_first(contenders))
    return _unit(key, contenders, _highest(contenders, count), _most_of_highest(contenders, count))


def capped_unit(key: str, claimed: Sequence[Claimed], cap_fen: int) -> NettingUnit:
    """Return the unit of obligations that share a cap, used up in their order.

    Expects: oldest event first.
    Source:  semantics §9, loans under one cap: an earlier event found late is paid from what is left, no case opens.
    """
    left_fen, members = cap_fen, list[Member]()
    for each in claimed:
        share_fen = min(left_fen, each.due.at_least_fen)
        members.append(each.member(share_fen))
        left_fen -= share_fen
    most_fen = _sum_or_none([each.due.at_most_fen for each in claimed])
    at_most_fen = cap_fen if most_fen is None else min(cap_fen, most_fen)
    return _with_flags(key, members, Due(cap_fen - left_fen, at_most_fen), claimed)


def _highest(contenders: Sequence[Contender], count: int) -> list[Contender]:
    ranked = sorted(contenders, key=lambda each: (-each.at_least_fen, -each.committed_fen))  # stable
    return [each for each in ranked[:count] if each.at_least_fen]


def _most_of_highest(contenders: Sequence[Contender], count: int) -> int | None:
    most_fen = [each.at_most_fen for each in contenders]
    if None in most_fen:
        return None
    return sum(sorted((fen for fen in most_fen if fen is not None), reverse=True)[:count])


def _reach(contenders: Sequence[Contender]) -> list[Contender]:
    """Return those who may turn out to be the first with anything due: through the first who surely has."""
    reach = list[Contender]()
    for each in contenders:
        if each.at_most_fen != 0:
            reach.append(each)
        if each.at_least_fen:
            break
    return reach


def _first(contenders: Sequence[Contender]) -> list[Contender]:
    """Return who surely comes first; while someone before might, nothing is certain, for that may be less."""
    reach = _reach(contenders)
    return reach if len(reach) == 1 and reach[0].at_least_fen else []


def _most_of_first(contenders: Sequence[Contender]) -> int | None:
    most_fen = [each.at_most_fen for each in _reach(contenders)]
    return None if None in most_fen else max((fen for fen in most_fen if fen is not None), default=0)


def _unit(
    key: str, contenders: Sequence[Contender], winners: Sequence[Contender], at_most_fen: int | None
) -> NettingUnit:
    ordered = [(each, contender in winners) for contender in contenders for each in contender.claimed]
    ordered.sort(key=lambda pair: pair[0].obligation.period)  # stable: within a period as the contenders stand
    members = [each.member(each.due.at_least_fen if wins else 0) for each, wins in ordered]
    due = Due(sum(member.share_fen for member in members), at_most_fen)
    return _with_flags(key, members, due, [each for each, wins in ordered if wins])


def _with_flags(key: str, members: Sequence[Member], due: Due, paying: Sequence[Claimed]) -> NettingUnit:
    """Return the unit; it waits where one of those who would be paid waits for the amount, or for a person."""
    still_open = [each for each in paying if each.due.is_open]
    return NettingUnit(
        key,
        tuple(members),
        Due(due.at_least_fen, due.at_most_fen, is_open=bool(still_open)),
        "hold" if any(each.partial == "hold" for each in still_open) else "pay",
        any(each.is_first_payment_on_hold for each in paying),
    )


def _sum_or_none(amounts: Sequence[int | None]) -> int | None:
    return None if None in amounts else sum(fen for fen in amounts if fen is not None)
