"""Netting units: what is compared as one when the dues of a night meet the ledger.

A unit is usually one obligation. Obligations that merged subjects hold for the same period, the members
of an exclusion group and the events under one cap are several obligations whose money is added up before
it is compared (`engine.netting.groups` builds the latter two). Nothing is decided here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from core import ids
from core.ledger import NOTHING_DUE, Due, Obligation

Overpaid = Literal["case", "keep"]
Partial = Literal["hold", "pay"]


@dataclass(frozen=True, slots=True)
class Member:
    """An obligation of a unit, with its share of what is certainly due to the unit.

    A difference is booked by shares: a payment on members that have less than their share, a reduction
    first on those that have more. The share of a loser in an exclusion group is 0. `overpaid` is what the
    member's own rule says about money paid beyond the due; `certain_fen` is what that rule owes for certain, whatever binds
    it: None where the member holds money for another, as former numbers of a subject do.
    """

    obligation: Obligation
    share_fen: int
    is_period_over: bool = False
    overpaid: Overpaid = "case"
    certain_fen: int | None = None


@dataclass(frozen=True, slots=True)
class NettingUnit:
    """Obligations that are compared with one due; `members` are oldest first, their shares add up to `at_least_fen`.

    `partial` says whether what is certain of an amount still open may be paid. A unit that
    `is_first_payment_on_hold` (a suspected renumbering) pays nothing until a person has looked.
    """

    key: str
    members: tuple[Member, ...]
    due: Due
    partial: Partial = "hold"
    is_first_payment_on_hold: bool = False

    def __post_init__(self) -> None:
        """Refuse a unit whose shares are not its due."""
        assert self.members
        assert sum(member.share_fen for member in self.members) == self.due.at_least_fen

    @property
    def committed_fen(self) -> int:
        """Return what the unit holds for good, all members together."""
        return sum(member.obligation.committed_fen for member in self.members)

    @property
    def payable_fen_max(self) -> int | None:
        """Return up to which amount of *committed* items may be paid; None: none may."""
        is_waiting = self.due.is_open and self.partial == "hold"
        return None if is_waiting or self.is_first_payment_on_hold else self.due.at_least_fen


@dataclass(frozen=True, slots=True)
class Claimed:
    """An obligation and what its own rule says is due on it, before it is netted with others."""

    obligation: Obligation
    due: Due = NOTHING_DUE
    is_period_over: bool = False
    overpaid: Overpaid = "case"
    partial: Partial = "hold"
    is_first_payment_on_hold: bool = False

    def member(self, share_fen: int) -> Member:
        """Return it as a member of a unit, with a share of the unit's due."""
        return Member(self.obligation, share_fen, self.is_period_over, self.overpaid, self.due.at_least_fen)


def unit_key(scope: str, subject_id: str, *parts: str) -> str:
    """Return the key of a unit of several obligations: a group or cap, a subject, then what else tells units apart."""
    return ids.derive_id("u", scope, subject_id, *parts)


def unit_of(claimed: Claimed) -> NettingUnit:
    """Return the unit of one obligation; its key is the obligation's id."""
    return merged_unit(claimed, former=())


def merged_unit(survivor: Claimed, former: Sequence[Obligation]) -> NettingUnit:
    """Return the unit of an obligation and of those that former numbers of its subject hold for its period.

    Expects: `former` hold the same policy, event, period and component, oldest first.
    Source:  semantics, renumbering: they add what they hold; the due is computed once, for the survivor.
    """
    merged = (Member(obligation, 0, survivor.is_period_over, survivor.overpaid) for obligation in former)
    return NettingUnit(
        survivor.obligation.obligation_id,
        (*merged, survivor.member(survivor.due.at_least_fen)),
        survivor.due,
        survivor.partial,
        survivor.is_first_payment_on_hold,
    )
