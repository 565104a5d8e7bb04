"""Provokes the refusals of what departments and clerks do with grants: lists, answers, waivers."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped]  # it ships no types

from core.errors import MianshenError
from engine.lanes.answers import Given, answer
from engine.lanes.consent import Answering, confirm
from engine.lanes.list_file import record_decisions, write_list
from engine.lanes.lists import confirm_list, strike, waiting_list, with_identities
from engine.lanes.publicity import Objecting, decide, object_to, open_publicity
from engine.lanes.waivers import Waiving, waive
from store.publicity import ObjectionRecord
from tests.world import POLICY, World
from tests.world_catalogue import DECLARED

LISTED = "{period: month, checked_by: 区残联, pay: {calendar: daily}}"
CARD = {"等级": "1", "发证": "2020-01-01", "起": "2020-01-01", "止": "2029-12-31"}


def lanes(folder: Path, case: dict[str, Any]) -> str:
    """Do the deed named `deed`, one of those below, where a has a card, b has none, and a department confirms the list."""
    world = World.at(folder / "w", DECLARED)
    try:
        world.people("ab")
        world.deliver("cards", [{"who": "a", **CARD}], on="2025-01-02")
        world.rule(terms=LISTED)
        world.rule(policy="plain", terms=LISTED.replace("checked_by: 区残联, ", ""))
        world.night("2025-01-31")
        world.on("2025-02-03")
        _DEEDS[case["deed"]](world)
    except MianshenError as error:
        return str(error)
    finally:
        world.store.close()
    return ""


def _waive_what_nobody_has(world: World) -> None:
    waive(world.deployment, "plain", world.number("b"), Waiving("clerk", "不需要"))


def _waive_what_waits(world: World) -> None:
    waive(world.deployment, POLICY, world.subject("a"), Waiving("clerk", "不需要"))


def _waive_without_a_reason(world: World) -> None:
    waive(world.deployment, "plain", world.number("a"), Waiving("clerk"))


def _waive_tomorrow(world: World) -> None:
    waive(world.deployment, "plain", world.number("a"), Waiving("clerk", "不需要", on=dt.date(2025, 2, 4)))


def _confirm_what_needs_none(world: World) -> None:
    confirm_list(world.deployment, "plain", by="department")


def _confirm_another_list(world: World) -> None:
    confirm_list(world.deployment, POLICY, by="department", fingerprint="0123abcd")


def _confirm_an_empty_list(world: World) -> None:
    strike(world.deployment, POLICY, world.number("a"), by="department", reason="已迁出")
    confirm_list(world.deployment, POLICY, by="department")


def _strike_without_a_reason(world: World) -> None:
    with world.store.reading() as rx:
        found = waiting_list(rx, world.deployment, POLICY)
    path = world.root / "list.xlsx"
    write_list(with_identities(world.deployment, found, by="department"), path)
    book = openpyxl.load_workbook(path)
    book["名单"]["I2"].value = "剔除"
    book.save(path)
    record_decisions(world.deployment, POLICY, path, by="department")


def _confirm_without_an_account(world: World) -> None:
    asked = "{period: month, confirmation: {needs_account: true}, pay: {calendar: daily}}"
    world.rule(policy="asked", lane="confirm", terms=asked, on="2025-02-04")
    world.night("2025-02-28")
    confirm(world.deployment, "asked", world.number("a"), Answering("clerk"))


def _object(world: World, by: str, name: str = "邻居老李") -> ObjectionRecord:
    public = "{period: month, publicity: {working_days: 5}, pay: {calendar: daily}}"
    world.rule(policy="public", terms=public, on="2025-02-04")
    world.night("2025-02-28")
    made = open_publicity(world.deployment, "public", world.root / "public", by="officer")
    return object_to(world.deployment, made.record.list_id, 1, Objecting(name, "13800001111", "他已搬走", by))


def _object_anonymously(world: World) -> None:
    _object(world, "clerk", name="")


def _answer_another_value(world: World) -> None:
    terms = "{period: month, asks: {fact: 行业, writes: declared}, pay: {calendar: daily}}"
    example = "{有证: true, 行业: 农业}"
    criteria = '有证; 行业 == "农业"'
    world.rule(policy="asks", lane="guided", criteria=criteria, example=example, terms=terms, on="2025-02-04")
    world.deliver("jobs", [{"who": "b", "行业": "工业", "起": "2020-01-01"}], on="2025-02-04")
    world.night("2025-02-28")
    answer(world.deployment, "asks", world.number("a"), Given("渔业"), Answering("clerk"))


def _decide_ones_own(world: World) -> None:
    made = _object(world, "clerk")
    decide(world.deployment, made.objection_id, is_upheld=False, by="clerk", reason="查无此事")


_DEEDS: dict[str, Callable[[World], None]] = {
    "answer another value": _answer_another_value,
    "confirm an empty list": _confirm_an_empty_list,
    "confirm another list": _confirm_another_list,
    "confirm what needs none": _confirm_what_needs_none,
    "confirm without an account": _confirm_without_an_account,
    "decide ones own": _decide_ones_own,
    "object anonymously": _object_anonymously,
    "strike without a reason": _strike_without_a_reason,
    "waive tomorrow": _waive_tomorrow,
    "waive what nobody has": _waive_what_nobody_has,
    "waive what waits": _waive_what_waits,
    "waive without a reason": _waive_without_a_reason,
}

PROBES = {"lanes": lanes}
