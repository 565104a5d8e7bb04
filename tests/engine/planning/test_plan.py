"""A plan says what a change would do, and nothing happens by it."""

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.errors import MianshenError
from engine.planning.classify import ChangeKind
from engine.planning.moves import Move
from engine.planning.plan import PlanOptions, file_of, make_plan
from engine.planning.plan_file import parse_plan, plan_text
from engine.run import NightOptions, run_night
from rules.standing import Activation
from tests.engine.planning.proposals import a_world, change_of, people, planned, text_of
from tests.world import World, day

RAISE = ("amount: 150", "amount: 200")
WIDER = ("when: '有证'", "when: '有证 or within(户籍, \"310118\")'")
NARROWER = ("when: '有证'", "when: '有证 and 等级 == 1'")


def test_the_same_version_again_changes_nothing(tmp_path: Path) -> None:
    """Law: a plan of what stands already has no change at all."""
    with a_world(tmp_path) as world:
        world.rule()
        world.night("2025-02-28")

        plan = planned(world, change_of(world, world.published_text(), stands_from="2025-01-01"))

    (effect,) = plan.policies
    assert not plan.is_change
    assert (people(effect), plan.change, plan.ledger) == ({Move.SAME: 2}, ChangeKind.TEXT_ONLY, ())
    assert [(m.met_before, m.met_after, m.difference_fen) for m in effect.months] == [(2, 2, 0)] * 3


def test_a_raise_from_next_month(tmp_path: Path) -> None:
    """Both holders get 50 more from April; the night writes nothing else than without it."""
    with a_world(tmp_path) as world:
        world.rule()
        world.night("2025-02-28")

        plan = planned(world, change_of(world, text_of(world, RAISE), stands_from="2025-04-01"))

    (effect,) = plan.policies
    assert (effect.measured_on, effect.version_before, effect.version_after) == (day("2025-04-01"), 1, 2)
    assert (people(effect), effect.change) == ({Move.MORE: 2}, ChangeKind.WIDENING)
    assert [(m.month, m.before_fen, m.after_fen, m.more) for m in effect.months] == [
        ("2025-03", 30000, 30000, 0),
        ("2025-04", 30000, 40000, 2),
        ("2025-05", 30000, 40000, 2),
    ]
    assert plan.ledger == ()


def test_a_raise_that_reaches_back(tmp_path: Path) -> None:
    """January and February were paid at 150: 补差 of 50 each, and March is opened at 200."""
    with a_world(tmp_path) as world:
        world.rule()
        world.night("2025-02-28", pays=True)

        plan = planned(world, change_of(world, text_of(world, RAISE), stands_from="2025-01-01"))

    (effect,) = plan.policies
    (ledger,) = plan.ledger
    assert (effect.months[0].month, effect.months[0].difference_fen) == (None, 2 * 2 * 5000)
    assert (ledger.effect.top_up_count, ledger.effect.top_up_fen) == (4, 20000)
    assert (ledger.effect.regular_count, ledger.effect.regular_fen) == (0, 10000)
    assert ledger.effect.case_count == 0


def test_a_retirement_that_reaches_back(tmp_path: Path) -> None:
    """What was paid for February is for a person to decide; March is not opened."""
    with a_world(tmp_path) as world:
        world.rule()
        world.night("2025-02-28", pays=True)

        plan = planned(world, change_of(world, retired=["care"], stands_from="2025-02-01"))

    (effect,) = plan.policies
    (ledger,) = plan.ledger
    assert (people(effect), effect.change) == ({Move.LOST: 2}, ChangeKind.NARROWING)
    assert (effect.version_before, effect.version_after, effect.met_after) == (1, None, 0)
    assert (ledger.effect.case_count, ledger.effect.case_fen) == (2, 30000)
    assert (ledger.effect.regular_count, ledger.effect.regular_fen) == (-2, -30000)


