"""Provokes the refusals on the way from a plan into force."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.errors import MianshenError
from engine.lifecycle.lifecycle import apply_plan, approve, close, refuse_other, submit_plan, waiting_for
from engine.lifecycle.sample_file import record_verdicts
from engine.lifecycle.sampling import draw_sample
from engine.lifecycle.unplanned import Unplanned, plan_without_effect
from engine.planning.plan_file import PlanFile
from rules.standing import Activation
from store.proposals import Proposal
from store.states import VersionState
from tests.world import POLICY, World


def into_force(folder: Path, case: dict[str, Any]) -> str:
    """Do the deed named `deed`, one of those below, with the plan of a repeal."""
    world = World.at(folder / "w")
    try:
        world.rule()
        ends = Activation(POLICY, None, dt.date(2025, 7, 1), None, world.clock.instant, clears=True)
        plan = plan_without_effect(world.deployment, [], [ends], Unplanned("author", "second", "a case"))
        _DEEDS[case["deed"]](world, plan)
    except MianshenError as error:
        return str(error)
    finally:
        world.store.close()
    return ""


def _apply_after_a_day(world: World, plan: PlanFile) -> None:
    approve(world.deployment, _submitted(world, plan), by="second")
    world.clock.instant += dt.timedelta(days=1)
    apply_plan(world.deployment, plan, by="operator")


def _apply_unsubmitted(world: World, plan: PlanFile) -> None:
    apply_plan(world.deployment, plan, by="operator")


def _approve(world: World, _: PlanFile) -> None:
    with world.store.reading() as rx:
        waiting_for(rx, POLICY)


def _approve_another(world: World, plan: PlanFile) -> None:
    refuse_other(replace(_submitted(world, plan), fingerprint="8c2f41d0a96be375"), "0123abcd")


def _return_without_a_reason(world: World, plan: PlanFile) -> None:
    close(world.deployment, _submitted(world, plan), VersionState.RETURNED, by="second", reason="")


def _sample_without_a_shadow(world: World, _: PlanFile) -> None:
    draw_sample(world.deployment, POLICY, count=20, seed=None, by="officer")


def _judge_another_table(world: World, _: PlanFile) -> None:
    (world.root / "cases.csv").write_text("name,verdict\n", "utf-8")
    record_verdicts(world.deployment, world.root / "cases.csv", by="second")


def _submitted(world: World, plan: PlanFile) -> Proposal:
    return submit_plan(world.deployment, plan, by="clerk")


_DEEDS: dict[str, Callable[[World, PlanFile], None]] = {
    "apply after a day": _apply_after_a_day,
    "apply unsubmitted": _apply_unsubmitted,
    "approve": _approve,
    "approve another": _approve_another,
    "judge another table": _judge_another_table,
    "return without a reason": _return_without_a_reason,
    "sample without a shadow": _sample_without_a_shadow,
}

PROBES = {"into_force": into_force}
