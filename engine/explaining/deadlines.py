"""What ends, and by when a subject has to say something: offers, claims, certificates and the policies themselves."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from core.days import add_months
from core.ledger import NoticeKind
from delivery.expiries import end_day
from engine.explaining.checkup import Checkup, PageGroup
from store.opening import Reading
from store.outbox import told_of

MONTHS_AHEAD = 6
_CONCERNS = frozenset({PageGroup.ENJOYED, PageGroup.AVAILABLE, PageGroup.TO_CONFIRM, PageGroup.ONE_STEP})


class Ending(StrEnum):
    """What a last day is for, in words."""

    CONFIRM = "确认意愿"
    OBJECT = "对多发认定提出异议"
    CERTIFICATE = "到期"
    POLICY = "政策到期"


@dataclass(frozen=True, slots=True)
class Deadline:
    """One last day; `what` is a policy or a certificate by name, `policy` where one reads more, `remedy` what one can do."""

    through: dt.date
    ending: Ending
    what: str
    policy: str = ""
    remedy: str = ""


def deadlines_of(rx: Reading, checkup: Checkup, today: dt.date) -> tuple[Deadline, ...]:
    """Return the last days of the next months that concern a subject, the nearest first.

    Certificates are those that nights have told of, over whatever channel; one that was renewed since has another notice.
    """
    horizon = add_months(today, MONTHS_AHEAD)
    found = {*_of_policies(checkup), *_of_claims(checkup), *_of_certificates(rx, checkup.ids)}
    ahead = [each for each in found if today <= each.through <= horizon]
    return tuple(sorted(ahead, key=lambda each: (each.through, each.ending, each.what)))


def _of_policies(checkup: Checkup) -> Iterator[Deadline]:
    for each in checkup.policies:
        for part in (each, *each.events) if each.events else (each,):
            if part.reply_through is not None:
                yield Deadline(part.reply_through, Ending.CONFIRM, each.title, each.policy)
        if each.group in _CONCERNS and each.valid_through is not None:
            yield Deadline(each.valid_through, Ending.POLICY, each.title, each.policy)


def _of_claims(checkup: Checkup) -> Iterator[Deadline]:
    for claim in checkup.claims:
        if claim.object_through is not None:
            policy = checkup.policy(claim.policy)
            yield Deadline(claim.object_through, Ending.OBJECT, policy.title if policy else claim.policy, claim.policy)


def _of_certificates(rx: Reading, ids: Iterable[str]) -> Iterator[Deadline]:
    for notice in told_of(rx, ids, NoticeKind.EXPIRING):
        values = dict(notice.values)
        yield Deadline(end_day(notice), Ending.CERTIFICATE, values["title"], remedy=values["remedy"])
