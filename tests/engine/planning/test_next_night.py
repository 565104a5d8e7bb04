"""Law: what a plan says of the ledger is what the next night writes more with the change than without it, per policy."""

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.clock import civil_instant
from core.errors import RunError
from engine.planning.change import Change
from engine.planning.effect import Plan
from engine.planning.moves import Move
from engine.planning.retroactive import LedgerEffect
from engine.report import PolicyTally
from engine.rounds.rounds import decide_round, open_round
from engine.run import NightOptions, run_night
from rules.standing import Activation
from tests.engine.planning.proposals import CARD, change_of, people, planned, text_of
from tests.stories import test_relations, test_rounds
from tests.stories.test_events import EVENT, VOCABULARY, loan
from tests.stories.test_netting import MORE, card, member
from tests.world import World, day

MONTHLY = "{period: month, pay: {calendar: daily}}"
ON_CARE, ON_CARE_FACTS = "母亲享受护理补贴", "{母亲享受护理补贴: true}"
ONCE = "{period: once, pay: {calendar: daily}}"
ONE, ONE_FACTS = "等级 == 1", "{等级: 1}"
ALL_HOLDERS = (("等级 == 1", "有证"), ("{等级: 1}", "{有证: true}"))
NIGHT = "2025-03-10"


@contextmanager
def _a_world(root: Path, more: dict[str, str]) -> Iterator[World]:
    world = World.at(root, more)
    try:
        world.people("abcdm")
        yield world
    finally:
        world.store.close()


def _agree(world: World, change: Change) -> Plan:
    """Plan a change, and see whether the next night writes beside what it would anyway what the plan says."""
    plan = planned(world, change, on=NIGHT)
    before = _written(world)
    world.clock.instant += dt.timedelta(minutes=1)
    activations = [
        Activation(each.policy, each.version, each.valid_from, each.valid_through, world.clock.instant, each.clears)
        for each in plan.activations
    ]
    world.publish(change.versions, *activations)
    after = _written(world)

    said = {each.policy: _sums(each.effect) for each in plan.ledger}
    written = {
        policy: tuple(new - old for new, old in zip(now, before.get(policy, (0, 0, 0, 0)), strict=True))
        for policy, now in after.items()
    }
    assert said == {policy: sums for policy, sums in written.items() if any(sums)}
    return plan


def _sums(effect: LedgerEffect) -> tuple[int, int, int, int]:
    opened = effect.regular_fen + effect.arrears_fen + effect.top_up_fen
    count = effect.regular_count + effect.arrears_count + effect.top_up_count
    return count, opened, effect.cancelled_fen, effect.case_fen


def _written(world: World) -> dict[str, tuple[int, int, int, int]]:
    def sums(tally: PolicyTally) -> tuple[int, int, int, int]:
        return tally.opened_count, tally.opened_fen, tally.cancelled_fen, tally.case_fen

    report = run_night(world.deployment, day(NIGHT), options=NightOptions(is_dry_run=True), progress=lambda _: None)
    return {tally.policy: sums(tally) for tally in report.policies}


def test_a_relatives_outcome(tmp_path: Path) -> None:
    """The child follows its mother's outcome: a wider rule for her gives the child its benefit, for all months at once."""
    with _a_world(tmp_path, test_relations.VOCABULARY) as world:
        world.deliver("parentage", [test_relations.child("a", "m")], on="2025-01-01")
        world.deliver("cards", [{"who": "m", **CARD, "等级": 2}, {"who": "b", **CARD, "等级": 1}], on="2025-01-02")
        world.rule(policy="a-child", terms=MONTHLY, criteria=ON_CARE, example=ON_CARE_FACTS, amounts=60)
        world.rule(terms=MONTHLY, criteria=ONE, example=ONE_FACTS)
        world.night("2025-02-28", pays=True)

        plan = _agree(world, change_of(world, text_of(world, *ALL_HOLDERS), stands_from="2025-02-01"))

    (effect,), (other,) = plan.policies, plan.tied
    assert people(effect) == {Move.GAINED: 1, Move.SAME: 1}
    assert (other.policy, other.ties) == ("a-child", ("outcome care",))
    assert [(m.month, m.gained, m.difference_fen) for m in other.months] == [
        (None, 1, 6000),
        ("2025-03", 1, 6000),
        ("2025-04", 1, 6000),
        ("2025-05", 1, 6000),
    ]


