"""A grievance from hand to hand, and what it holds meanwhile."""

from collections.abc import Callable

import pytest

from core.errors import RefusedError
from core.findings import Code
from core.ledger import ItemState
from engine.deployment import Deployment
from engine.grievances.codes import GrievanceCode
from engine.grievances.handling import (
    Words,
    accept,
    ask,
    close,
    decide,
    execute,
    investigate,
    reappeal,
    refuse,
    withdraw,
)
from engine.grievances.intake import Intake
from store.codes import StoreCode
from store.grievances import Grievance, steps_of_grievances
from store.outbox import read_notices
from store.states.cases import CaseState
from store.states.grievances import GrievanceKind, GrievanceOutcome, GrievanceSource, GrievanceState
from tests.engine.grievances.stage import WHY, come, looked_into, now, reported
from tests.engine.overpayments.stage import again, card, case, confirmed, on
from tests.world import World, day

UPHELD, REJECTED = GrievanceOutcome.UPHELD, GrievanceOutcome.REJECTED
AGAIN = Intake(GrievanceKind.SERVICE, GrievanceSource.COUNTER, "不服", day("2025-02-01"))


def refused(code: Code, deed: Callable[[], object]) -> None:
    """Check that a deed is refused for a reason."""
    with pytest.raises(RefusedError) as refusal:
        deed()
    assert refusal.value.findings[0].code is code


def test_from_the_counter_to_the_end(world: World) -> None:
    """Each step is dated and signed; whoever complains is told by when, and what was decided."""
    found = come(world, GrievanceKind.ENTITLEMENT, subject=world.subject("b"), policy="care").grievance
    looked_into(world, found)
    ask(world.deployment, found.grievance_id, Words("clerk", "请补残疾证"))
    investigate(world.deployment, found.grievance_id, Words("clerk", "已补"))
    decide(world.deployment, found.grievance_id, UPHELD, Words("head", **WHY, department="残联"))
    refused(GrievanceCode.NOT_DONE, lambda: close(world.deployment, found.grievance_id, Words("clerk")))
    execute(world.deployment, found.grievance_id, Words("clerk", "残联已更正"))
    closed = close(world.deployment, found.grievance_id, Words("clerk"))

    assert (closed.state, closed.outcome) == (GrievanceState.CLOSED, UPHELD)
    with world.store.reading() as rx:
        steps = steps_of_grievances(rx, [found.grievance_id])[found.grievance_id]
        told = {
            each.notice.kind.value: dict(each.notice.values) for each in read_notices(rx, subjects=[world.subject("b")])
        }
    assert [step.target.value for step in steps] == [
        "accepted", "investigating", "waiting", "investigating", "decided", "executed", "closed"
    ]  # fmt: skip
    assert steps[4].department == "残联"
    assert told["grievance_received"]["reply_by"] == "2025年2月24日前（含当日）"
    assert told["grievance_decided"]["decision"] == "成立"
    assert told["grievance_decided"]["reasons"] == "已核查；依据：某办法第五条"


def test_a_report_holds_what_is_due(world: World) -> None:
    """What is open waits at once and in every night, until the report is rejected; then the next night pays it.

    Who is reported learns that something is looked into, not that somebody reported them: such letters are for who came.
    """
    world.night("2025-02-28")
    found = reported(world)
    held = world.states("a")["2025-02"]
    world.night("2025-03-01")
    still = world.states("a")["2025-02"]
    looked_into(world, found)
    decide(world.deployment, found.grievance_id, REJECTED, Words("head", **WHY))
    world.night("2025-03-03", pays=True)

    with world.store.reading() as rx:
        told = read_notices(rx, subjects=[world.subject("a")])
    assert not {each.notice.kind.value for each in told} & {"grievance_received", "grievance_decided"}
    assert found.is_holding
    assert held == still == [ItemState.ON_HOLD]
    assert world.states("a")["2025-02"] == [ItemState.PAID]
    assert not now(world, found).is_holding


def test_a_report_that_is_right_holds_until_the_facts_are_mended(world: World) -> None:
    """The decision edits no amount: the department mends its data, and the next night cancels what is not due."""
    world.night("2025-02-28")
    found = reported(world)
    looked_into(world, found)
    refused(
        GrievanceCode.NO_DEPARTMENT,
        lambda: decide(world.deployment, found.grievance_id, UPHELD, Words("head", **WHY)),
    )
    decide(world.deployment, found.grievance_id, UPHELD, Words("head", **WHY, department="残联"))
    world.night("2025-03-01")
    meanwhile = world.states("a")["2025-02"]
    world.deliver("cards", [card("a", "2025-02-10")], on="2025-03-02")
    execute(world.deployment, found.grievance_id, Words("clerk", "残联已注销"))
    world.night("2025-03-02")

    assert meanwhile == [ItemState.ON_HOLD]
    assert world.states("a")["2025-02"] == [ItemState.CANCELLED]


