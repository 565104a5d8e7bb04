"""Which of the accounts that departments know is paid to: the catalogue ranks departments, and a closed account is passed over.

Nobody is paid by a guess: where departments of one rank disagree nothing is taken, and nothing of a lower rank either.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from enum import StrEnum

UNRANKED = 1_000_000  # after every department that the catalogue ranks


class PassedOver(StrEnum):
    """Why an account is not that of the department which is asked first."""

    MISSING = "missing"  # it knows none
    CLOSED = "closed"  # a bank has said that it is closed


@dataclass(frozen=True, slots=True, order=True)
class Account:
    """One account, as a department delivered it."""

    number: str = field(repr=False)
    bank: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Offered:
    """An account with the resource that knows it, and when that is asked: 1 before 2."""

    account: Account
    resource: str
    rank: int = UNRANKED


@dataclass(frozen=True, slots=True)
class Chosen:
    """The accounts to pay to: one; none; or several, of which a person has to choose.

    `resource` is the one that knows the account, the first by name where several do. `is_closed`: there were accounts, and
    banks have said of all of them that they are closed.
    """

    accounts: tuple[Account, ...] = ()
    resource: str | None = None
    passed_over: PassedOver | None = None
    is_closed: bool = False


def choose(offered: Iterable[Offered], closed: Collection[str], first: int) -> Chosen:
    """Return which accounts are to be paid to.

    Expects: `closed` are numbers; `first` is the rank of the department that is asked first for a subject of its kind.
    """
    known = sorted(offered, key=lambda each: (each.rank, each.resource))
    good = [each for each in known if each.account.number not in closed]
    if not good:
        return Chosen(is_closed=bool(known))
    rank = good[0].rank
    same = [each for each in good if each.rank == rank]
    passed_over = None
    if rank > first:
        passed_over = PassedOver.CLOSED if known[0].rank < rank else PassedOver.MISSING
    return Chosen(tuple(sorted({each.account for each in same})), same[0].resource, passed_over)
