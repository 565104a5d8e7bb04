"""What follows from one try to send a message: done, again later, given up, or in doubt."""

import datetime as dt
from dataclasses import dataclass

from core.clock import civil_instant
from core.ids import text_digest
from delivery.channels import Outcome
from store.states.notices import NoticeState

ATTEMPTS_MAX = 8  # with the pauses below, a message is tried for about two days
AGE_MAX = dt.timedelta(hours=72)  # from the business date; later, what it says may no longer be so
_PAUSE = dt.timedelta(minutes=5)
_PAUSE_MAX = dt.timedelta(hours=12)
_SPREAD_PERCENT = 20  # so that a thousand messages refused together do not come back together

_ENDS = {
    Outcome.ACCEPTED: NoticeState.ACCEPTED,
    Outcome.PERMANENT: NoticeState.DEAD,
    Outcome.UNKNOWN: NoticeState.UNKNOWN,
}
"""Outcomes after which nothing is tried again."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The state that a message enters; `not_before` only where it is tried again."""

    state: NoticeState
    not_before: dt.datetime | None = None


def judge(outcome: Outcome, *, reference: str, attempt: int, business_date: dt.date, now: dt.datetime) -> Verdict:
    """Return what becomes of a message after its nth attempt, counted from 1.

    Nothing but a failure that names itself as passing is tried again; what is in doubt waits for a person.
    """
    if outcome in _ENDS:
        return Verdict(_ENDS[outcome])
    again_at = now + pause(reference, attempt)
    if attempt >= ATTEMPTS_MAX or again_at > civil_instant(business_date) + AGE_MAX:
        return Verdict(NoticeState.DEAD)
    return Verdict(NoticeState.TEMP_FAILED, again_at)


def pause(reference: str, attempt: int) -> dt.timedelta:
    """Return how long to wait after the nth attempt: longer each time, spread by the reference."""
    plain = min(_PAUSE * (1 << 2 * (attempt - 1)), _PAUSE_MAX)  # 5, 20, 80 minutes …
    return plain + plain * (int(text_digest(reference), 16) % _SPREAD_PERCENT) / 100