def test_the_rule_that_reads_an_outcome_is_changed(tmp_path: Path) -> None:
    """The mother's rule stays; the child's pays 90, and knows her outcome."""
    with _a_world(tmp_path, test_relations.VOCABULARY) as world:
        world.deliver("parentage", [test_relations.child("a", "m")], on="2025-01-01")
        world.deliver("cards", [{"who": "m", **CARD}], on="2025-01-02")
        world.rule(terms=MONTHLY, criteria=ONE, example=ONE_FACTS)
        world.rule(policy="child", terms=MONTHLY, criteria=ON_CARE, example=ON_CARE_FACTS, amounts=60)
        world.night("2025-02-28", pays=True)

        change = change_of(world, text_of(world, ("amount: 60", "amount: 90")), stands_from="2025-02-01")
        plan = _agree(world, change)

    assert people(plan.policies[0]) == {Move.MORE: 1}
    assert plan.tied == ()


def test_a_retirement_that_others_rest_on(tmp_path: Path) -> None:
    """The mother's benefit is repealed and the child's falls with it: February, which was paid, is for a person."""
    with _a_world(tmp_path, test_relations.VOCABULARY) as world:
        world.deliver("parentage", [test_relations.child("a", "m")], on="2025-01-01")
        world.deliver("cards", [{"who": "m", **CARD}], on="2025-01-02")
        world.rule(policy="child", terms=MONTHLY, criteria=ON_CARE, example=ON_CARE_FACTS, amounts=60)
        world.rule(terms=MONTHLY, criteria=ONE, example=ONE_FACTS)
        world.night("2025-02-28", pays=True)
        world.night("2025-03-01", pays=True)

        plan = _agree(world, change_of(world, retired=["care"], stands_from="2025-02-01"))

    assert {each.policy: each.effect.case_fen for each in plan.ledger} == {"care": 15000, "child": 6000}
    assert {each.policy: each.effect.cancelled_fen for each in plan.ledger} == {"care": 15000, "child": 6000}


def test_outcomes_in_a_circle_are_refused(tmp_path: Path) -> None:
    """A text that rests on itself over others would stop every night, so its plan is refused."""
    with _a_world(tmp_path, test_relations.VOCABULARY) as world:
        world.rule(terms=MONTHLY, criteria=ONE, example=ONE_FACTS)
        text = text_of(world, ("等级 == 1", "母亲享受护理补贴"), ("{等级: 1}", "{母亲享受护理补贴: true}"))

        with pytest.raises(RunError, match="E411"):
            planned(world, change_of(world, text, stands_from="2025-02-01"))


def test_a_list_of_a_dated_round(tmp_path: Path) -> None:
    """Who is first by the list of a round is paid 150 instead of 100."""
    with _a_world(tmp_path, test_rounds.MORE) as world:
        (world.root / "rounds").mkdir()
        (world.root / "rounds" / "ranking.yaml").write_text(test_rounds.RANKING, "utf-8")
        spent = [test_rounds.spent(who, yuan) for who, yuan in (("a", 900), ("b", 800), ("c", 700))]
        world.deliver("research", spent, on="2025-03-05")
        world.clock.instant = world.clock.instant.replace(month=3, day=10)
        open_round(world.deployment, "ranking", by="maker")
        decide_round(world.deployment, "ranking", by="checker")
        world.rule(criteria="评审名次 == 1", example="{评审名次: 1}", amounts=100, terms=ONCE)
        change = change_of(world, text_of(world, ("amount: 100", "amount: 150")), stands_from="2025-01-01")

        plan = _agree(world, change)

    (effect,), (ledger,) = plan.policies, plan.ledger
    assert people(effect) == {Move.MORE: 1}
    assert ledger.effect.regular_fen + ledger.effect.arrears_fen == 5000


@pytest.mark.parametrize("counts", ["calendar", "paid"])
def test_months_of_a_duration(tmp_path: Path, counts: str) -> None:
    """Four months from January on, of which three are paid; two more let the raise reach further."""
    terms = f"{{period: month, pay: {{calendar: daily}}, duration: {{months: 2, counts: {counts}}}}}"
    with _a_world(tmp_path, MORE) as world:
        world.deliver("cards", [card("a", 1), card("b", 2)], on="2025-01-02")
        world.rule(terms=terms, criteria=ONE, example=ONE_FACTS)
        world.night("2025-02-28", pays=True)

        text = text_of(world, ("months: 2", "months: 4"), ("amount: 150", "amount: 200"))
        plan = _agree(world, change_of(world, text, stands_from="2025-01-01"))

    assert plan.ledger


