"""What was saved: the effort that a rule declares, for each person who was paid; nothing where it declares none."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.supervising.reach import Reach, ReachReport, reach_of
from engine.supervising.sheets import reach_sheet
from tests.world import World, day

CARD = {"等级": "1", "发证": "2020-01-01", "起": "2020-01-01", "止": "2029-12-31"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Return three residents, two of them with cards."""
    made = World.at(tmp_path / "w")
    made.people("abc")
    made.deliver("cards", [{"who": who, **CARD} for who in "ab"], on="2025-01-02")
    yield made
    made.store.close()


def reached(world: World, effort: str) -> tuple[ReachReport, Reach]:
    """Publish a version with an effort, pay two months, and return what it reached."""
    world.rule(guard=f"{{}}\n{effort}", on="2025-01-03")
    world.night("2025-01-15", pays=True)
    world.night("2025-02-15", pays=True)
    report = reach_of(world.deployment, day("2025-02-16"))
    (only,) = report.policies
    return report, only


def test_an_effort_is_saved_once_for_each_person_who_was_paid(world: World) -> None:
    """However many months; what the rule leaves out is named and not zero, what it says to be zero is zero."""
    report, only = reached(world, "effort: {steps: 5, visits: 0, source: 原办事指南}")

    assert only.paid_ever_count == 2
    assert (only.steps_saved, only.visits_saved, only.documents_saved) == (10, 0, None)
    assert (only.not_declared, only.effort_source) == (("documents_saved",), "原办事指南")
    assert json.loads(report.as_json())["not_declared"] == ["documents_saved"]
    assert dict(zip(reach_sheet(report).columns, reach_sheet(report).rows[0], strict=True))["减少环节"] == 10


def test_what_no_rule_declares_is_named(world: World) -> None:
    """Nobody's guess stands in for it."""
    report, only = reached(world, "")

    assert (only.steps_saved, only.visits_saved, only.documents_saved, only.effort_source) == (None,) * 4
    assert json.loads(report.as_json())["not_declared"] == ["steps_saved", "visits_saved", "documents_saved"]
    assert reach_sheet(report).rows[0][-3:] == (None, None, None)
