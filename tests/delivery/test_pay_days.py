import datetime as dt
from typing import Any

import pytest

from delivery.pay_days import due_pay_days, next_pay_day, pay_days_between, pay_horizon
from delivery.working_days import WorkingDays
from tests.delivery.samples import pay

CALENDAR = WorkingDays()


def day(text: str) -> dt.date:
    """Return a day as it is written."""
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("said", "after", "through", "expected"),
    [
        pytest.param({}, "2025-09-13", "2025-09-14", [], id="the-day-before"),
        pytest.param({}, "2025-09-14", "2025-09-15", ["2025-09-15"], id="on-the-day"),
        pytest.param({}, "2025-09-15", "2025-09-16", [], id="collected-already"),
        pytest.param({}, "2025-09-13", "2025-09-18", ["2025-09-15"], id="down-14-to-17"),
        pytest.param({}, "2025-07-01", "2025-09-20", ["2025-07-15", "2025-08-15", "2025-09-15"], id="down-for-months"),
        pytest.param({"day": 31}, "2025-09-01", "2025-09-30", ["2025-09-30"], id="a-day-that-the-month-lacks"),
        pytest.param({"calendar": "quarterly"}, "2025-01-31", "2025-07-31", ["2025-04-15", "2025-07-15"], id="quarter"),
        pytest.param(
            {"calendar": "quarterly", "month": 3},
            "2025-01-31",
            "2025-06-30",
            ["2025-03-17", "2025-06-16"],
            id="third-month-of-the-quarter",
        ),
        pytest.param(
            {"calendar": "yearly", "month": 12}, "2024-01-01", "2025-12-31", ["2024-12-16", "2025-12-15"], id="year"
        ),
        pytest.param(
            {"calendar": "daily"},
            "2025-09-25",
            "2025-09-29",
            ["2025-09-26", "2025-09-28", "2025-09-29"],
            id="daily-on-working-days",
        ),
        pytest.param({}, "2025-11-14", "2025-11-16", [], id="a-saturday-is-not-paid-on"),
        pytest.param({}, "2025-11-16", "2025-11-17", ["2025-11-17"], id="it-moves-to-monday"),
        pytest.param({"day": 31}, "2025-08-30", "2025-09-01", ["2025-09-01"], id="it-moves-into-the-next-month"),
        pytest.param({}, None, "2025-09-20", ["2025-09-15"], id="before-any-run"),
        pytest.param({}, None, "2025-11-16", ["2025-10-15"], id="before-any-run-on-a-moved-day"),
    ],
)
def test_pay_days_since_the_last_run(
    said: dict[str, Any], after: str | None, through: str, expected: list[str]
) -> None:
    """A pay day is due if it lies after the last published run and not after this one (semantics §7)."""
    found = pay_days_between(pay(**said), CALENDAR, after=day(after) if after else None, through=day(through))

    assert found == [day(each) for each in expected]


def test_first_payments_go_out_monthly_where_the_rule_says_so() -> None:
    """Quarterly, first payments monthly: in February only these are collected."""
    quarterly = pay(calendar="quarterly", first="monthly")

    due = due_pay_days(quarterly, CALENDAR, after=day("2025-02-13"), through=day("2025-02-18"))

    assert due.of(is_first=True) == day("2025-02-17")
    assert due.of(is_first=False) is None


def test_first_payments_wait_where_the_rule_says_nothing() -> None:
    due = due_pay_days(pay(calendar="quarterly"), CALENDAR, after=day("2025-02-13"), through=day("2025-02-18"))

    assert (due.of(is_first=True), due.of(is_first=False)) == (None, None)


def test_a_first_payment_goes_with_the_others_on_a_common_pay_day() -> None:
    due = due_pay_days(pay(first="monthly"), CALENDAR, after=day("2025-09-14"), through=day("2025-09-15"))

    assert due.of(is_first=True) == due.of(is_first=False) == day("2025-09-15")


@pytest.mark.parametrize(
    ("said", "after", "expected"),
    [
        pytest.param({}, "2025-09-14", "2025-09-15", id="this-month"),
        pytest.param({}, "2025-09-15", "2025-10-15", id="next-month"),
        pytest.param({"calendar": "quarterly"}, "2025-01-15", "2025-04-15", id="quarter"),
        pytest.param({"calendar": "yearly", "month": 2, "day": 29}, "2025-03-01", "2026-02-28", id="no-leap-year"),
        pytest.param({"calendar": "daily"}, "2025-12-31", "2026-01-01", id="daily"),
    ],
)
def test_the_next_pay_day_as_written(said: dict[str, Any], after: str, expected: str) -> None:
    assert next_pay_day(pay(**said), day(after)) == day(expected)


@pytest.mark.parametrize(
    ("business_date", "expected"),
    [
        pytest.param("2025-01-14", "2025-01-14", id="before-the-pay-day-nothing-is-ahead"),
        pytest.param("2025-01-15", "2025-03-31", id="on-the-pay-day"),
        pytest.param("2025-02-10", "2025-03-31", id="between"),
        pytest.param("2025-04-14", "2025-04-14", id="the-days-before-the-next"),
        pytest.param("2025-04-15", "2025-06-30", id="on-the-next"),
    ],
)
def test_quarterly_in_advance(business_date: str, expected: str) -> None:
    """Quarterly in advance, paid 01-15 for January to March (semantics §9)."""
    assert pay_horizon(pay(calendar="quarterly", advance=True), day(business_date)) == day(expected)


def test_nothing_is_ahead_without_advance() -> None:
    assert pay_horizon(pay(), day("2025-01-15")) == day("2025-01-15")
