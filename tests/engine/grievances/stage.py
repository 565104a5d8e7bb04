"""A stage for grievances: somebody who has a benefit, another who has not, and who comes with what."""

from core.clock import civil_day
from engine.grievances.handling import Words, accept, investigate
from engine.grievances.intake import Intake, Received, receive
from store.grievances import Grievance, grievance_of
from store.states.grievances import GrievanceKind, GrievanceSource
from tests.engine.overpayments.stage import TERMS, card
from tests.world import World

WHY = {"reason": "已核查", "basis": "某办法第五条"}


def paid(world: World) -> World:
    """Pay a for January; b has no card; what is due for February is open on 1 March."""
    world.people("ab")
    world.deliver("cards", [card("a")], on="2025-01-02")
    world.rule(terms=TERMS)
    world.night("2025-01-31", pays=True)
    return world


def come(world: World, kind: GrievanceKind, **more: str | None) -> Received:
    """Have somebody come to the counter today."""
    intake = Intake(kind, GrievanceSource.COUNTER, "说明了情况", civil_day(world.clock.now()), **more)
    return receive(world.deployment, intake, by="counter")


def reported(world: World) -> Grievance:
    """Have somebody report that a is not entitled."""
    return come(world, GrievanceKind.REPORT, subject=world.subject("a"), policy="care").grievance


def looked_into(world: World, grievance: Grievance) -> Grievance:
    """Take it up and look into it."""
    accept(world.deployment, grievance.grievance_id, Words("clerk"))
    return investigate(world.deployment, grievance.grievance_id, Words("clerk"))


def now(world: World, grievance: Grievance) -> Grievance:
    """Return it as it stands now."""
    with world.store.reading() as rx:
        return grievance_of(rx, grievance.grievance_id)
