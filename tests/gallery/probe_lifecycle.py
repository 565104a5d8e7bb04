"""Provokes the refusals on the way from a plan into force."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped]  # it ships no types

from core.errors import MianshenError
from engine.lifecycle.lifecycle import apply_plan, approve, close, refuse_other, submit_plan, waiting_for
from engine.lifecycle.sample_file import form_of, record_verdicts, write_sample
from engine.lifecycle.sampling import draw_sample
from engine.lifecycle.unplanned import Unplanned, plan_without_effect
from engine.planning.plan_file import PlanFile
from rules.standing import Activation
from store.proposals import Proposal
from store.states.rules import VersionState
from store.suspensions import refuse_unseen
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


def _sampled(world: World) -> Path:
    """Draw a sample of two people and return its workbook."""
    world.people("ab")
    world.rule(policy="other", on="2025-01-03", shadow_nights=2)
    world.night("2025-01-13")
    path = world.root / "cases.xlsx"
    write_sample(draw_sample(world.deployment, "other", count=2, seed=1, by="officer"), path)
    return path


def _judge_with_a_formula(world: World, _: PlanFile) -> None:
    _judge_changed(world, _sampled(world), "G2", '=IF(1,"对")')


def _judge_another_case(world: World, _: PlanFile) -> None:
    path = _sampled(world)
    _judge_changed(world, path, "C2", openpyxl.load_workbook(path)["核对"]["C3"].value)


def _judge_changed(world: World, path: Path, cell: str, value: str) -> None:
    book = openpyxl.load_workbook(path)
    book["核对"][cell].value = value
    book.save(path)
    record_verdicts(world.deployment, path, by="second")


def _name_another_form(_: World, __: PlanFile) -> None:
    form_of(Path("cases.pdf"))


def _pay_while_suspended(world: World, _: PlanFile) -> None:
    world.suspend(on="2025-01-02")
    with world.store.writing() as tx:
        refuse_unseen(tx, POLICY)


def _resume_what_stands(world: World, _: PlanFile) -> None:
    world.resume(on="2025-01-02")


def _submitted(world: World, plan: PlanFile) -> Proposal:
    return submit_plan(world.deployment, plan, by="clerk")


_DEEDS: dict[str, Callable[[World, PlanFile], None]] = {
    "apply after a day": _apply_after_a_day,
    "apply unsubmitted": _apply_unsubmitted,
    "approve": _approve,
    "approve another": _approve_another,
    "judge another case": _judge_another_case,
    "judge another table": _judge_another_table,
    "judge with a formula": _judge_with_a_formula,
    "name another form": _name_another_form,
    "pay while suspended": _pay_while_suspended,
    "resume what stands": _resume_what_stands,
    "return without a reason": _return_without_a_reason,
    "sample without a shadow": _sample_without_a_shadow,
}

PROBES = {"into_force": into_force}
