"""A small world in which every list of the console has something on it, and somebody at the desk."""

import re
from pathlib import Path

from engine.grievances.intake import Intake, receive
from pages.web.console import lists, policies, publicity
from store.outbox import read_notices
from store.states.grievances import GrievanceKind, GrievanceSource
from tests.engine.overpayments.stage import TERMS, card
from tests.pages.desk import Desk
from tests.world import POLICY, World, day

CLERK, HEAD, CHIEF, CASHIER = "clerk", "head", "chief", "cashier"
CHECKED = "{period: month, counts: last_day, checked_by: 区残联, publicity: {working_days: 5}, pay: {calendar: daily}}"
WAITING, SHOWN = "waiting", "shown"
"""The policies whose list waits for a department, and whose list is before the public."""


def full_desk(root: Path) -> Desk:
    """Return the desk of a world with a batch to approve, a case, lists, a draft, a plan, and a grievance."""
    world = World.at(root)
    world.people("abc")
    world.deliver("cards", [card(who) for who in "abc"], on="2025-01-02")
    world.rule(terms=TERMS)
    for policy in (WAITING, SHOWN):
        world.rule(policy=policy, terms=CHECKED)
    world.night("2025-01-31", pays=True)
    world.deliver("cards", [card("a", "2025-01-15"), card("b"), card("c")], on="2025-04-02")
    world.night("2025-04-02")
    desk = Desk(world, (CLERK, HEAD, CHIEF, CASHIER))
    desk.on("2025-04-03")
    _fill(desk)
    return desk


def _fill(desk: Desk) -> None:
    own = f"{lists.PLACE}/{SHOWN}"
    fingerprint = re.search(r'name="fingerprint" value="(\w+)"', desk.read(HEAD, own))
    assert fingerprint is not None
    desk.do(HEAD, f"{own}/confirm", fingerprint=fingerprint[1])
    desk.do(CLERK, f"{publicity.PLACE}/open", policy=SHOWN)
    desk.do(CLERK, f"{policies.PLACE}/{POLICY}/draft")
    shown = desk.do(CLERK, f"{policies.PLACE}/{POLICY}/2/plan", **{"from": "2025-05-01", "months": "2"})
    submit = re.search(r'action="([^"]+/submit)"', shown)
    assert submit is not None, shown
    desk.do(CLERK, submit[1])
    about = {"subject": desk.world.subject("b"), "policy": POLICY}
    with desk.world.store.reading() as rx:
        assert read_notices(rx), "messages wait"
    intake = Intake(GrievanceKind.REPORT, GrievanceSource.COUNTER, "人已迁走", day("2025-04-03"), **about)
    receive(desk.world.deployment, intake, by=CLERK)
