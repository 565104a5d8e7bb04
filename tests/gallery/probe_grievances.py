"""Provokes what may not be done with a grievance."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.testclient import TestClient

from core.errors import MianshenError
from engine.grievances.handling import Words, close, decide, reappeal, refuse
from engine.grievances.hotline_file import import_hotline
from engine.grievances.intake import Intake, receive
from engine.grievances.rating import Stars, rate
from pages.hotline import PATH, Hotline
from store.states.grievances import GrievanceKind, GrievanceOutcome, GrievanceSource
from tests.engine.grievances.stage import WHY, come, looked_into, paid, reported
from tests.engine.overpayments.stage import on
from tests.world import World, day

UPHELD, REJECTED = GrievanceOutcome.UPHELD, GrievanceOutcome.REJECTED
SAID = Intake(GrievanceKind.UNDONE, GrievanceSource.HOTLINE, "没办成", day("2025-01-31"), external_id="12345-1")


def grievance(folder: Path, case: dict[str, Any]) -> str:
    """Do the deed named `deed`, one of those below, where somebody was paid for January."""
    world = World.at(folder / "w")
    try:
        return _without_id(_DEEDS[case["deed"]](paid(world)) or "")
    except MianshenError as error:
        return _without_id(str(error))
    finally:
        world.store.close()


def _without_id(said: str) -> str:
    """Leave the ids of grievances out, which belong to made-up numbers and instants."""
    return "".join(part if not place else f"q_…{part[16:]}" for place, part in enumerate(said.split("q_")))


def _take_in(world: World, *intakes: Intake) -> None:
    for each in intakes:
        receive(world.deployment, each, by="counter")


def _decided(world: World, outcome: GrievanceOutcome, words: Words) -> str:
    key = looked_into(world, reported(world)).grievance_id
    decide(world.deployment, key, outcome, words)
    return key


def _decide_again(world: World) -> None:
    key = _decided(world, REJECTED, Words("head", **WHY))
    anew = reappeal(world.deployment, key, replace(SAID, external_id=None), by="counter")
    decide(world.deployment, anew.grievance_id, REJECTED, Words("head", **WHY))


def _close_what_is_not_done(world: World) -> None:
    key = _decided(world, UPHELD, Words("head", **WHY, department="残联"))
    close(world.deployment, key, Words("clerk"))


def _go_on_too_late(world: World) -> None:
    key = reported(world).grievance_id
    refuse(world.deployment, key, Words("clerk", **WHY))
    on(world, "2025-02-25")
    reappeal(world.deployment, key, replace(SAID, external_id=None), by="counter")


def _import_another_table(world: World) -> None:
    path = world.root / "list.csv"
    path.write_text("工单编号,内容\nA1,没人接\n", "utf-8")
    import_hotline(world.deployment, path, by="clerk")


def _rate_twice(world: World) -> None:
    key = come(world, GrievanceKind.SERVICE, subject=world.subject("a")).grievance.grievance_id
    looked_into(world, come(world, GrievanceKind.SERVICE).grievance)
    refuse(world.deployment, key, Words("clerk", **WHY))
    for _ in range(2):
        rate(world.deployment, Stars(key, 5), by="page")


def _send_unsigned(world: World) -> str:
    app = FastAPI()
    app.post(PATH, response_model=None)(Hotline(world.deployment, "secret").receive)
    said = TestClient(app).post(PATH, json={}).json()
    return f"POST {PATH}: {said['status']} error[{said['code']}]: {said['detail']}\n"


_DEEDS: dict[str, Callable[[World], str | None]] = {
    "say nothing": lambda world: _take_in(world, replace(SAID, said=" ")),
    "say too much": lambda world: _take_in(world, replace(SAID, said="长" * 4001)),
    "say something else": lambda world: _take_in(world, SAID, replace(SAID, said="别的事")),
    "complain of nothing": lambda world: _take_in(world, replace(SAID, policy="nothing-such")),
    "come tomorrow": lambda world: _take_in(world, replace(SAID, received_on=day("2025-02-01"))),
    "decide again": _decide_again,
    "name no department": lambda world: _decided(world, UPHELD, Words("head", **WHY)),
    "close what is not done": _close_what_is_not_done,
    "go on too late": _go_on_too_late,
    "import another table": _import_another_table,
    "rate twice": _rate_twice,
    "send unsigned": _send_unsigned,
}

PROBES = {"grievance": grievance}
