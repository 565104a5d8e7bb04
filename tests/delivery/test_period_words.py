import datetime as dt

import pytest

from core.days import Period, PeriodKind
from delivery.period_words import day_words, period_words, periods_words, standard_words

DAY = dt.date(2025, 7, 9)


@pytest.mark.parametrize(
    ("kind", "period", "standard"),
    [
        (PeriodKind.MONTH, "2025年7月", "每月1,234.50元"),
        (PeriodKind.QUARTER, "2025年第3季度", "每季度1,234.50元"),
        (PeriodKind.YEAR, "2025年度", "每年1,234.50元"),
        (PeriodKind.ONCE, "一次性", "一次性1,234.50元"),
        (PeriodKind.EVENT, "一次性", "一次性1,234.50元"),
    ],
)
def test_every_kind_of_period(kind: PeriodKind, period: str, standard: str) -> None:
    name = Period.of(DAY, kind).name

    assert (period_words(name), standard_words(123_450, name)) == (period, standard)


def test_an_amount_not_known_yet() -> None:
    assert standard_words(None, "2025-07") == "以主管部门核定为准"


def test_a_day() -> None:
    assert day_words(DAY) == "2025年7月9日"


def test_many_periods_are_the_first_and_their_number() -> None:
    """A text message has no room for the twelve months of an arrears payment."""
    months = [f"2025-{month:02d}" for month in range(1, 13)]

    assert periods_words(months[:3]) == "2025年1月、2025年2月、2025年3月"
    assert periods_words(months[:4]) == "2025年1月等4期"
    assert periods_words(["p-1", "p-2"]) == "一次性"
