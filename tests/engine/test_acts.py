import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.days import LAST_DAY, DayRange, Period, PeriodKind
from core.ledger import NOTHING_DUE, Act, ActKind, Due
from engine.acts import after_acts, waived_days, waived_frame, with_acts

DUE = Due(150, None, is_open=True)


def acted(kind: ActKind, month: int, day: int, grant_id: str = "g") -> Act:
    """Return an act of 2025."""
    acted_on = dt.date(2025, month, day)
    return Act(grant_id, kind, acted_on, dt.datetime(2025, month, day, tzinfo=dt.UTC), "s")


def waive(month: int, day: int = 10) -> Act:
    """Return a waiver."""
    return acted(ActKind.WAIVE, month, day)


def revoke(month: int, day: int = 5) -> Act:
    """Return the revocation of a waiver."""
    return acted(ActKind.REVOKE_WAIVER, month, day)


def days(first: tuple[int, int], last: tuple[int, int]) -> DayRange:
    """Return days of 2025."""
    return DayRange(dt.date(2025, *first), dt.date(2025, *last))


@pytest.mark.parametrize(
    ("acts", "waived"),
    [
        pytest.param([], [], id="no-acts"),
        pytest.param([waive(3), revoke(6)], [days((4, 1), (5, 31))], id="waived-and-revoked"),
        pytest.param([revoke(6), waive(3)], [days((4, 1), (5, 31))], id="learned-in-another-order"),
        pytest.param([waive(3)], [DayRange(dt.date(2025, 4, 1), LAST_DAY)], id="still-standing"),
        pytest.param([waive(3), revoke(3, 20)], [], id="taken-back-in-the-same-month"),
        pytest.param([waive(3), revoke(4)], [], id="taken-back-in-the-next-month"),
        pytest.param([waive(3), waive(5), revoke(6)], [days((4, 1), (5, 31))], id="waived-twice"),
        pytest.param([revoke(2), acted(ActKind.CONFIRM, 3, 1)], [], id="nothing-to-revoke"),
        pytest.param(
            [waive(3), revoke(6), waive(6, 20), revoke(9)],
            [days((4, 1), (5, 31)), days((7, 1), (8, 31))],
            id="waived-again-in-the-month-of-revocation",
        ),
        pytest.param(
            [acted(ActKind.WAIVE, 12, 31)], [DayRange(dt.date(2026, 1, 1), LAST_DAY)], id="at-the-end-of-the-year"
        ),
    ],
)
def test_waived_days(acts: list[Act], waived: list[DayRange]) -> None:
    """After the waiver's month and before the revocation's."""
    assert list(waived_days(acts)) == waived


@pytest.mark.parametrize(
    ("kind", "day", "is_waived"),
    [
        pytest.param(PeriodKind.MONTH, dt.date(2025, 2, 1), False, id="month-of-the-waiver"),
        pytest.param(PeriodKind.MONTH, dt.date(2025, 3, 1), True, id="month-after"),
        pytest.param(PeriodKind.MONTH, dt.date(2025, 7, 1), True, id="month-before-the-revocation"),
        pytest.param(PeriodKind.MONTH, dt.date(2025, 8, 1), False, id="month-of-the-revocation"),
        pytest.param(PeriodKind.QUARTER, dt.date(2025, 2, 1), False, id="quarter-of-the-waiver"),
        pytest.param(PeriodKind.QUARTER, dt.date(2025, 5, 1), True, id="quarter-between"),
        pytest.param(PeriodKind.QUARTER, dt.date(2025, 8, 1), False, id="quarter-of-the-revocation"),
        pytest.param(PeriodKind.YEAR, dt.date(2025, 5, 1), False, id="year"),
        pytest.param(PeriodKind.ONCE, dt.date(2025, 5, 1), False, id="single-payment-taken-back"),
    ],
)
def test_waived_periods(kind: PeriodKind, day: dt.date, is_waived: bool) -> None:  # one case of a table
    """Waived 02-10, revoked 08-05: periods wholly in between are zero, known and closed."""
    due = after_acts(DUE, Period.of(day, kind), [waive(2), revoke(8)])

    assert due == (NOTHING_DUE if is_waived else DUE)


def test_waived_single_payment() -> None:
    """It has no month of its own: nothing is due while the waiver stands."""
    assert after_acts(DUE, Period.of(dt.date(2025, 1, 1), PeriodKind.EVENT), [waive(2)]) == NOTHING_DUE


ACTS = st.builds(
    acted,
    st.sampled_from([ActKind.WAIVE, ActKind.REVOKE_WAIVER, ActKind.CONFIRM]),
    st.integers(1, 12),
    st.sampled_from([1, 15, 28]),
    st.sampled_from(["g1", "g2"]),
)
PERIODS = st.builds(
    Period.of,
    st.dates(dt.date(2025, 1, 1), dt.date(2026, 6, 30)),
    st.sampled_from(sorted(set(PeriodKind) - {PeriodKind.DECLARED})),
)


@given(st.lists(ACTS, max_size=6), st.lists(st.tuples(st.sampled_from(["g1", "g2", "g3"]), PERIODS), max_size=6))
def test_frame_agrees_with_the_reference(acts: list[Act], asked: list[tuple[str, Period]]) -> None:
    """Row by row, and no row is lost or moved."""
    dues = pl.LazyFrame(
        {
            "grant_id": [grant_id for grant_id, _ in asked],
            "period_first": [period.days.first for _, period in asked],
            "period_last": [period.days.last for _, period in asked],
            "at_least_fen": [DUE.at_least_fen] * len(asked),
            "at_most_fen": [DUE.at_most_fen] * len(asked),
            "is_open": [DUE.is_open] * len(asked),
        },
        schema_overrides={
            "grant_id": pl.String,
            "period_first": pl.Date,
            "period_last": pl.Date,
            "at_least_fen": pl.Int64,
            "at_most_fen": pl.Int64,
            "is_open": pl.Boolean,
        },
    )

    after = with_acts(dues, waived_frame(acts)).collect()

    expected = [after_acts(DUE, period, [a for a in acts if a.grant_id == grant_id]) for grant_id, period in asked]
    assert after["grant_id"].to_list() == [grant_id for grant_id, _ in asked]
    assert [Due(*row) for row in after.select("at_least_fen", "at_most_fen", "is_open").iter_rows()] == expected
    assert after["is_waived"].to_list() == [due == NOTHING_DUE for due in expected]
