"""Months are nights in fast forward: what a plan says of each month is what a night at its end then opens."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.planning.effect import Plan
from engine.planning.moves import Move
from rules.bound import RuleVersion
from rules.standing import Activation
from tests.engine.planning.proposals import change_of, people, planned, text_of
from tests.stories.test_events import EVENT, VOCABULARY, loan
from tests.stories.test_netting import MORE, card, member, paid_elsewhere
from tests.world import World, day

MONTHLY = "{period: month, pay: {calendar: daily}}"
YEARLY = "{period: year, pay: {calendar: daily}}"
ONE, ONE_FACTS = "等级 == 1", "{等级: 1}"
RAISE = ("amount: 150", "amount: 200")
ENDS = {"2025-03": "2025-03-31", "2025-04": "2025-04-30", "2025-05": "2025-05-31"}


@contextmanager
def _a_world(root: Path) -> Iterator[World]:
    """Give four residents: a has a card of level 1, b one of level 2."""
    world = World.at(root, MORE)
    try:
        world.people("abcd")
        world.deliver("cards", [card("a", 1), card("b", 2)], on="2025-01-02")
        yield world
    finally:
        world.store.close()


def _money(plan: Plan) -> dict[str, list[int]]:
    """Return what each month comes to under each policy, in fen."""
    months = {each.policy: each.months for each in plan.policies} | {each.policy: each.months for each in plan.tied}
    return {policy: [month.after_fen for month in own if month.month is not None] for policy, own in months.items()}


def _opened(world: World, plan: Plan, versions: Sequence[RuleVersion]) -> dict[str, list[int]]:
    """Publish a plan, run a night at the end of each of its months, and return what each opened, in fen."""
    activations = [
        Activation(each.policy, each.version, each.valid_from, each.valid_through, world.clock.instant)
        for each in plan.activations
    ]
    world.publish(versions, *activations)
    found: dict[str, list[int]] = {}
    for date in ENDS.values():
        for tally in world.night(date, pays=True).policies:
            found.setdefault(tally.policy, []).append(tally.opened_fen - tally.cancelled_fen - tally.case_fen)
    return found


def _agree(world: World, *changes: tuple[str, str], stands_from: str = "2025-04-01") -> Plan:
    """Plan a change of the rule published last, and see whether the nights do what the plan says of the months."""
    change = change_of(world, text_of(world, *changes), stands_from=stands_from)
    plan = planned(world, change)
    said = _money(plan)

    opened = _opened(world, plan, change.versions)

    assert said == {policy: opened[policy] for policy in said}
    return plan


@pytest.mark.parametrize("span", ["period", "year", "lifetime"])
def test_a_raise_displaces_another_benefit(tmp_path: Path, span: str) -> None:
    """Level 1 has 180 until care is raised to 200 above it: care pays, and 180 a month is saved on the other.

    Over a year or a lifetime the higher is the one with the larger sum: what was paid counts for it.
    """
    group = f"[{{group: g, mode: highest, span: {span}}}]"
    with _a_world(tmp_path) as world:
        world.rule(policy="aid", amounts=180, terms=MONTHLY, excludes=group, criteria=ONE, example=ONE_FACTS)
        world.rule(terms=MONTHLY, excludes=group)
        world.night("2025-02-28", pays=True)

        plan = _agree(world, RAISE)

    (effect,), (other,) = plan.policies, plan.tied
    assert effect.ties == other.ties == ("group g",)
    assert sum(month.gross_after_fen for month in other.months) == 3 * 18000
    if span == "period":
        assert [month.difference_fen for month in effect.months] == [0, 25000, 25000]
        assert [month.difference_fen for month in other.months] == [0, -18000, -18000]
        assert plan.difference_fen == 50000 - 36000


def test_a_new_yearly_benefit_tops_up_what_was_paid_by_month(tmp_path: Path) -> None:
    """180 a month of which two are paid; a yearly 1,000 of the same group brings the difference, once."""
    group = "[{group: g, mode: highest, span: year}]"
    with _a_world(tmp_path / "other") as other:
        other.rule(policy="yearly", amounts=1000, terms=YEARLY, excludes=group)
        text = other.published_text()
    with _a_world(tmp_path / "w") as world:
        world.rule(policy="aid", amounts=180, terms=MONTHLY, excludes=group, criteria=ONE, example=ONE_FACTS)
        world.night("2025-02-28", pays=True)
        change = change_of(world, text, stands_from="2025-04-01")

        plan = planned(world, change)
        said = _money(plan)

        assert said == _opened(world, plan, change.versions)
    assert said == {"aid": [18000, 0, 0], "yearly": [0, 100000 - 54000 + 100000, 0]}


def test_a_household_is_counted_once(tmp_path: Path) -> None:
    """Two members of one household, both met by the new text: one of them is paid."""
    group = "[{group: g, mode: highest, span: period, per: household}]"
    with _a_world(tmp_path) as world:
        world.deliver("members", [member("a", "H1"), member("b", "H1"), member("c", "H2")], on="2025-01-03")
        world.rule(terms=MONTHLY, excludes=group, criteria=ONE, example=ONE_FACTS)
        world.night("2025-02-28", pays=True)

        plan = _agree(world, ("等级 == 1", "有证"), ("{等级: 1}", "{有证: true}"))

    (effect,) = plan.policies
    assert people(effect) == {Move.GAINED: 1, Move.SAME: 1}
    assert [month.difference_fen for month in effect.months] == [0, 0, 0]
    assert [month.gross_after_fen for month in effect.months] == [15000, 30000, 30000]


def test_a_ceiling_ends_the_year_earlier(tmp_path: Path) -> None:
    """150 a month up to 500 a year; at 200 from April: 150 is left, then nothing."""
    with _a_world(tmp_path) as world:
        world.rule(terms=MONTHLY, caps="[{pool: 全年, amount: 500, span: year}]", criteria=ONE, example=ONE_FACTS)
        world.night("2025-02-28", pays=True)

        plan = _agree(world, RAISE)

    assert [month.after_fen for month in plan.policies[0].months] == [15000, 5000, 0]


def test_what_others_paid_is_not_paid_again(tmp_path: Path) -> None:
    """The county has paid a 500 for the year, and b nothing: the first months of the new benefit are used up for a."""
    terms = "{period: month, pay: {calendar: daily}, counts_as_paid: {amount: 区县已发, span: year}}"
    with _a_world(tmp_path / "other") as other:
        other.rule(policy="new", amounts=300, terms=terms)
        text = other.published_text()
    with _a_world(tmp_path / "w") as world:
        paid_elsewhere(world, 500, on="2025-01-03")
        world.rule(terms=MONTHLY)
        world.night("2025-02-28", pays=True)
        change = change_of(world, text, stands_from="2025-04-01")

        plan = planned(world, change)
        said = _money(plan)

        opened = _opened(world, plan, change.versions)
    assert said == {"new": opened["new"]} == {"new": [0, 30000, 10000 + 30000]}


@pytest.mark.parametrize("counts", ["calendar", "paid"])
def test_months_of_a_duration_that_are_used_are_used(tmp_path: Path, counts: str) -> None:
    """Four months from January on: a raise from April is had for one month."""
    terms = f"{{period: month, pay: {{calendar: daily}}, duration: {{months: 4, counts: {counts}}}}}"
    with _a_world(tmp_path) as world:
        world.rule(terms=terms, criteria=ONE, example=ONE_FACTS)
        world.night("2025-02-28", pays=True)

        plan = _agree(world, RAISE)

    assert [month.after_fen for month in plan.policies[0].months] == [15000, 20000, 0]


def test_instalments_fall_to_their_own_months(tmp_path: Path) -> None:
    """The third part of a benefit that began in January falls to March, the fourth is new."""
    lines = "".join(f"  - {{amount: {n}00, component: c{n}, instalment: {n}}}\n" for n in (1, 2, 3))
    with _a_world(tmp_path) as world:
        world.rule(terms=MONTHLY, lines=lines, criteria=ONE, example=ONE_FACTS)
        world.night("2025-02-28", pays=True)
        fourth = ("instalment: 3}", "instalment: 3}\n  - {amount: 400, component: c4, instalment: 4}")

        plan = _agree(world, fourth, stands_from="2025-03-01")

    assert [month.after_fen for month in plan.policies[0].months] == [30000, 40000, 0]


def test_events_under_one_ceiling(tmp_path: Path) -> None:
    """Each loan bears 1 %, both of one borrower at most 100; a higher ceiling pays what was cut off."""
    with _loans(tmp_path) as world:
        world.rule(
            policy="loans",
            subject="loan",
            criteria="贷款金额 > 0",
            example="{贷款金额: 1}",
            amounts="贷款金额 * 1%",
            terms=EVENT,
            caps="[{pool: 贷款, amount: 100, span: lifetime}]",
        )
        world.night("2025-02-28", pays=True)
        text = text_of(world, ("amount: 100, span", "amount: 120, span"))
        change = change_of(world, text, stands_from="2025-01-01")

        plan = planned(world, change)

    (effect,), (ledger,) = plan.policies, plan.ledger
    assert effect.months[0].month is None
    assert (effect.months[0].before_fen, effect.months[0].after_fen) == (10000, 12000)
    assert (ledger.effect.top_up_fen, ledger.effect.regular_fen + ledger.effect.arrears_fen) == (2000, 0)


@contextmanager
def _loans(root: Path) -> Iterator[World]:
    world = World.at(root, VOCABULARY)
    try:
        world.people("ab")
        rows: list[Mapping[str, object]] = [loan("D-1", "a", "2025-01-20", 8000), loan("D-2", "a", "2025-02-01", 9000)]
        world.deliver("loans", rows, on="2025-02-03")
        yield world
    finally:
        world.store.close()


def test_waivers_of_one_benefit_do_not_move_another(tmp_path: Path) -> None:
    """People alike in everything but a second benefit are not worked out as one."""
    group = "[{group: g, mode: highest, span: period}]"
    with _a_world(tmp_path) as world:
        world.deliver("cards", [card(who, 1) for who in "abcd"], on="2025-01-03")
        world.rule(policy="aid", amounts=180, terms=MONTHLY, excludes=group, criteria="有证", example="{有证: true}")
        world.rule(terms=MONTHLY, excludes=group, criteria=ONE, example=ONE_FACTS)
        world.night("2025-02-28", pays=True)

        plan = _agree(world, RAISE)

    assert [month.difference_fen for month in plan.tied[0].months] == [0, -4 * 18000, -4 * 18000]


def test_a_plan_is_day_by_day_the_same_for_everyone_alone(tmp_path: Path) -> None:
    """Law: working out alike people once comes to the same as everyone by themselves."""
    with _a_world(tmp_path) as world:
        world.deliver("cards", [card(who, 1 + place % 2) for place, who in enumerate("abcd")], on="2025-01-03")
        world.rule(terms=MONTHLY)
        world.night("2025-02-28")
        plan = planned(world, change_of(world, text_of(world, RAISE), stands_from="2025-04-01"))

    assert [month.after_fen for month in plan.policies[0].months] == [60000, 80000, 80000]
    assert plan.day == day("2025-03-10")


def test_parts_of_a_yearly_amount(tmp_path: Path) -> None:
    """1,000 a year, and 1,300 from April: the parts of the months to the fen, as nights open them."""
    with _a_world(tmp_path) as world:
        world.rule(
            terms="{period: month, amount_for: year, pay: {calendar: daily}}",
            amounts=1000,
            criteria=ONE,
            example=ONE_FACTS,
        )
        world.night("2025-02-28", pays=True)

        plan = _agree(world, ("amount: 1000", "amount: 1300"))

    assert [month.after_fen for month in plan.policies[0].months] == [8334, 10834, 10833]


def test_months_of_ones_own(tmp_path: Path) -> None:
    """Months from the 15th on: the one of March is raised by its last day, and counts where it begins; nights top it up."""
    with _a_world(tmp_path) as world:
        world.deliver("cards", [card("a", 1) | {"发证": "2020-01-15"}, card("b", 2)], on="2025-01-03")
        world.rule(
            terms="{period: month, starts: 发证, pay: {calendar: daily}}",
            criteria="等级 == 1; 发证 <= day()",
            example="{等级: 1, 发证: 2020-01-15}",
        )
        world.night("2025-02-28", pays=True)
        change = change_of(world, text_of(world, RAISE), stands_from="2025-04-01")

        plan = planned(world, change)
        (said,), (opened,) = _money(plan).values(), _opened(world, plan, change.versions).values()

    assert said == [20000, 20000, 20000]
    assert opened == [15000, 25000, 20000]


def test_terms_of_a_version_that_stands_later(tmp_path: Path) -> None:
    """From April on both are of one group: the months are netted by it, and so is what was paid before, as nights do."""
    group = "[{group: g, mode: highest, span: period}]"
    with _a_world(tmp_path) as world:
        world.rule(policy="aid", amounts=180, terms=MONTHLY, criteria=ONE, example=ONE_FACTS, excludes=group)
        world.rule(terms=MONTHLY, criteria=ONE, example=ONE_FACTS)
        world.night("2025-02-28", pays=True)
        change = change_of(world, text_of(world, ("excludes: []", f"excludes: {group}")), stands_from="2025-04-01")

        plan = planned(world, change)
        opened = _opened(world, plan, change.versions)

    assert _money(plan) == {"care": [0, 0, 0], "aid": [18000, 18000, 18000]}
    assert plan.earlier_fen == -2 * 15000
    assert sum(map(sum, _money(plan).values())) + plan.earlier_fen == sum(map(sum, opened.values()))
    assert plan.ledger == ()