@pytest.mark.parametrize(
    ("change", "stands_from"),
    [
        pytest.param(RAISE, "2025-01-01", id="a-raise-for-all-that-was-paid"),
        pytest.param(RAISE, "2025-03-01", id="a-raise-for-this-month"),
        pytest.param(WIDER, "2025-02-01", id="more-people-from-last-month"),
        pytest.param(NARROWER, "2025-01-01", id="fewer-people-for-all-that-was-paid"),
    ],
)
def test_the_next_night_does_what_the_plan_said(tmp_path: Path, change: tuple[str, str], stands_from: str) -> None:
    """Law: published, the same night opens, cancels and claims exactly what the plan told beside what it would anyway."""
    with a_world(tmp_path, levels={"b": "2"}) as world:
        world.rule(example="{有证: true, 等级: 1}")
        world.night("2025-02-28", pays=True)
        text = text_of(world, change)
        proposal = change_of(world, text, stands_from=stands_from)
        before = _written(world)
        plan = planned(world, proposal)
        activation = Activation("care", 2, day(stands_from), None, world.clock.instant)
        world.publish(proposal.versions, activation)
        after = _written(world)

    (ledger,) = plan.ledger
    effect = ledger.effect
    opened = effect.regular_fen + effect.arrears_fen + effect.top_up_fen
    assert (opened, effect.cancelled_fen, effect.case_fen) == tuple(n - o for n, o in zip(after, before, strict=True))


def _written(world: World) -> tuple[int, int, int]:
    options = NightOptions(is_dry_run=True, accepted=["care"])
    report = run_night(world.deployment, day("2025-03-10"), options=options, progress=lambda _: None)
    (tally,) = report.policies
    return tally.opened_fen, tally.cancelled_fen, tally.case_fen


def test_a_missing_fact_puts_people_in_doubt(tmp_path: Path) -> None:
    """Who was met and is unknown now is not lost; the missing fact is named."""
    with a_world(tmp_path, cards="abcd", levels={"a": None, "b": "2"}) as world:
        world.rule(example="{有证: true, 等级: 1}")

        plan = planned(world, change_of(world, text_of(world, NARROWER), stands_from="2025-03-01"))

    (effect,) = plan.policies
    assert people(effect) == {Move.LOST: 1, Move.IN_DOUBT: 1, Move.SAME: 2}
    assert (effect.met_before, effect.met_after, effect.unknown_after) == (4, 2, 1)


def test_a_first_policy_is_all_gain(tmp_path: Path) -> None:
    """Nothing was ever published: everyone who is met is new."""
    with a_world(tmp_path / "other") as other:
        other.rule()
        text = other.published_text()
    with a_world(tmp_path / "w") as world:
        plan = planned(world, change_of(world, text, stands_from="2025-03-01"))

    (effect,) = plan.policies
    (ledger,) = plan.ledger
    assert (people(effect), effect.met_before, effect.met_after) == ({Move.GAINED: 2}, 0, 2)
    assert (ledger.effect.regular_count, ledger.effect.regular_fen) == (2, 30000)


def test_a_first_policy_that_begins_later_opens_nothing_yet(tmp_path: Path) -> None:
    """It stands from April on: the next night, of March, has nothing to do with it."""
    with a_world(tmp_path / "other") as other:
        other.rule()
        text = other.published_text()
    with a_world(tmp_path / "w") as world:
        plan = planned(world, change_of(world, text, stands_from="2025-04-01"))

    assert (people(plan.policies[0]), plan.ledger) == ({Move.GAINED: 2}, ())
    assert [month.after_fen for month in plan.policies[0].months] == [0, 30000, 30000]


def test_a_window_that_is_over_is_measured_within(tmp_path: Path) -> None:
    """A change for last month alone is laid beside what stood then."""
    with a_world(tmp_path) as world:
        world.rule()

        plan = planned(world, change_of(world, text_of(world, RAISE), stands_from="2025-02-01", through="2025-02-28"))

    (effect,) = plan.policies
    assert (effect.measured_on, people(effect)) == (day("2025-02-28"), {Move.MORE: 2})
    assert [m.difference_fen for m in effect.months] == [10000, 0, 0, 0]


def test_words_alone_are_text_only(tmp_path: Path) -> None:
    """Another title decides nothing; the same criterion in other words neither."""
    with a_world(tmp_path) as world:
        world.rule()
        text = text_of(world, ("title: care", "title: 照护津贴"), ("when: '有证'", "when: '(有证)'"))

        plan = planned(world, change_of(world, text, stands_from="2025-03-01"))

    assert (plan.change, plan.is_change) == (ChangeKind.TEXT_ONLY, False)


def test_benefits_of_one_group_move_together(tmp_path: Path) -> None:
    """Both pay, the higher wins: raising the lower above it tops up the difference, not the sum."""
    group = "[{group: g, mode: highest, span: period}]"
    with a_world(tmp_path) as world:
        world.rule(policy="aid", amounts=180, excludes=group)
        world.rule(excludes=group)
        world.night("2025-02-28", pays=True)

        plan = planned(world, change_of(world, text_of(world, RAISE), stands_from="2025-02-01"))

    assert plan.policies[0].ties == ("group g",)
    written = {each.policy: each.effect for each in plan.ledger}
    assert sum(each.top_up_fen + each.arrears_fen + each.regular_fen for each in written.values()) == 2 * 2 * 2000


