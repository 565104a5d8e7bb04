"""Open items, and which of them are to be collected in a run: before the vault is opened for anyone."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

from core.ledger import ItemKind
from delivery.pay_days import DuePayDays, due_pay_days
from delivery.working_days import WorkingDays
from rules.version import Pay, WrittenVersion


@dataclass(frozen=True, slots=True)
class Payable:
    """One open item with what paying it needs to know.

    `is_first` says that nothing was ever instructed on its grant; `attempt` counts from 1 and grows
    when the bank returned the one before.
    """

    item_id: str
    obligation_id: str
    policy: str
    subject_id: str
    period: str
    component: str
    kind: ItemKind
    amount_fen: int
    is_first: bool = False
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class PayTerms:
    """What one policy's current version says about paying."""

    policy: str
    title: str
    payer: str
    pay: Pay

    @classmethod
    def of(cls, version: WrittenVersion) -> Self:
        """Return the terms of a version; the owner pays where it names no payer."""
        return cls(version.policy, version.title, version.terms.payer or version.owner, version.terms.pay)


@dataclass(frozen=True, slots=True)
class DuePayment:
    """The items of one policy that are to be paid together on one pay day."""

    terms: PayTerms
    pay_day: dt.date
    payables: tuple[Payable, ...]


def due_payments(
    payables: Iterable[Payable],
    terms: Mapping[str, PayTerms],
    calendar: WorkingDays,
    *,
    after: dt.date | None,
    through: dt.date,
) -> list[DuePayment]:
    """Return what is to be collected in the run for `through`, the last published one being for `after`.

    Shape:   by policy and pay day. Items whose pay day has not come are not in it; they stay open.
    Expects: terms for every policy that has an open item.
    """
    days: dict[str, DuePayDays] = {
        policy: due_pay_days(each.pay, calendar, after=after, through=through) for policy, each in terms.items()
    }
    due: defaultdict[tuple[str, dt.date], list[Payable]] = defaultdict(list)
    for payable in payables:
        pay_day = days[payable.policy].of(is_first=payable.is_first)
        if pay_day is not None:
            due[payable.policy, pay_day].append(payable)
    return [DuePayment(terms[policy], pay_day, tuple(together)) for (policy, pay_day), together in sorted(due.items())]
