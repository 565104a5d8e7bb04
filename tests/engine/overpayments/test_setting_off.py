"""Claims that are kept back from later payments: how much, from whose, and until when."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest

from core.errors import RefusedError
from core.ledger import ItemState
from engine.budgets import Appropriation, confirm_decision, propose_budget, propose_closing, view_budgets
from engine.overpayments.codes import CaseCode
from engine.overpayments.deciding import Decision, decide, notify, record_objection
from engine.overpayments.giving_up import ask_relief, grant_relief
from engine.overpayments.instalments import agree_plan, equal_instalments
from engine.overpayments.setting_off import decide_set_off
from engine.overpayments.signing import Signed
from engine.overpayments.views import Waiting, list_cases, view_case
from engine.paying.advising import advise_receiver
from engine.replaying.replay import Verdict
from store.batches import read_batches
from store.case_steps import CaseRecord, steps_of_case
from store.codes import StoreCode
from store.journal import read_pots, set_off_sums, verify_books
from store.outbox import read_notices
from store.positions import read_items
from store.states.cases import CaseAction, CaseState, ReliefKind
from tests.engine.overpayments.stage import again, card, case, on
from tests.laws.stored_money import check_money
from tests.replayed import replays
from tests.world import POLICY, World, day

PAYS = "period: month, counts: last_day, pay: {calendar: daily}"
HALF = f"{{{PAYS}, offset: {{share: 1/2}}}}"
SIGNED = Signed("clerk", "同意逐期抵扣", "某办法第五条")


def _claimed(tmp_path: Path, terms: str = HALF, *, policy: str = POLICY) -> World:
    """Pay a for January and February, and learn in March that the card stood from February on only: January is a case."""
    world = World.at(tmp_path / "w")
    world.people("ab")
    world.deliver("cards", [card("a")], on="2025-01-02")
    world.rule(terms=terms, policy=policy)
    for date in ("2025-01-31", "2025-02-28"):
        world.night(date, pays=True)
    world.deliver("cards", [card("a") | {"发证": "2025-02-10", "起": "2025-02-10"}], on="2025-03-02")
    world.night("2025-03-02")
    return world


def _confirmed(world: World) -> CaseRecord:
    found = case(world)
    on(world, "2025-03-03")
    notify(world.deployment, found.case_id, by="teller")
    on(world, "2025-04-10")
    return decide(world.deployment, found.case_id, Decision.CONFIRM, Signed("head", "无异议", "某办法第三条"))


def _chosen(tmp_path: Path, terms: str = HALF) -> tuple[World, CaseRecord]:
    world = _claimed(tmp_path, terms)
    found = _confirmed(world)
    return world, decide_set_off(world.deployment, found.case_id, SIGNED)


def _refusal(world: World, case_id: str) -> object:
    with pytest.raises(RefusedError) as caught:
        decide_set_off(world.deployment, case_id, SIGNED)
    return caught.value.findings[0].code


def _parts(world: World, period: str) -> list[tuple[int, str]]:
    """Return the amounts and states of a period's items that were not cancelled, in yuan."""
    with world.store.reading() as rx:
        items = read_items(rx, states=frozenset(ItemState) - {ItemState.CANCELLED})
    own = items.filter(pl.col("subject_id") == world.subject("a"), pl.col("period") == period)
    return sorted((fen // 100, state) for fen, state in own.select("amount_fen", "state").iter_rows())


def _check(world: World) -> None:
    with world.store.reading() as rx:
        assert verify_books(rx) == []
        check_money(rx)


def test_half_of_each_payment_until_nothing_is_left(tmp_path: Path) -> None:
    """150 are claimed; March and April are paid by half, and from May on everything is paid again."""
    world, claim = _chosen(tmp_path)

    for date in ("2025-04-11", "2025-04-30", "2025-06-03"):
        world.night(date, pays=True)

    off, paid = ItemState.SET_OFF, ItemState.PAID
    assert _parts(world, "2025-03") == [(75, paid), (75, off)]
    assert _parts(world, "2025-04") == [(75, paid), (75, off)]
    assert _parts(world, "2025-05") == [(150, paid)]
    after = again(world, claim)
    assert (after.state, after.amount_fen, after.recovered_fen) == (CaseState.RECOVERED, 0, 150_00)
    with world.store.reading() as rx:
        (pot,) = read_pots(rx)
        assert set_off_sums(rx) == set_off_sums(rx, policy=POLICY, year=2025) == {(POLICY, 2025): 150_00}
        assert set_off_sums(rx, year=2024) == {}
    assert view_budgets(world.deployment).set_off == {(POLICY, 2025): 150_00}
    # Paid for February to May, and January, which came back by half of March and of April.
    assert (pot.paid_fen, pot.receivable_fen, pot.budget_fen) == (600_00, 0, -600_00)
    _check(world)


def test_what_is_kept_back_is_told_and_shown(tmp_path: Path) -> None:
    """The case shows from which payment, its steps name the night, and the subject has a letter of the decision and of each."""
    world, claim = _chosen(tmp_path)
    assert [each.waiting for each in list_cases(world.deployment)] == [Waiting.SET_OFF]

    world.night("2025-04-11", pays=True)

    view = view_case(world.deployment, claim.case_id)
    assert view.set_offs.select("period", "amount_fen").rows() == [("2025-03", 75_00)]
    with world.store.reading() as rx:
        step = steps_of_case(rx, claim.case_id)[-1]
        told = [dict(each.notice.values) for each in read_notices(rx) if each.notice.kind == "overpayment_decided"]
    assert (step.action, step.target, step.amount_fen) == (CaseAction.KEPT_BACK, CaseState.COLLECTING, 75_00)
    decisions = {each["decision"] for each in told}
    assert any("每笔抵扣不超过应发金额的50%" in each for each in decisions)
    assert any("抵扣75.00元，实发75.00元；尚待退回75.00元" in each for each in decisions)


@pytest.mark.parametrize(
    ("share", "parts"),
    [
        ("100%", [(150, "set_off")]),
        ("1/3", [(50, "set_off"), (100, "paid")]),
        ("1/7", [(21, "set_off"), (128, "paid")]),
    ],
)
def test_no_more_than_the_share_rounded_down(tmp_path: Path, share: str, parts: Sequence[tuple[int, str]]) -> None:
    """A claim as large as the payment takes it whole where the rule says so, and no batch is made of nothing."""
    world, _ = _chosen(tmp_path, f"{{{PAYS}, offset: {{share: {share}}}}}")
    with world.store.reading() as rx:
        before = len(read_batches(rx))

    world.night("2025-04-11", pays=True)

    assert _parts(world, "2025-03") == parts
    with world.store.reading() as rx:
        assert len(read_batches(rx)) == before + (share != "100%")
    _check(world)


def test_a_claim_below_the_share_takes_no_more_than_is_left(tmp_path: Path) -> None:
    """The rest of a claim that was given up but for 40 is 40."""
    world, claim = _chosen(tmp_path)
    ask_relief(world.deployment, claim.case_id, ReliefKind.WAIVER, SIGNED, amount_fen=110_00)
    grant_relief(world.deployment, claim.case_id, by="head")

    world.night("2025-04-11", pays=True)

    assert _parts(world, "2025-03") == [(40, ItemState.SET_OFF), (110, ItemState.PAID)]
    assert again(world, claim).state is CaseState.PARTLY_RECOVERED


def test_a_waiver_ends_it(tmp_path: Path) -> None:
    """What was given up is not kept back."""
    world, claim = _chosen(tmp_path)
    ask_relief(world.deployment, claim.case_id, ReliefKind.WAIVER, SIGNED)
    grant_relief(world.deployment, claim.case_id, by="head")

    world.night("2025-04-11", pays=True)

    assert _parts(world, "2025-03") == [(150, ItemState.PAID)]


def test_an_objection_or_instalments_stop_it(tmp_path: Path) -> None:
    """While somebody has to decide nothing is kept back, nor afterwards, until it is decided anew; nor beside instalments."""
    world, claim = _chosen(tmp_path)
    on(world, "2025-04-10")
    record_objection(world.deployment, claim.case_id, by="clerk", reason="不应退")
    world.night("2025-04-11", pays=True)
    decide(world.deployment, claim.case_id, Decision.CONFIRM, Signed("head", "异议不成立", "某办法第三条"))
    world.night("2025-04-30", pays=True)
    decide_set_off(world.deployment, claim.case_id, SIGNED)
    agree_plan(world.deployment, claim.case_id, equal_instalments(150_00, 3, day("2025-06-30")), by="clerk")
    world.night("2025-06-03", pays=True)

    for period in ("2025-03", "2025-04", "2025-05"):
        assert _parts(world, period) == [(150, ItemState.PAID)]


def test_it_is_decided_after_the_claim_and_once(tmp_path: Path) -> None:
    """Not before the claim is confirmed, and not twice."""
    world = _claimed(tmp_path)
    early = _refusal(world, case(world).case_id)
    claim = _confirmed(world)
    decide_set_off(world.deployment, claim.case_id, SIGNED)

    assert (early, _refusal(world, claim.case_id)) == (CaseCode.NOT_CONFIRMED, StoreCode.WRONG_STATE)


def test_without_the_word_nothing_is_set_off(tmp_path: Path) -> None:
    """A rule that says nothing about it does not allow it."""
    world = _claimed(tmp_path, f"{{{PAYS}}}")

    assert _refusal(world, _confirmed(world).case_id) is CaseCode.NO_OFFSET


def test_money_of_somebody_else_is_never_kept_back(tmp_path: Path) -> None:
    """Another one has the same benefit and owes nothing; what is on hold is not touched either."""
    world, claim = _chosen(tmp_path)
    world.deliver("cards", [card("a") | {"发证": "2025-02-10", "起": "2025-02-10"}, card("b")], on="2025-04-11")

    world.night("2025-04-11", pays=True)

    states = {state for period in world.states("b").values() for state in period}
    assert ItemState.SET_OFF not in states
    assert again(world, claim).amount_fen == 75_00


def test_who_is_due_nothing_more_pays_nothing_by_it(tmp_path: Path) -> None:
    """The card ends: nothing falls due any more, and the claim stays as it is, to be collected otherwise."""
    world, claim = _chosen(tmp_path)
    world.deliver("cards", [card("a", "2025-03-05") | {"发证": "2025-02-10", "起": "2025-02-10"}], on="2025-04-10")

    world.night("2025-04-11", pays=True)

    assert "2025-03" not in world.items("a")
    assert again(world, claim).amount_fen == 150_00


def test_what_was_set_off_and_is_not_due_is_claimed(tmp_path: Path) -> None:
    """March is set off whole, and turns out not to be due: it is a case of its own, and its money is in the books."""
    world, claim = _chosen(tmp_path, f"{{{PAYS}, offset: {{share: 100%}}}}")
    world.night("2025-04-11", pays=True)
    world.deliver("cards", [card("a", "2025-03-05") | {"发证": "2025-02-10", "起": "2025-02-10"}], on="2025-04-12")

    world.night("2025-04-14", pays=True)

    assert again(world, claim).state is CaseState.RECOVERED
    assert world.cases("a") == {"2025-03": 150}
    with world.store.reading() as rx:
        (pot,) = read_pots(rx)
    assert (pot.paid_fen, pot.receivable_fen) == (150_00, 150_00)
    _check(world)


def test_what_was_recovered_by_it_and_is_due_after_all_is_paid(tmp_path: Path) -> None:
    """M9: January was due after all: the claim was set off against March, so January is paid out once more."""
    world, claim = _chosen(tmp_path, f"{{{PAYS}, offset: {{share: 100%}}}}")
    world.night("2025-04-11", pays=True)
    world.deliver("cards", [card("a")], on="2025-04-12")

    world.night("2025-04-14", pays=True)

    assert again(world, claim).state is CaseState.RECOVERED
    assert sorted(world.items("a")["2025-01"]) == [150, 150]
    with world.store.reading() as rx:
        (pot,) = read_pots(rx)
    assert (pot.paid_fen, pot.receivable_fen) == (450_00, 0)
    _check(world)


def test_a_claim_that_the_night_lowers_is_set_off_as_it_stands(tmp_path: Path) -> None:
    """The same night learns that January was due after all, and that March falls due: nothing is kept back."""
    world, claim = _chosen(tmp_path)
    world.deliver("cards", [card("a")], on="2025-04-11")

    world.night("2025-04-11", pays=True)

    assert again(world, claim).state is CaseState.WITHDRAWN
    assert _parts(world, "2025-03") == [(150, ItemState.PAID)]


def test_from_payments_of_another_policy_that_it_names(tmp_path: Path) -> None:
    """The claim is of one policy, the money of another one of the same payer: each in its own books."""
    world = _claimed(tmp_path, f"{{{PAYS}, offset: {{share: 1/3, from: [other]}}}}")
    world.rule(policy="other", terms=f"{{{PAYS}}}", amounts=90, stands_from="2025-03-01")
    claim = decide_set_off(world.deployment, _confirmed(world).case_id, SIGNED)

    world.night("2025-04-11", pays=True)

    with world.store.reading() as rx:
        off = read_items(rx, states=[ItemState.SET_OFF]).select("policy", "amount_fen").sort("policy").rows()
        pots = {pot.policy: (pot.paid_fen, pot.budget_fen) for pot in read_pots(rx)}
    assert off == [(POLICY, 50_00), ("other", 30_00)]
    assert pots == {POLICY: (300_00, -370_00), "other": (90_00, -90_00)}
    assert again(world, claim).amount_fen == 70_00
    _check(world)


def test_not_from_one_that_it_does_not_name(tmp_path: Path) -> None:
    """Only the policies that the rule of the claim names are touched."""
    world = _claimed(tmp_path)
    world.rule(policy="other", terms=HALF, amounts=90, stands_from="2025-03-01")
    decide_set_off(world.deployment, _confirmed(world).case_id, SIGNED)

    world.night("2025-04-11", pays=True)

    assert world.states("a", policy="other") == {"2025-03": [ItemState.PAID]}


def test_what_there_is_no_money_for_is_not_set_off(tmp_path: Path) -> None:
    """The year's money is used up: March waits whole, and the claim with it; with more money both go on."""
    world, claim = _chosen(tmp_path)
    _appropriate(world, 300)
    world.night("2025-04-11", pays=True)
    waiting = (_parts(world, "2025-03"), again(world, claim).amount_fen)
    _appropriate(world, 450)

    world.night("2025-04-14", pays=True)

    assert waiting == ([(150, ItemState.OPEN)], 150_00)
    assert _parts(world, "2025-03") == [(75, ItemState.PAID), (75, ItemState.SET_OFF)]
    _check(world)


def _appropriate(world: World, yuan: int) -> None:
    asked = Appropriation(POLICY, 2025, None, yuan * 100, "某文件")
    decision = propose_budget(world.deployment, asked, by="maker")
    confirm_decision(world.deployment, decision.decision_id, by="head")


def test_a_claim_of_a_closed_year_is_set_off_in_the_next(tmp_path: Path) -> None:
    """What the closed year paid stays paid there; what is kept back is paid by the new year, and the claim is nothing in it."""
    world, claim = _chosen(tmp_path)
    world.night("2025-04-11", pays=True)
    on(world, "2026-01-05")
    (closing,) = propose_closing(world.deployment, 2025, [POLICY], document="决算", by="maker")
    confirm_decision(world.deployment, closing.decision_id, by="head")
    with world.store.reading() as rx:
        before = {pot.year: (pot.paid_fen, pot.receivable_fen) for pot in read_pots(rx)}

    world.night("2026-01-06", pays=True)

    with world.store.reading() as rx:
        after = {pot.year: (pot.paid_fen, pot.receivable_fen) for pot in read_pots(rx)}
        kept = set_off_sums(rx)
    # February and March in 2025, what is claimed of January is no payment; April to December in 2026.
    assert before == {2025: (2 * 150_00, 0), 2026: (0, 75_00)}
    assert after == {2025: before[2025], 2026: (9 * 150_00, 0)}
    assert kept == {(POLICY, 2025): 75_00, (POLICY, 2026): 75_00}
    assert again(world, claim).state is CaseState.RECOVERED
    _check(world)


def test_a_claim_on_a_corrected_number_is_set_off_from_what_stands(tmp_path: Path) -> None:
    """The claim is on the former number, the payments go on under the one that stands: it is one person, and one debt."""
    world, claim = _chosen(tmp_path)
    fix = {"who": "c", "former": "a", "编号": "1", "操作": "新增", "日期": "2025-04-10"}
    world.deliver("corrections", [fix], on="2025-04-10")
    world.people("bc", on="2025-04-10")
    world.deliver("cards", [card("c") | {"发证": "2025-02-10", "起": "2025-02-10"}], on="2025-04-10")

    for date in ("2025-04-11", "2025-04-30", "2025-06-03"):
        world.night(date, pays=True)

    assert world.items("c") == {
        "2025-01": [150],
        "2025-02": [150],
        "2025-03": [75, 75],
        "2025-04": [75, 75],
        "2025-05": [150],
    }
    assert again(world, claim).state is CaseState.RECOVERED
    for replayed in replays(world.deployment):
        assert replayed.verdict is Verdict.EQUAL, replayed
    _check(world)


def test_its_nights_are_replayed_as_they_were(tmp_path: Path) -> None:
    """What was set off on top of a night's ledger is no difference, in the night itself and in those that follow."""
    world, _ = _chosen(tmp_path)
    for date in ("2025-04-11", "2025-04-30", "2025-06-03"):
        world.night(date, pays=True)

    for replayed in replays(world.deployment):
        assert replayed.verdict is Verdict.EQUAL, replayed


def test_the_payment_advice_says_what_was_kept_back(tmp_path: Path) -> None:
    """An accountant sees why less arrived; what was kept back is no part of the sum."""
    world, claim = _chosen(tmp_path)
    world.night("2025-04-11", pays=True)

    advice = advise_receiver(world.deployment, world.subject("a"), by="clerk", since=day("2025-04-01"))

    assert advice.total_fen == 75_00
    assert dict(advice.notes)["已抵扣"].startswith("2025-04-11 2025年3月 75.00元，用于退回多发款项")
    assert claim.case_id in dict(advice.notes)["已抵扣"]
