import datetime as dt

import pytest

from core.clock import civil_instant
from core.ledger import NoticeCategory, NoticeKind
from core.settings import Notices
from delivery.manners import Manners, manners_of

DAY = dt.date(2025, 8, 1)
MORNING = civil_instant(DAY, 8)
SMS = Manners(quiet=("sms",))


@pytest.mark.parametrize(
    ("hour", "minute", "until"),
    [
        pytest.param(20, 59, None, id="just-before"),
        pytest.param(21, 0, civil_instant(dt.date(2025, 8, 2), 8), id="at-the-beginning"),
        pytest.param(23, 59, civil_instant(dt.date(2025, 8, 2), 8), id="before-midnight"),
        pytest.param(0, 0, MORNING, id="at-midnight"),
        pytest.param(7, 59, MORNING, id="before-the-end"),
        pytest.param(8, 0, None, id="at-the-end"),
        pytest.param(12, 0, None, id="at-noon"),
    ],
)
def test_quiet_hours_are_hours_in_china(hour: int, minute: int, until: dt.datetime | None) -> None:
    """From 21:00 to 08:00, whatever zone the machine is in."""
    assert SMS.quiet_through("sms", civil_instant(DAY, hour, minute)) == until
    assert SMS.quiet_through("email", civil_instant(DAY, hour, minute)) is None


def test_quiet_hours_at_noon() -> None:
    siesta = Manners(quiet_from=dt.time(12), quiet_until=dt.time(14), quiet=("sms",))

    assert siesta.quiet_through("sms", civil_instant(DAY, 13)) == civil_instant(DAY, 14)
    assert siesta.quiet_through("sms", civil_instant(DAY, 11)) is None
    assert siesta.quiet_through("sms", civil_instant(DAY, 14)) is None


def test_no_hour_is_quiet_where_both_ends_are_the_same() -> None:
    never = Manners(quiet_from=dt.time(8), quiet_until=dt.time(8), quiet=("sms",))

    assert never.quiet_through("sms", civil_instant(DAY, 8)) is None


def test_an_operator_sets_them() -> None:
    manners = manners_of(Notices(mandatory=(NoticeCategory.PAYMENT,), quiet_from="22:30", digest=()))

    assert (manners.quiet_from, manners.quiet_until, manners.digest) == (dt.time(22, 30), dt.time(8), ())
    assert manners.mandatory_kinds == {NoticeKind.PAID}
    assert (manners.heeds(NoticeKind.ENDED), manners.heeds(NoticeKind.PAID)) == (True, False)
