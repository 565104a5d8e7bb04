"""Asking stretches equals asking every day."""

import datetime as dt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.days import MONTHS_OF, DayRange, Period, PeriodKind, add_days, add_months
from core.money import part_of
from core.timetables import Timetable
from engine.match import STARTS, STRETCHES
from engine.periods import Asking, Counts, calendar_of, outcomes_by_period, period_number, with_own_borders

FIRST = dt.date(2025, 1, 20)
DAYS = 150
Answer = tuple[bool | None, int, int | None]  # met, at least, at most

answers = st.sampled_from(
    [(True, 100, 100), (True, 300, 300), (True, 0, None), (None, 100, 300), (None, 0, None), (False, 0, 0)]
)
timelines = st.lists(st.tuples(st.integers(1, 45), answers), min_size=1, max_size=8)


def _tiled(timeline: list[tuple[int, Answer]]) -> list[tuple[dt.date, dt.date, Answer]]:
    stretches, start = [], FIRST
    for length, answer in timeline:
        stretches.append((start, start + dt.timedelta(days=length - 1), answer))
        start += dt.timedelta(days=length)
    return stretches


def _frame(stretches: list[tuple[dt.date, dt.date, Answer]]) -> pl.LazyFrame:
    rows = [
        {
            "subject_id": "s",
            "day": a,
            "through": b,
            "met": m,
            "component": "main",
            "at_least_fen": lo,
            "at_most_fen": hi,
            "version": 1,
        }
        for a, b, (m, lo, hi) in stretches
    ]
    return pl.LazyFrame(rows, schema=STRETCHES)


def _by_asking_every_day(
    stretches: list[tuple[dt.date, dt.date, Answer]], asking: Asking
) -> dict[str, tuple[bool, int, int | None]]:
    """Ask each day of each period, straight from `semantics` §3."""
    daily = {day: answer for first, last, answer in stretches for day in DayRange(first, last)}
    result = {}
    for period in Period.covering(asking.days, asking.kind):
        asked = {
            "any_day": list(DayRange(max(period.days.first, FIRST), min(period.days.last, asking.days.last))),
            "first_day": [period.days.first],
            "last_day": [period.days.last],
        }[asking.counts]
        known = [(day, daily[day]) for day in asked if day in daily and day in asking.days]
        met = [(day, answer) for day, answer in known if answer[0]]
        unknown = [(day, answer) for day, answer in known if answer[0] is None]
        if not met and not unknown:
            continue
        if met:
            day, decisive = met[0] if asking.kind is PeriodKind.ONCE else met[-1]
            beyond = [a for d, a in unknown if (d < day if asking.kind is PeriodKind.ONCE else d > day)]
            possible = [decisive, *beyond]
        else:
            possible = [answer for _, answer in unknown]
        most = [answer[2] for answer in possible]
        limit = None if None in most else max(amount for amount in most if amount is not None)
        result[period.name] = (bool(met), min(answer[1] for answer in possible), limit)
    return result


@pytest.mark.parametrize("counts", ["any_day", "first_day", "last_day"])
@pytest.mark.parametrize("kind", [PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.YEAR, PeriodKind.ONCE])
@settings(max_examples=40, deadline=None)
@given(timeline=timelines, asked_days=st.integers(1, DAYS))
def test_stretches_give_what_asking_every_day_gives(
    counts: Counts, kind: PeriodKind, timeline: list[tuple[int, Answer]], asked_days: int
) -> None:
    """Whatever the stretches and wherever the asked days end, the period's outcome and amounts are the same."""
    if kind is PeriodKind.ONCE and counts != "any_day":
        counts = "any_day"
    stretches = _tiled(timeline)
    asking = Asking(kind, counts, DayRange(FIRST, FIRST + dt.timedelta(days=asked_days - 1)))

    frame = outcomes_by_period(_frame(stretches), asking).collect()

    names = {period.name: index for index, period in enumerate(Period.covering(asking.days, kind))}
    first_no = 0 if kind is PeriodKind.ONCE else None
    rows = frame.sort("period_no").rows(named=True)
    expected = _by_asking_every_day(stretches, asking)
    numbered = {name: _number(name, kind) for name in names}
    assert first_no in {None, 0}
    assert {row["period_no"]: (row["is_met"], row["at_least_fen"], row["at_most_fen"]) for row in rows} == {
        numbered[name]: answer for name, answer in expected.items()
    }


@settings(max_examples=60, deadline=None)
@given(
    starts=st.dates(dt.date(2023, 1, 1), dt.date(2026, 12, 31)),
    day=st.dates(dt.date(2024, 1, 1), dt.date(2026, 12, 31)),
    kind=st.sampled_from([PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.YEAR]),
)
def test_own_periods_follow_each_other_from_their_day(starts: dt.date, day: dt.date, kind: PeriodKind) -> None:
    """The period that holds a day begins so many months from the own day, and has the calendar's name of its beginning."""
    whole = DayRange(dt.date(2022, 1, 1), dt.date(2027, 12, 31))
    asking = Asking(kind, "any_day", whole, Timetable(kind, is_own=True))
    frame = pl.LazyFrame({"day": [day], STARTS: [starts]}, schema={"day": pl.Date, STARTS: pl.Date})
    numbered = frame.with_columns(period_no=period_number(pl.col("day"), asking.table))
    dated = with_own_borders(numbered.join(calendar_of(asking).lazy(), on="period_no"), asking)

    (found,) = dated.collect().rows(named=True)

    steps = [add_months(starts, MONTHS_OF[kind] * step) for step in range(-60, 61)]
    begun = max(each for each in steps if each <= day)
    ends = min(each for each in steps if each > day)
    assert (found["period_first"], found["period_last"]) == (begun, add_days(ends, -1))
    assert asking.table.of_own(day, starts).days == DayRange(begun, add_days(ends, -1))
    assert found["period"] == Period.of(begun, kind).name


@given(amount=st.integers(0, 10**6), more=st.integers(0, 3), parts=st.sampled_from([4, 12]), since=st.integers(0, 40))
def test_parts_of_a_year_come_to_its_amount(amount: int, more: int, parts: int, since: int) -> None:
    """Any twelve months together have the whole amount; no two differ by more than a fen, and more makes no part less."""
    asking = Asking(PeriodKind.MONTH, "any_day", DayRange(FIRST, FIRST), parts=parts)
    frame = pl.DataFrame({"number": range(since, since + parts)})
    part, of_more = (asking.part_of(pl.lit(fen), pl.col("number")) for fen in (amount, amount + more))

    found = frame.select(part=part, of_more=of_more)

    assert found["part"].sum() == amount
    assert found["part"].to_list() == [part_of(amount, number % parts, parts) for number in range(since, since + parts)]
    assert found["part"].max() - found["part"].min() in {0, 1}  # type: ignore[operator]  # columns of whole numbers
    assert (found["of_more"] >= found["part"]).all()


def _number(name: str, kind: PeriodKind) -> int:
    match kind:
        case PeriodKind.MONTH:
            return int(name[:4]) * 12 + int(name[5:]) - 1
        case PeriodKind.QUARTER:
            return int(name[:4]) * 4 + int(name[5:]) - 1
        case PeriodKind.YEAR:
            return int(name)
        case _:
            return 0