def test_a_budget_that_does_not_suffice(tmp_path: Path) -> None:
    """The year has 900 yuan: 600 are committed for two months, 600 are due for March and April."""
    with a_world(tmp_path) as world:
        world.rule()
        world.night("2025-02-28")
        text = text_of(world, ("guard:", "budget: [{year: 2025, amount: 900}]\nguard:"))

        plan = planned(world, change_of(world, text, stands_from="2025-03-01"), months=2)

    (budget,) = plan.policies[0].budgets
    assert (budget.spent_fen, budget.due_fen, budget.left_fen, budget.is_whole) == (60000, 60000, -30000, False)


def test_money_beyond_the_guard_is_told(tmp_path: Path) -> None:
    """The author of the new version expected at most 10 % more."""
    with a_world(tmp_path) as world:
        world.rule()
        text = text_of(world, RAISE, ("guard: {}", "guard: {amount_change: 10%, count: [3, 9]}"))

        plan = planned(world, change_of(world, text, stands_from="2025-03-01"))

    assert [finding.code.value for finding in plan.policies[0].beyond] == ["E402", "E403"]


def test_a_plan_writes_nothing_and_says_the_same_twice(tmp_path: Path) -> None:
    """Database and files are the same to the byte, and so is the plan."""
    with a_world(tmp_path) as world:
        world.rule()
        world.night("2025-02-28")
        change = change_of(world, text_of(world, RAISE), stands_from="2025-01-01")
        before = _everything(world)

        first, second = (
            make_plan(world.deployment, change, PlanOptions(day("2025-03-10"), 3, "officer"), lambda _: None)
            for _ in range(2)
        )

        assert _everything(world) == before
    assert first.as_json() == second.as_json()
    assert plan_text(file_of(first, change)) == plan_text(file_of(second, change))


def _everything(world: World) -> tuple[dict[str, list[object]], dict[str, bytes]]:
    with world.store.reading() as rx:
        tables = sa.MetaData()
        tables.reflect(rx.connection)
        rows: dict[str, list[object]] = {
            table.name: list(rx.connection.execute(sa.select(table))) for table in tables.sorted_tables
        }
    kept = {
        path.relative_to(world.root).as_posix(): path.read_bytes()
        for path in sorted(world.root.rglob("*"))
        if path.is_file() and not path.name.startswith("mianshen.db")
    }
    return rows, kept


def test_the_plan_file_holds_what_is_to_be_published(tmp_path: Path) -> None:
    """The text to the letter, the days, and the same summary as the JSON form; it reads back."""
    with a_world(tmp_path) as world:
        world.rule()
        change = change_of(world, text_of(world, RAISE), stands_from="2025-04-01")
        plan = planned(world, change)

    kept = parse_plan(plan_text(file_of(plan, change)), "p.json")
    assert [(each.policy, each.version, each.text) for each in kept.versions] == [("care", 2, change.versions[0].text)]
    assert [(each.version, each.valid_from) for each in kept.activations] == [(2, day("2025-04-01"))]
    assert kept.summary == json.loads(plan.as_json())
    assert kept.depends_on["rule care 1"]


@pytest.mark.parametrize(
    ("texts", "retired", "code"),
    [
        pytest.param([], [], "E504", id="nothing"),
        pytest.param([("version: 2", "version: 1")], [], "E314", id="a-published-version-with-another-text"),
        pytest.param([], ["crae"], "R501", id="a-policy-that-nobody-published"),
        pytest.param([("version: 2", "version: 2")] * 2, [], "E505", id="the-same-twice"),
        pytest.param([("outcome: met", "outcome: not_met")], [], "R405", id="an-example-that-fails"),
    ],
)
def test_what_cannot_be_planned(tmp_path: Path, texts: list[tuple[str, str]], retired: list[str], code: str) -> None:
    """Refused before anything is computed, with a code of its own."""
    with a_world(tmp_path) as world:
        world.rule()
        written = [text_of(world, RAISE, change) for change in texts]

        with pytest.raises(MianshenError, match=code):
            planned(world, change_of(world, *written, retired=retired, stands_from="2025-04-01"))