def test_one_more_instalment(tmp_path: Path) -> None:
    """A third part of a benefit that began in January falls to March."""
    lines = "".join(f"  - {{amount: {n}00, component: c{n}, instalment: {n}}}\n" for n in (1, 2))
    with _a_world(tmp_path, MORE) as world:
        world.deliver("cards", [card("a", 1)], on="2025-01-02")
        world.rule(terms=MONTHLY, lines=lines, criteria=ONE, example=ONE_FACTS)
        world.night("2025-02-28", pays=True)
        third = ("instalment: 2}", "instalment: 2}\n  - {amount: 400, component: c3, instalment: 3}")

        plan = _agree(world, change_of(world, text_of(world, third), stands_from="2025-01-01"))

    assert [each.effect.regular_fen for each in plan.ledger] == [40000]


def test_loans_of_a_borrower(tmp_path: Path) -> None:
    """Loans of their own day under one ceiling: a new rate reaches the loans since its first day alone."""
    rows: list[Mapping[str, object]] = [loan("D-1", "a", "2025-01-20", 8000), loan("D-2", "a", "2025-02-10", 9000)]
    with _a_world(tmp_path, VOCABULARY) as world:
        world.deliver("loans", rows, on="2025-02-11")
        world.rule(
            policy="loans",
            subject="loan",
            criteria="贷款金额 > 0",
            example="{贷款金额: 1}",
            amounts="贷款金额 * 1%",
            terms=EVENT,
            caps="[{pool: 贷款, amount: 200, span: lifetime}]",
        )
        world.night("2025-02-28", pays=True)
        world.night("2025-03-01", pays=True)

        plan = _agree(world, change_of(world, text_of(world, ("* 1%", "* 2%")), stands_from="2025-02-01"))

    (effect,) = plan.policies
    assert people(effect) == {Move.MORE: 1, Move.SAME: 1}
    assert [each.effect.top_up_fen for each in plan.ledger] == [3000], (
        "80 and 180 under a ceiling of 200, of which 170 are paid"
    )


def test_loans_without_a_ceiling(tmp_path: Path) -> None:
    """Each loan by itself: the one since the new rate's first day is topped up."""
    rows: list[Mapping[str, object]] = [loan("D-1", "a", "2025-01-20", 8000), loan("D-2", "a", "2025-02-10", 9000)]
    with _a_world(tmp_path, VOCABULARY) as world:
        world.deliver("loans", rows, on="2025-02-11")
        world.rule(
            policy="loans",
            subject="loan",
            criteria="贷款金额 > 0",
            example="{贷款金额: 1}",
            amounts="贷款金额 * 1%",
            terms=EVENT,
        )
        world.night("2025-02-28", pays=True)

        plan = _agree(world, change_of(world, text_of(world, ("* 1%", "* 2%")), stands_from="2025-02-01"))

    assert sum(each.effect.top_up_fen for each in plan.ledger) == 9000


def test_a_ceiling_alone_is_changed(tmp_path: Path) -> None:
    """Nobody is due anything else by the rule itself; what the ceiling cut off is paid."""
    with _a_world(tmp_path, MORE) as world:
        world.deliver("cards", [card("a", 1)], on="2025-01-02")
        world.rule(terms=MONTHLY, caps="[{pool: 全年, amount: 200, span: year}]", criteria=ONE, example=ONE_FACTS)
        world.night("2025-02-28", pays=True)

        change = change_of(world, text_of(world, ("amount: 200, span", "amount: 280, span")), stands_from="2025-01-01")
        plan = _agree(world, change)

    assert sum(each.effect.top_up_fen for each in plan.ledger) == 8000


def test_what_was_learned_between_nights(tmp_path: Path) -> None:
    """Arrears reach one month back from the day on which a card became known, in February, not from the plan's."""
    terms = "{period: month, pay: {calendar: daily}, arrears: {months: 1}}"
    with _a_world(tmp_path, MORE) as world:
        world.deliver("cards", [card("z", 1)], on="2025-01-02")
        world.rule(terms=terms, criteria=ONE, example=ONE_FACTS)
        world.night("2025-01-31", pays=True)
        world.deliver("cards", [card("z", 1), card("a", 1), card("b", 2)], on="2025-02-05")
        world.deliver("custody", [], on="2025-03-06")

        plan = _agree(world, change_of(world, text_of(world, *ALL_HOLDERS), stands_from="2025-01-01"))

    assert plan.ledger


