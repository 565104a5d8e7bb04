"""A whole version gives the same outcome, amounts and reasons in Polars and in plain Python, day after day."""

import datetime as dt
from fractions import Fraction
from types import MappingProxyType

import polars as pl
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from core.edges import DayEdge
from rules.bound import BoundCriterion
from rules.closed import ClosedVersion
from rules.closures import Value, closure
from rules.compiled import CompiledVersion
from rules.counts import count
from rules.edges import day_edges
from rules.ratios import TooLargeError
from rules.tariff import BoundLine, ClosedLines, Rounding, compile_lines
from rules.tree import Kind
from tests.laws.expressions import conditions, days, facts, known_facts, numbers
from tests.laws.test_rules_agree import People, frame, people, tree

ROUNDINGS = st.sampled_from(
    [Rounding("half_up", Fraction(1, 100)), Rounding("down", Fraction(1)), Rounding("up", Fraction(10))]
)
LINES = st.lists(st.tuples(st.none() | conditions(3), numbers(3)), min_size=1, max_size=3)


def lines_of(written: list[tuple[str | None, str]]) -> tuple[BoundLine, ...]:
    """Return tariff lines of random texts."""
    return tuple(
        BoundLine(None if when is None else tree(when, Kind.TRUTH), tree(amount, Kind.NUMBER))
        for when, amount in written
    )


@given(st.lists(conditions(4), min_size=1, max_size=3), LINES, ROUNDINGS, people)
def test_versions_agree(
    criteria: list[str], written: list[tuple[str | None, str]], rounding: Rounding, rows: People
) -> None:
    """Outcome, failing criteria, missing facts and amounts are the same for a night and for a page."""
    nodes = {f"c{index}": tree(text, Kind.TRUTH) for index, text in enumerate(criteria)}
    lines = lines_of(written)
    try:
        compiled = CompiledVersion(nodes, {"main": compile_lines(lines, rounding)})
    except TooLargeError:
        reject()
    bound = tuple(BoundCriterion(name, name, node, True, None, "") for name, node in nodes.items())
    closed = ClosedVersion(bound, MappingProxyType({"main": ClosedLines(lines, rounding)}))
    amounts = compiled.amounts["main"]
    told = frame(rows).select(
        pl.col("day"),
        compiled.outcome.alias("outcome"),
        compiled.failing.alias("failing"),
        compiled.unknown.alias("unknown"),
        compiled.missing.alias("missing"),
        amounts.at_least.alias("at_least"),
        amounts.at_most.alias("at_most"),
    )

    for row, (held, day) in zip(told.collect().iter_rows(named=True), rows, strict=True):
        assert row["outcome"] is closed.outcome(held, day)
        assert tuple(row["failing"]) == closed.failing(held, day)
        assert row["unknown"] == [name for name, result in closed.criteria(held, day).items() if result is None]
        assert tuple(row["missing"]) == closed.missing(held, day)
        assert (row["at_least"], row["at_most"]) == closed.amounts(held, day)["main"]


@given(LINES, ROUNDINGS, facts, days, st.data())
def test_erasing_a_fact_only_widens_the_amount(
    written: list[tuple[str | None, str]],
    rounding: Rounding,
    held: dict[str, Value],
    day: dt.date,
    data: st.DataObject,
) -> None:
    """What was certainly due and what was at most due stay inside what is due when less is known."""
    lines = ClosedLines(lines_of(written), rounding)
    least, most = lines.amount(held, day)
    code = data.draw(st.sampled_from(sorted(held)))
    less, more = lines.amount(held | {code: None}, day)

    assert less <= least
    assert more is None or (most is not None and most <= more)


def is_break(edges: tuple[DayEdge, ...], held: dict[str, Value], day: dt.date) -> bool:
    """Say whether an edge lies on a day, by the words of `core.edges`."""
    before = day - dt.timedelta(days=1)
    for edge in edges:
        since = held.get(edge.attribute) if edge.attribute else None
        if edge.function == "day" and edge.attribute is None:
            hit = edge.days is None or day in edge.days
        elif not isinstance(since, dt.date):
            hit = False
        elif edge.function == "day":
            hit = any((day - since).days - shift in {0, 1} for shift in edge.thresholds or (0,))
        else:
            reached = count(edge.function, since, day)
            hit = reached != count(edge.function, since, before)
            hit &= edge.thresholds is None or reached in edge.thresholds
        if hit:
            return True
    return False


DAY_CONDITIONS = st.sampled_from(
    [
        "full_years(出生日期) >= 65",
        "full_years(出生日期) > 64 and 65 > full_years(发证日期)",
        "full_years_by_month(出生日期) in [60, 65.0] or full_months(发证日期) != 7",
        "full_months(发证日期) <= 7",
        "full_months(发证日期) / 2 > 3",
        "full_years(出生日期) - full_years(发证日期) == 1",
        'day() >= d"2024-02-29" and day() < d"2026-01-01"',
        'day() == d"2024-02-29" or day() != d"2024-03-01"',
        'day() in [d"2024-02-29", d"2024-03-02"]',
        "day() > 发证日期",
        "发证日期 + 30 >= day()",
        "day() - 发证日期 in [7, 30]",
        "day() - 发证日期 <= 30.5",
        "发证日期 - day() > -7",
        "day() - 3 == 发证日期 + 4",
        "day() - 发证日期 > 家庭人数",
        "day() - day() == 0 and day() == day()",
        'd"2024-02-29" - day() < 7',
    ]
)


@settings(max_examples=200)
@given(DAY_CONDITIONS | conditions(), known_facts, st.dates(dt.date(2023, 1, 1), dt.date(2026, 12, 31)), st.data())
def test_nothing_changes_between_edges(text: str, held: dict[str, Value], day: dt.date, data: st.DataObject) -> None:
    """Asking on the edges, and the days before them, is asking on every day."""
    node = tree(text, Kind.TRUTH)
    near = data.draw(st.sampled_from([0, 1, 7, 8, 30, 31, -6, -7]))
    held |= {"issued_on": day - dt.timedelta(days=near)} if data.draw(st.booleans()) else {}
    holds = closure(node)
    changed = holds(held, day) != holds(held, day - dt.timedelta(days=1))

    assert not changed or is_break(day_edges([node]), held, day)
