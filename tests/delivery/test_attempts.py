import datetime as dt
from itertools import pairwise

import pytest

from core.clock import civil_instant
from delivery.attempts import ATTEMPTS_MAX, Verdict, judge, pause
from delivery.channels import Outcome
from store.states.notices import NoticeState

DAY = dt.date(2025, 8, 1)


def judged(outcome: Outcome, attempt: int = 1, hours: int = 0) -> Verdict:
    """Return the verdict so many hours into the business date."""
    now = civil_instant(DAY) + dt.timedelta(hours=hours)
    return judge(outcome, reference="m_1", attempt=attempt, business_date=DAY, now=now)


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (Outcome.ACCEPTED, NoticeState.ACCEPTED),
        (Outcome.PERMANENT, NoticeState.DEAD),
        (Outcome.UNKNOWN, NoticeState.UNKNOWN),
        (Outcome.TEMPORARY, NoticeState.TEMP_FAILED),
        (Outcome.TECHNICAL, NoticeState.TEMP_FAILED),
    ],
)
def test_what_follows_from_the_first_attempt(outcome: Outcome, state: NoticeState) -> None:
    verdict = judged(outcome)

    assert verdict.state is state
    assert (verdict.not_before is None) is (state is not NoticeState.TEMP_FAILED)


@pytest.mark.parametrize("outcome", [Outcome.TEMPORARY, Outcome.TECHNICAL])
def test_attempts_and_age_are_bounded(outcome: Outcome) -> None:
    """N4: every message ends."""
    assert judged(outcome, attempt=ATTEMPTS_MAX).state is NoticeState.DEAD
    assert judged(outcome, hours=72).state is NoticeState.DEAD


def test_each_pause_is_longer_than_the_one_before_up_to_half_a_day() -> None:
    pauses = [pause("m_1", attempt) for attempt in range(1, 6)]

    assert all(before < after for before, after in pairwise(pauses))
    assert pause("m_1", 7) == pauses[-1]


def test_messages_refused_together_do_not_come_back_together() -> None:
    assert len({pause(f"m_{number}", 1) for number in range(50)}) > 10