def test_who_is_reported_is_told_what_is_looked_into(world: World) -> None:
    """Their benefit waits, and the letter says why, and not by whom."""
    reported(world)

    world.night("2025-02-28")

    with world.store.reading() as rx:
        told = [each.notice for each in read_notices(rx, subjects=[world.subject("a")])]
    (letter,) = [each for each in told if each.kind == "held"]
    assert dict(letter.values)["reasons"] == "是否仍然符合享受条件（收到反映，正在核查）"


@pytest.mark.parametrize("way", ["withdraw", "refuse"])
def test_what_is_taken_back_or_not_taken_up_holds_nothing(world: World, way: str) -> None:
    """The next night pays what waited."""
    found = reported(world)
    if way == "withdraw":
        withdraw(world.deployment, found.grievance_id, Words("clerk"))
    else:
        refuse(world.deployment, found.grievance_id, Words("clerk", **WHY))

    world.night("2025-02-28", pays=True)

    assert world.states("a")["2025-02"] == [ItemState.PAID]


def test_ones_own_grievance_holds_no_payment(world: World) -> None:
    """Who asks for more loses nothing by asking."""
    found = come(world, GrievanceKind.ENTITLEMENT, subject=world.subject("a"), policy="care").grievance

    world.night("2025-02-28", pays=True)

    assert not found.is_holding
    assert world.states("a")["2025-02"] == [ItemState.PAID]


def test_an_objection_to_a_claim_holds_the_claim(world: World) -> None:
    """Its case is appealed; who told or confirmed the claim does not decide on the grievance."""
    world.deliver("cards", [card("a", "2025-01-15")], on="2025-04-02")
    world.night("2025-04-02")
    january = confirmed(world)
    found = come(world, GrievanceKind.SERVICE, case_id=january.case_id).grievance
    looked_into(world, found)

    for own in ("clerk", "head"):
        refused(
            GrievanceCode.OWN_DECISION,
            lambda own=own: decide(world.deployment, found.grievance_id, REJECTED, Words(own, **WHY)),  # type: ignore[misc]  # its default binds it
        )
    decide(world.deployment, found.grievance_id, REJECTED, Words("director", **WHY))

    assert (found.kind, again(world, january).state) == (GrievanceKind.CLAIM, CaseState.APPEALED)
    assert case(world).case_id == january.case_id


def test_going_on_with_it(world: World) -> None:
    """Another grievance, linked to the first, before another person, once and within some working days."""
    found = reported(world)
    looked_into(world, found)
    decide(world.deployment, found.grievance_id, REJECTED, Words("head", **WHY))
    on(world, "2025-02-24")  # the fifteenth working day, and the last

    anew = reappeal(world.deployment, found.grievance_id, AGAIN, by="counter")
    looked_into(world, anew)

    refused(
        GrievanceCode.OWN_DECISION,
        lambda: decide(world.deployment, anew.grievance_id, REJECTED, Words("head", **WHY)),
    )
    refused(StoreCode.WRONG_STATE, lambda: reappeal(world.deployment, found.grievance_id, AGAIN, by="counter"))
    assert (anew.earlier_id, anew.kind, anew.is_holding) == (found.grievance_id, GrievanceKind.REPORT, True)
    assert now(world, found).state is GrievanceState.REAPPEALED


def test_going_on_too_late(world: World) -> None:
    """After that, review and suit by law are open."""
    found = reported(world)
    refuse(world.deployment, found.grievance_id, Words("clerk", **WHY))
    on(world, "2025-02-25")

    refused(GrievanceCode.TOO_LATE, lambda: reappeal(world.deployment, found.grievance_id, AGAIN, by="counter"))


_Deed = Callable[[Deployment, Grievance], object]


@pytest.mark.parametrize(
    "deed",
    [
        lambda deployment, own: refuse(deployment, own.grievance_id, Words("clerk", "不属于本部门")),
        lambda deployment, own: ask(deployment, own.grievance_id, Words("clerk", " ")),
        lambda deployment, own: decide(deployment, own.grievance_id, REJECTED, Words("head", basis="某办法")),
        lambda deployment, own: execute(deployment, own.grievance_id, Words("clerk")),
    ],
    ids=["refused-without-basis", "asked-nothing", "decided-without-reason", "done-without-a-word"],
)
def test_reasons(world: World, deed: _Deed) -> None:
    """What is done without saying why is not done."""
    found = reported(world)

    refused(GrievanceCode.NOTHING_SAID, lambda: deed(world.deployment, found))


def test_no_step_is_skipped(world: World) -> None:
    """The table of transitions knows no way from the counter to a decision."""
    found = reported(world)

    refused(StoreCode.WRONG_STATE, lambda: decide(world.deployment, found.grievance_id, REJECTED, Words("head", **WHY)))
    accept(world.deployment, found.grievance_id, Words("clerk"))
    refused(StoreCode.WRONG_STATE, lambda: accept(world.deployment, found.grievance_id, Words("clerk")))
