"""A claim is told, objected to, and decided by somebody else; the days in between count."""

import pytest

from core.errors import RefusedError
from core.findings import Code
from engine.overpayments.codes import CaseCode
from engine.overpayments.deciding import Decision, decide, notify, record_objection
from engine.overpayments.signing import Signed
from store.case_steps import steps_of_case
from store.codes import StoreCode
from store.outbox import read_notices
from store.states.cases import CaseAction, CaseState
from tests.engine.overpayments.stage import again, card, case, confirmed, on, received
from tests.world import World

HEAD = Signed("head", "已核对", "某办法第三条")


def refused(code: Code, world: World, decision: Decision = Decision.CONFIRM, signed: Signed = HEAD) -> None:
    """Check that a decision on January is refused for a reason."""
    with pytest.raises(RefusedError) as refusal:
        decide(world.deployment, case(world).case_id, decision, signed)
    assert refusal.value.findings[0].code is code


def test_telling(world: World) -> None:
    """The letter says what, for when, why in the rule's words, and until which working day to object."""
    on(world, "2025-04-03")

    told = notify(world.deployment, case(world).case_id, by="clerk")

    assert (told.state, told.told_fen, str(told.object_through)) == (CaseState.NOTIFIED, 150_00, "2025-04-18")
    with world.store.reading() as rx:
        letter = next(each.notice for each in read_notices(rx) if each.notice.kind == "overpaid")
    assert dict(letter.values) | {"title": "", "owner": "", "contact": ""} == {
        "title": "", "owner": "", "contact": "", "amount": "150.00", "periods": "2025年1月",
        "reasons": "不符合“条件1”", "reply_by": "2025年4月18日前（含当日）",
    }  # fmt: skip


def test_the_last_day_to_object(world: World) -> None:
    """Ten working days, 清明 being none; nobody confirms on the last of them, and anybody else the day after."""
    on(world, "2025-04-03")
    notify(world.deployment, case(world).case_id, by="clerk")

    on(world, "2025-04-18")
    refused(CaseCode.OBJECTION_OPEN, world)
    on(world, "2025-04-19")
    refused(CaseCode.OWN_DECISION, world, signed=Signed("clerk", "已核对", "某办法"))
    after = decide(world.deployment, case(world).case_id, Decision.CONFIRM, HEAD)

    assert after.state is CaseState.CONFIRMED
    with world.store.reading() as rx:
        step = steps_of_case(rx, after.case_id)[-1]
        kinds = [each.notice.kind for each in read_notices(rx)]
    assert (step.action, step.taken_by, step.reason, step.basis) == (
        CaseAction.CONFIRMED, "head", "已核对", "某办法第三条"
    )  # fmt: skip
    assert "overpayment_decided" in kinds


def test_nothing_is_decided_before_it_is_told(world: World) -> None:
    """The table of transitions has no such way."""
    refused(StoreCode.WRONG_STATE, world)


@pytest.mark.parametrize("signed", [Signed("head", " ", "某办法"), Signed("head", "已核对", "")])
def test_reason_and_basis(world: World, signed: Signed) -> None:
    """A decision without either is none."""
    refused(CaseCode.NOTHING_SAID, world, signed=signed)


def test_an_objection_holds_and_is_decided(world: World) -> None:
    """It may be decided at once, either way; reopened, the subject is told anew before anything else."""
    on(world, "2025-04-03")
    january = case(world)
    notify(world.deployment, january.case_id, by="clerk")
    held = record_objection(world.deployment, january.case_id, by="clerk", reason="一直持证")

    reopened = decide(world.deployment, january.case_id, Decision.REOPEN, HEAD)
    refused(StoreCode.WRONG_STATE, world)
    told = notify(world.deployment, january.case_id, by="clerk", reason="证件已于一月注销")

    assert [held.state, reopened.state, told.state] == [CaseState.APPEALED, CaseState.OPENED, CaseState.NOTIFIED]


def test_what_is_decided_is_not_decided_again(world: World) -> None:
    """A second officer who confirms the same changes nothing, and the subject gets no second decision."""
    confirmed(world)
    with world.store.reading() as rx:
        told = len(read_notices(rx))

    refused(StoreCode.WRONG_STATE, world, signed=Signed("another", "同意", "某办法第三条"))

    with world.store.reading() as rx:
        assert len(read_notices(rx)) == told


def test_there_is_nothing_to_reopen_before_it_is_told(world: World) -> None:
    """The subject knows of no claim yet, and would get a decision about it."""
    refused(StoreCode.WRONG_STATE, world, Decision.REOPEN)


def test_an_objection_after_the_decision_holds_too(world: World) -> None:
    """Whoever objects late is heard; nothing is collected meanwhile, and what comes by itself is taken in."""
    january = confirmed(world)

    record_objection(world.deployment, january.case_id, by="clerk", reason="刚从外地回来")
    received(world, january, yuan=50)

    after = again(world, january)
    assert (after.state, after.amount_fen) == (CaseState.APPEALED, 100_00)


def test_a_claim_that_grows_begins_anew(world: World) -> None:
    """What nobody was told of is not collected: a night that finds more takes the case back to its beginning."""
    world.deliver("cards", [card("a", "2025-01-31")], on="2025-04-03")
    world.rule(
        version=2, amounts=100, on="2025-04-03", terms="{period: month, counts: last_day, pay: {calendar: daily}}"
    )
    world.night("2025-04-03")
    small = case(world)
    january = confirmed(world)

    world.deliver("cards", [card("a", "2025-01-15")], on="2025-05-13")
    world.night("2025-05-13")

    grown = again(world, january)
    assert (small.amount_fen, january.state) == (50_00, CaseState.CONFIRMED)
    assert (grown.state, grown.amount_fen, grown.told_fen) == (CaseState.OPENED, 150_00, 50_00)
    with world.store.reading() as rx:
        step = steps_of_case(rx, january.case_id)[-1]
    assert (step.action, step.taken_by, step.source) == (CaseAction.RAISED, "night", CaseState.CONFIRMED)


def test_a_claim_that_grows_while_an_objection_is_open(world: World) -> None:
    """The objection stays; only what the subject was told of can be confirmed."""
    world.deliver("cards", [card("a", "2025-01-31")], on="2025-04-03")
    world.rule(
        version=2, amounts=100, on="2025-04-03", terms="{period: month, counts: last_day, pay: {calendar: daily}}"
    )
    world.night("2025-04-03")
    january = case(world)
    on(world, "2025-04-03")
    notify(world.deployment, january.case_id, by="clerk")
    record_objection(world.deployment, january.case_id, by="clerk", reason="不认可")
    world.deliver("cards", [card("a", "2025-01-15")], on="2025-04-04")
    world.night("2025-04-04")

    refused(CaseCode.NOT_TOLD, world)
    told = notify(world.deployment, january.case_id, by="clerk")
    after = decide(world.deployment, january.case_id, Decision.CONFIRM, HEAD)

    assert (told.state, told.told_fen, after.state) == (CaseState.APPEALED, 150_00, CaseState.CONFIRMED)


def test_a_claim_that_nobody_can_explain(world: World) -> None:
    """Where today's knowledge does not say why, somebody has to."""
    world.deliver("cards", [], on="2025-04-03")
    january = case(world)
    world.deliver("cards", [card("a")], on="2025-04-04")

    told = notify(world.deployment, january.case_id, by="clerk", reason="  证件登记有误  ")

    with world.store.reading() as rx:
        assert steps_of_case(rx, told.case_id)[-1].reason == "证件登记有误"
