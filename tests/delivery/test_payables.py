import datetime as dt
from collections.abc import Sequence

import polars as pl

from core.days import PeriodKind
from delivery.payables import DuePayment, PayTerms, due_payments
from delivery.working_days import WorkingDays
from rules.version import Lane, Terms, WrittenVersion
from tests.delivery.samples import POLICY, pay, payable, terms


def collected(items: Sequence[pl.DataFrame], *said: PayTerms) -> list[DuePayment]:
    """Return what the run for 2025-08-18 collects, the last having been on 08-14."""
    known = {each.policy: each for each in said}
    return due_payments(
        pl.concat(items), known, WorkingDays(), after=dt.date(2025, 8, 14), through=dt.date(2025, 8, 18)
    )


def test_open_items_wait_for_their_pay_day() -> None:
    """Two policies, one of them paying on the 25th: only the other's items are due."""
    items = [payable(1), payable(2, policy="later")]

    due = collected(items, terms(), terms("later", day=25))

    assert [(each.terms.policy, each.pay_day, each.payables.rows()) for each in due] == [
        (POLICY, dt.date(2025, 8, 15), items[0].rows())
    ]


def test_first_payments_go_alone_where_the_quarter_has_not_come() -> None:
    items = [payable(1, is_first=True), payable(2)]

    (due,) = collected(items, terms(calendar="quarterly", first="monthly"))

    assert due.payables.rows() == items[0].rows()


def test_the_owner_pays_where_no_payer_is_named() -> None:
    version = WrittenVersion(
        policy="p",
        item_code="310118-CL-0007",
        title="重度残疾人护理补贴",
        owner="区残联",
        basis=(),
        subject="person",
        region="310118",
        lane=Lane.AUTOMATIC,
        benefit="cash",
        version=1,
        valid_from=dt.date(2025, 7, 1),
        criteria=(),
        terms=Terms(period=PeriodKind.MONTH, pay=pay()),
    )
    other = version.model_copy(update={"terms": version.terms.model_copy(update={"payer": "区财政局"})})

    assert [PayTerms.of(each).payer for each in (version, other)] == ["区残联", "区财政局"]


def test_what_came_back_is_paid_again_without_waiting() -> None:
    """A payment that the bank returned does not wait for the month's pay day; nor does it go out on a holiday."""
    back = payable(1, is_reissue=True, attempt=2)
    working, holiday = dt.date(2025, 8, 12), dt.date(2025, 10, 1)

    def due(on: dt.date) -> list[dt.date]:
        after = on - dt.timedelta(days=1)
        return [each.pay_day for each in due_payments(back, {POLICY: terms()}, WorkingDays(), after=after, through=on)]

    assert (due(working), due(holiday)) == ([working], [])
