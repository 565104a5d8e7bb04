"""Agreed instalments: what they come to, what is overdue on which day, and what a night makes of them."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import RefusedError
from engine.overpayments.codes import CaseCode
from engine.overpayments.instalments import agree_plan, equal_instalments, standing_of
from engine.overpayments.views import Waiting, list_cases, view_case
from store.case_instalments import Instalment
from store.case_steps import CaseRecord
from store.states.cases import CaseState
from tests.engine.overpayments.stage import again, case, confirmed, on, received
from tests.world import World, day

MAY = day("2025-05-31")


def record(**more: object) -> CaseRecord:
    """Return a case of 300 that is being paid back."""
    instant = dt.datetime(2025, 4, 2, tzinfo=dt.UTC)
    own = CaseRecord(
        "c", "o", 1, 300, 0, 0, 0, CaseState.COLLECTING, 3, 300, MAY, instant, None, None, "p", "s", "", "2025-01",
        "main",
    )  # fmt: skip
    return replace(own, **more)  # type: ignore[arg-type]  # fields by name


PLAN = equal_instalments(300, 3, day("2025-05-31"))


@given(st.integers(1, 10_000), st.integers(1, 60))
def test_equal_instalments_come_to_the_amount(amount_fen: int, months: int) -> None:
    """No fen is lost, none differs from another by more than one, and the days follow each other."""
    plan = equal_instalments(amount_fen, months, MAY)

    assert sum(each.amount_fen for each in plan) == amount_fen
    assert max(each.amount_fen for each in plan) - min(each.amount_fen for each in plan) <= 1
    assert [each.due_on for each in plan] == sorted({each.due_on for each in plan})


@pytest.mark.parametrize(
    ("date", "recovered_fen", "overdue"),
    [("2025-05-31", 0, []), ("2025-06-01", 0, [1]), ("2025-06-01", 100, []), ("2025-07-01", 150, [2])],
    ids=["on-the-day", "the-day-after", "paid", "paid-in-part"],
)
def test_overdue(date: str, recovered_fen: int, overdue: list[int]) -> None:
    """An instalment is overdue from the day after its own; what came pays the oldest first."""
    own = record(amount_fen=300 - recovered_fen, recovered_fen=recovered_fen)

    found = standing_of(own, PLAN, day(date))

    assert [each.instalment.number for each in found if each.is_overdue] == overdue
    assert sum(each.open_fen for each in found) == 300 - recovered_fen


def test_a_night_that_finds_less_shortens_the_plan() -> None:
    """The last instalments shrink first."""
    found = standing_of(record(amount_fen=120), PLAN, MAY)

    assert [each.open_fen for each in found] == [100, 20, 0]


def test_what_came_before_the_plan_does_not_pay_it() -> None:
    """A plan is for what was outstanding when it was agreed."""
    plan = [replace(each, recovered_before_fen=40) for each in PLAN]

    found = standing_of(record(recovered_fen=40), plan, MAY)

    assert [each.open_fen for each in found] == [100, 100, 100]


@pytest.mark.parametrize("state", [CaseState.APPEALED, CaseState.OPENED])
def test_nothing_is_overdue_while_nothing_may_be_collected(state: CaseState) -> None:
    """An objection, or a claim that has grown, lets the instalments wait."""
    assert not any(each.is_overdue for each in standing_of(record(state=state), PLAN, day("2026-01-01")))


def test_a_plan_is_agreed_and_paid(world: World) -> None:
    """Told in the list: what is due next, then what is overdue; the last receipt closes the case."""
    january = confirmed(world)
    agree_plan(world.deployment, january.case_id, equal_instalments(150_00, 3, MAY), by="clerk", reason="电话约定")
    received(world, january, yuan=50, date="2025-05-12")

    on(world, "2025-07-01")
    (line,) = list_cases(world.deployment, overdue_only=True)
    received(world, january, yuan=100, reference="R2", date="2025-07-01")

    assert (line.case.case_id, line.waiting, line.overdue_fen) == (january.case_id, Waiting.OVERDUE, 50_00)
    assert again(world, january).state is CaseState.RECOVERED
    assert not any(each.open_fen for each in view_case(world.deployment, january.case_id).instalments)


@pytest.mark.parametrize(
    "parts",
    [[], [(MAY, 149_99)], [(MAY, 100_00), (MAY, 50_00)], [(MAY, 0), (day("2025-06-30"), 150_00)]],
    ids=["none", "a-fen-short", "twice-on-a-day", "nothing"],
)
def test_a_plan_that_does_not_come_out(world: World, parts: list[tuple[dt.date, int]]) -> None:
    """Instalments come to what is outstanding, one after the other."""
    january = confirmed(world)

    with pytest.raises(RefusedError) as refusal:
        agree_plan(world.deployment, january.case_id, [Instalment(0, *each) for each in parts], by="clerk")

    assert refusal.value.findings[0].code is CaseCode.BAD_PLAN


def test_no_plan_before_the_claim_is_confirmed(world: World) -> None:
    """Nothing is collected of what may still be objected to."""
    with pytest.raises(RefusedError) as refusal:
        agree_plan(world.deployment, case(world).case_id, equal_instalments(150_00, 3, MAY), by="clerk")

    assert refusal.value.findings[0].code is CaseCode.NOT_CONFIRMED
