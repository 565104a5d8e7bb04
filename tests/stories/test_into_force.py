"""From a rule file to force and back, by the commands alone: planned, submitted, approved, applied, rolled back, repealed."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import EXIT_DONE, EXIT_FINDINGS, EXIT_REFUSED
from tests.stories.typing_officers import into_force, raise_file, say, typed_world
from tests.world import World


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Return a world with two people, one with a card, and a rule of 150; the machine's clock is the story's."""
    with typed_world(tmp_path, monkeypatch) as made:
        yield made


def test_a_raise_is_rolled_back(world: World) -> None:
    """150 from January, 180 from March; set back from March in May: what was paid on top becomes a case."""
    world.night("2025-02-17", pays=True)
    assert into_force(world, "plan", raise_file(world), "--from", "2025-03-01").out == (
        "care: version 2 from 2025-03-01 through further notice\n"
    )
    world.night("2025-03-17", pays=True)
    assert world.items("a") == {"2025-01": [150], "2025-02": [150], "2025-03": [180]}

    said = into_force(world, "rules", "rollback", "care", "--from", "2025-03-01")
    world.night("2025-04-15", pays=True)

    assert said.out == "care: version 1 from 2025-03-01 through further notice\n"
    assert world.cases("a") == {"2025-03": 30}
    assert world.items("a")["2025-04"] == [150]


def test_tariff_repeal_and_activated_again(world: World) -> None:
    """Version 2 from 07-01; repeal from 06-01 signed 09-10; again from 11-01: June to August are cases, November pays."""
    into_force(world, "plan", raise_file(world), "--from", "2025-07-01")
    for date in ("2025-06-16", "2025-07-15", "2025-08-15"):
        world.night(date, pays=True)
    world.clock.instant = dt.datetime(2025, 9, 10, 1, 0, tzinfo=dt.UTC)

    assert into_force(world, "rules", "repeal", "care", "--from", "2025-06-01").out == (
        "care: repealed from 2025-06-01 through further notice\n"
    )
    world.night("2025-09-15", pays=True)
    assert world.cases("a") == {"2025-06": 150, "2025-07": 180, "2025-08": 180}

    into_force(world, "rules", "rollback", "care", "--to", "2", "--from", "2025-11-01")
    world.night("2025-11-17", pays=True)
    assert {month: amounts for month, amounts in world.items("a").items() if month > "2025-08"} == {"2025-11": [180]}
    assert world.cases("a") == {"2025-06": 150, "2025-07": 180, "2025-08": 180}


def test_a_temporary_window(world: World) -> None:
    """180 in March alone; April is 150 again, and the window lapses."""
    into_force(world, "plan", raise_file(world), "--from", "2025-03-01", "--through", "2025-03-31")
    world.night("2025-04-15", pays=True)

    assert world.items("a") == {"2025-01": [150], "2025-02": [150], "2025-03": [180], "2025-04": [150]}
    assert "已到期" in say(world, "rules", "history", "care").out


def test_a_plan_with_shadow_nights(world: World) -> None:
    """The raise is told beside the night, and nothing of it is paid."""
    into_force(world, "plan", raise_file(world), "--from", "2025-01-01", "--shadow", "1")

    report = world.night("2025-01-15")

    assert [(each.version, each.due_fen) for each in report.shadows] == [(2, 18000)]
    assert world.items("a") == {"2025-01": [150]}


def test_the_history_tells_all(world: World) -> None:
    """Every version, activation and step, with who, when, on which fingerprint."""
    into_force(world, "plan", raise_file(world), "--from", "2025-03-01")
    into_force(world, "rules", "rollback", "care", "--from", "2025-03-01")

    said = say(world, "rules", "history", "care")

    assert said.code == EXIT_DONE
    for word in (
        "第2版（第1稿）",
        "仅调整启用",
        "author",
        "clerk",
        "second",
        "operator",
        "草稿 → 已提交",
        "已审批 → 已发布",
    ):
        assert word in said.out, word


@pytest.mark.parametrize(
    ("words", "code"),
    [
        pytest.param(["rollback", "care", "--from", "2025-03-01"], EXIT_FINDINGS, id="nothing-before"),
        pytest.param(["rollback", "care", "--to", "9", "--from", "2025-03-01"], EXIT_FINDINGS, id="no-such-version"),
        pytest.param(["rollback", "crae", "--from", "2025-03-01"], EXIT_FINDINGS, id="no-such-policy"),
        pytest.param(["repeal", "crae", "--from", "2025-03-01"], EXIT_FINDINGS, id="repeal-of-nothing"),
        pytest.param(["history", "crae"], EXIT_FINDINGS, id="history-of-nothing"),
    ],
)
def test_what_cannot_be_meant(world: World, words: list[str], code: int) -> None:
    """It is told with the nearest that can."""
    said = say(world, "rules", *words)

    assert said.code == code
    assert "help: " in said.err


def test_a_whole_library_in_one_plan(world: World) -> None:
    """Several policies are taken over together; approving one of them signs the plan of all."""
    files = []
    for policy in ("one", "two"):
        path = world.root / "policies" / f"{policy}.yaml"
        path.write_text(world.published_text().replace("care", policy), "utf-8")
        files.append(path)
    plan = world.root / "take-over.json"
    assert say(world, "plan", *files, "--out", plan, "--by", "author").code == EXIT_DONE
    assert say(world, "rules", "submit", plan, "--by", "author").code == EXIT_DONE
    assert say(world, "rules", "approve", "two", "1", "--by", "author").code == EXIT_REFUSED
    assert say(world, "rules", "approve", "two", "1", "--by", "second").code == EXIT_DONE

    said = say(world, "apply", plan, "--by", "operator")

    assert said.out.splitlines() == [
        "one: version 1 from 2020-01-01 through further notice",
        "two: version 1 from 2020-01-01 through further notice",
    ]


def test_what_contradicts_a_published_policy_is_not_submitted(world: World) -> None:
    """A group that another published policy has over another span; once that one is repealed, it contradicts nobody."""
    world.rule(policy="living", excludes="[{group: 津贴, mode: highest, span: year}]", on="2025-01-04")
    own = world.published_text().replace("living", "aged").replace("span: year", "span: period")
    path, plan = world.root / "policies" / "aged.yaml", world.root / "change.plan.json"
    path.write_text(own, "utf-8")
    say(world, "plan", path, "--out", plan, "--by", "author")

    refused = say(world, "rules", "submit", plan, "--by", "author")
    world.repeal(policy="living", stands_from="2025-01-01", on="2025-01-05")
    say(world, "plan", path, "--out", plan, "--by", "author")
    accepted = say(world, "rules", "submit", plan, "--by", "author")

    assert refused.code == EXIT_FINDINGS
    assert "error[R321]" in refused.err
    assert accepted.code == EXIT_DONE, accepted.err