def test_a_benefit_of_a_household(tmp_path: Path) -> None:
    """A second member is met by the new text, and the household is still paid once."""
    group = "[{group: g, mode: highest, span: period, per: household}]"
    with _a_world(tmp_path, MORE) as world:
        world.deliver("members", [member("a", "H1"), member("b", "H1"), member("c", "H2")], on="2025-01-03")
        world.deliver("cards", [card("a", 1), card("b", 2), card("c", 2)], on="2025-01-04")
        world.rule(terms=MONTHLY, excludes=group, criteria=ONE, example=ONE_FACTS)
        world.night("2025-02-28", pays=True)

        plan = _agree(world, change_of(world, text_of(world, *ALL_HOLDERS), stands_from="2025-01-01"))

    assert sum(each.effect.arrears_fen for each in plan.ledger) == 2 * 15000


def test_arrears_that_depend_on_the_rule_published_later(tmp_path: Path) -> None:
    """A wider rule from February: who gains by it is paid for March alone, for the past is payable by the rule's delay."""
    terms = "{period: month, pay: {calendar: daily}, arrears: {months: 3, causes: {rule: 0}}}"
    with _a_world(tmp_path, {}) as world:
        world.deliver("cards", [{"who": "a", **CARD}, {"who": "b", **CARD, "等级": 2}], on="2025-01-02")
        world.rule(terms=terms, criteria=ONE, example=ONE_FACTS)
        world.night("2025-02-28", pays=True)
        world.clock.instant = civil_instant(day(NIGHT), 9)

        plan = _agree(world, change_of(world, text_of(world, *ALL_HOLDERS), stands_from="2025-02-01"))

    (effect,), (ledger,) = plan.policies, plan.ledger
    assert people(effect) == {Move.GAINED: 1, Move.SAME: 1}
    assert (ledger.effect.regular_fen, ledger.effect.arrears_fen) == (15_000, 0)


def test_months_of_ones_own_and_an_amount_for_the_year(tmp_path: Path) -> None:
    """Counted from the 20th: the month that is running on March 10 began in February, and is topped up by its part."""
    terms = "{period: month, starts: 发证, amount_for: year, pay: {calendar: daily}}"
    criteria, facts = "等级 == 1; 发证 <= day()", "{等级: 1, 发证: 2025-01-20}"
    with _a_world(tmp_path, {}) as world:
        rows = [{"who": who, **CARD, "等级": level, "发证": "2025-01-20"} for who, level in (("a", 1), ("b", 2))]
        world.deliver("cards", rows, on="2025-01-25")
        world.rule(terms=terms, criteria=criteria, example=facts, amounts=1000)
        world.night("2025-02-28", pays=True)
        paid = world.items_fen("a")

        plan = _agree(
            world, change_of(world, text_of(world, ("amount: 1000", "amount: 1300")), stands_from="2025-02-20")
        )

    (ledger,) = plan.ledger
    assert paid == {"2025-01": [8334], "2025-02": [8334]}
    assert (ledger.effect.top_up_count, ledger.effect.top_up_fen) == (1, 10834 - 8334)


@pytest.mark.parametrize("terms", [MONTHLY, ONCE])
def test_days_before_the_policy_began(tmp_path: Path, terms: str) -> None:
    """The first version stands from February; January is added before it, and what is due once is that of January."""
    with _a_world(tmp_path, MORE) as world:
        world.deliver("cards", [card("a", 1)], on="2025-01-02")
        world.rule(terms=terms, criteria=ONE, example=ONE_FACTS, stands_from="2025-02-01")
        world.night("2025-02-28", pays=True)
        text = text_of(world, ("amount: 150", "amount: 200"))

        plan = _agree(world, change_of(world, text, stands_from="2025-01-01", through="2025-01-31"))

    (ledger,) = plan.ledger
    assert (ledger.effect.arrears_fen, ledger.effect.top_up_fen) == ((20000, 0) if terms == MONTHLY else (0, 5000))
