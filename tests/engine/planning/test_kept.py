"""Plans that pages keep: what is shown is what is signed, and what nobody may submit any more goes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.planning.change import ProposedDays, read_change
from engine.planning.effect import Plan
from engine.planning.kept import keep_plan, kept_plan, shown_plan
from engine.planning.plan import PlanOptions, file_of, make_plan
from engine.planning.plan_file import PlanFile, parse_plan, plan_text
from tests.world import World, day

CARD = {"等级": "1", "发证": "2020-01-01", "起": "2020-01-01", "止": "2029-12-31"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Return a workspace with a rule and an unverified draft that pays more."""
    made = World.at(tmp_path / "w")
    made.people("abcdefgh")
    made.deliver("cards", [{"who": who, **CARD} for who in "abcdef"], on="2025-01-02")
    made.rule(on="2025-01-03", guard="{count: [1, 2]}")
    draft = (
        made.published_text()
        .replace("version: 1", "version: 2")
        .replace("150", "180")
        .replace("certainty: S", "certainty: K")
    )
    (made.root / "policies" / "care.yaml").write_text(draft, "utf-8")
    made.on("2025-01-10")
    yield made
    made.store.close()


def planned(world: World) -> tuple[Plan, PlanFile]:
    change = read_change(
        world.deployment.catalogue, [world.root / "policies" / "care.yaml"], days=ProposedDays(day("2025-02-01"))
    )
    plan = make_plan(world.deployment, change, PlanOptions(day("2025-01-10"), 12, "wang"), lambda _: None)
    return plan, file_of(plan, change)


def test_what_is_shown_is_the_plan_that_was_made(world: World) -> None:
    """Out of the document that is signed comes the very plan, with findings beyond the guard and warnings."""
    plan, file = planned(world)
    assert plan.proofs[0].warnings
    assert plan.policies[0].beyond

    assert shown_plan(parse_plan(plan_text(file), "plan")) == plan


def test_a_plan_is_kept_until_its_day_is_over(world: World) -> None:
    """One of another day goes when the next is made, and so does a damaged one; today's stay."""
    _, file = planned(world)
    first = keep_plan(world.deployment, file)
    damaged = world.deployment.workspace.plans / "x.json"
    damaged.write_text("{}")
    world.on("2025-01-10")
    second = keep_plan(world.deployment, planned(world)[1])
    kept = kept_plan(world.deployment, first)
    assert kept == file
    assert first != second
    assert not damaged.exists()

    world.on("2025-01-11")
    keep_plan(world.deployment, planned(world)[1])

    assert kept_plan(world.deployment, first) is None


@pytest.mark.parametrize("name", ["", "../../workspace", "x" * 64, "A" * 64, "0" * 64])
def test_only_fingerprints_are_looked_for(world: World, name: str) -> None:
    """No name leads out of the folder."""
    assert kept_plan(world.deployment, name) is None


def test_a_plan_of_another_release_is_not_shown(world: World) -> None:
    """Its document is what it was; only the report cannot be made."""
    _, file = planned(world)
    older = file.model_copy(update={"summary": file.summary | {"format_version": 1}})
    torn = file.model_copy(update={"summary": {key: file.summary[key] for key in ("format_version", "day")}})

    assert shown_plan(older) is None
    assert shown_plan(torn) is None
