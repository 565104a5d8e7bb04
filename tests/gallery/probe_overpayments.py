"""Provokes what an officer may not do on an overpayment case."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.errors import MianshenError
from engine.overpayments.deciding import Decision, decide, notify, record_objection
from engine.overpayments.giving_up import ask_relief
from engine.overpayments.instalments import agree_plan, equal_instalments
from engine.overpayments.recovering import recover
from engine.overpayments.setting_off import decide_set_off
from engine.overpayments.signing import Signed
from store.case_receipts import Receipt
from store.states.cases import ReliefKind
from tests.engine.overpayments.stage import MONTHS, TERMS, card, case, confirmed, on, overpaid
from tests.world import World, day

HEAD = Signed("head", "已核对", "某办法第三条")


def overpayment(folder: Path, case: dict[str, Any]) -> str:
    """Do the deed named `deed`, one of those below, where 150 for January are overpaid."""
    world = World.at(folder / "w")
    try:
        _DEEDS[case["deed"]](overpaid(world, months=MONTHS[:1]))
    except MianshenError as error:
        return _without_id(str(error))
    finally:
        world.store.close()
    return ""


def _without_id(said: str) -> str:
    """Leave the id of the case out, which belongs to the made-up number of its subject."""
    return "".join(part if not place else f"c_…{part[16:]}" for place, part in enumerate(said.split("c_")))


def _tell_without_why(world: World) -> None:
    quarantined = card("a") | {"起": "nobody can read this"}
    world.deliver("cards", [card("b"), quarantined], on="2025-04-03")
    notify(world.deployment, case(world).case_id, by="clerk")


def _decide_too_early(world: World) -> None:
    on(world, "2025-04-03")
    notify(world.deployment, case(world).case_id, by="clerk")
    decide(world.deployment, case(world).case_id, Decision.CONFIRM, HEAD)


def _decide_own(world: World) -> None:
    on(world, "2025-04-03")
    notify(world.deployment, case(world).case_id, by="head")
    decide(world.deployment, case(world).case_id, Decision.CONFIRM, HEAD)


def _decide_without_basis(world: World) -> None:
    decide(world.deployment, case(world).case_id, Decision.CONFIRM, replace(HEAD, basis=""))


def _confirm_more_than_told(world: World) -> None:
    world.deliver("cards", [card("a", "2025-01-31")], on="2025-04-03")
    world.rule(version=2, amounts=100, on="2025-04-03", terms=TERMS)
    world.night("2025-04-03")
    notify(world.deployment, case(world).case_id, by="clerk")
    record_objection(world.deployment, case(world).case_id, by="clerk", reason="不认可")
    world.deliver("cards", [card("a", "2025-01-15")], on="2025-04-04")
    world.night("2025-04-04")
    decide(world.deployment, case(world).case_id, Decision.CONFIRM, HEAD)


def _receive(world: World, yuan: int, date: str = "2025-04-02") -> None:
    recover(world.deployment, Receipt("R1", day(date), yuan * 100), [case(world).case_id], by="cashier")


def _receive_twice(world: World) -> None:
    _receive(world, 50)
    _receive(world, 60)


def _receive_for_a_closed_case(world: World) -> None:
    first = case(world)
    for date, through in (("2025-04-03", "2025-01-31"), ("2025-04-04", "2025-01-15")):
        world.deliver("cards", [card("a", through)], on=date)
        world.night(date)
    recover(world.deployment, Receipt("R1", day("2025-04-04"), 1), [first.case_id], by="cashier")


def _give_up_more(world: World) -> None:
    ask_relief(world.deployment, case(world).case_id, ReliefKind.WAIVER, HEAD, amount_fen=151_00)


def _plan_less(world: World) -> None:
    own = confirmed(world)
    agree_plan(world.deployment, own.case_id, equal_instalments(149_00, 3, day("2025-06-30")), by="clerk")


def _plan_before_it_is_decided(world: World) -> None:
    agree_plan(world.deployment, case(world).case_id, [], by="clerk")


def _set_off_against_the_rule(world: World) -> None:
    decide_set_off(world.deployment, confirmed(world).case_id, HEAD)


_DEEDS: dict[str, Callable[[World], None]] = {
    "tell without why": _tell_without_why,
    "decide too early": _decide_too_early,
    "decide own": _decide_own,
    "decide without basis": _decide_without_basis,
    "confirm more than told": _confirm_more_than_told,
    "receive twice": _receive_twice,
    "receive too much": lambda world: _receive(world, 151),
    "receive tomorrow": lambda world: _receive(world, 1, "2025-04-05"),
    "receive for a closed case": _receive_for_a_closed_case,
    "give up more": _give_up_more,
    "plan less": _plan_less,
    "plan before it is decided": _plan_before_it_is_decided,
    "set off against the rule": _set_off_against_the_rule,
}

PROBES = {"overpayment": overpayment}
