import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.clock import civil_day
from core.roles import Role, Scope, ScopeKind
from engine.appointing import appoint
from engine.grievances.intake import Intake, receive
from engine.supervising.concerns import Concern, worklist
from engine.supervising.limits import Matter, Standing
from store.roles import Post
from store.states.grievances import GrievanceKind, GrievanceSource
from tests.trial_world import LAST_NIGHT, TrialWorld, trial_world
from tests.world import POLICY, World, day

CARD = {"等级": "1", "发证": "2020-01-01", "起": "2020-01-01", "止": "2029-12-31"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Return a workspace where two of three residents have cards, one is dead, and a rule pays for cards on the 15th."""
    made = World.at(tmp_path / "w")
    made.people("abc")
    made.deliver("cards", [{"who": who, **CARD} for who in "ab"], on="2025-01-02")
    made.deliver("deaths", [{"who": "c", "日期": "2024-06-01"}], on="2025-01-02")
    made.rule(criteria="有证; not 死亡", example="{有证: true, 死亡: false}", on="2025-01-03")
    yield made
    made.store.close()


def waiting(world: World, on: str, matter: Matter) -> list[Concern]:
    """Return what waits of one kind as of a day."""
    return [each for each in worklist(world.deployment, day(on)).concerns if each.matter is matter]


def test_a_night_that_was_not_published_is_overdue_the_day_after(world: World) -> None:
    """None yet; after one, nothing the next day; two days later the one between is missing."""
    (never,) = waiting(world, "2025-01-31", Matter.NIGHT)
    world.night("2025-01-31")

    assert never.standing is Standing.OVERDUE
    assert waiting(world, "2025-02-01", Matter.NIGHT) == []
    (missing,) = waiting(world, "2025-02-02", Matter.NIGHT)
    assert (missing.since, missing.count, missing.standing) == (day("2025-02-01"), 1, Standing.OVERDUE)


def test_a_frozen_batch_waits_until_its_pay_day(world: World) -> None:
    """Of what was first due in January: named with its money and its paymasters, overdue; gone once it was signed."""
    scope = Scope(ScopeKind.POLICY, POLICY)
    appoint(world.deployment, Post("li", Role.OPERATOR), by="li", reason="first")
    appoint(world.deployment, Post("wang", Role.PAYMASTER, scope), by="li", reason="appointed")
    world.night("2025-02-15")

    (batch,) = waiting(world, "2025-02-15", Matter.BATCH)
    world.pay()

    assert batch.standing is Standing.OVERDUE
    assert (batch.count, batch.amount_fen, batch.due_on, batch.who) == (4, 60_000, day("2025-01-15"), "wang")
    assert waiting(world, "2025-02-15", Matter.BATCH) == []


def test_a_stopped_policy_waits_for_somebody_else(world: World) -> None:
    """With who stopped it and since when; ten working days until it is overdue."""
    world.night("2025-01-31")
    world.suspend(on="2025-02-03")

    (stopped,) = waiting(world, "2025-02-04", Matter.SUSPENSION)
    (late,) = waiting(world, "2025-03-04", Matter.SUSPENSION)
    world.resume(on="2025-03-05")

    assert (stopped.since, stopped.standing, late.standing) == (day("2025-02-03"), Standing.OPEN, Standing.OVERDUE)
    assert "first" in stopped.why
    assert waiting(world, "2025-03-05", Matter.SUSPENSION) == []


def test_an_overpayment_waits_for_a_decision(world: World) -> None:
    """A death that was reported late: the case with its money, on the policy's department."""
    world.night("2025-02-15", pays=True)
    world.deliver("deaths", [{"who": "a", "日期": "2024-12-20"}, {"who": "c", "日期": "2024-06-01"}], on="2025-02-20")
    world.night("2025-02-20")

    (case,) = waiting(world, "2025-02-21", Matter.CASE)

    assert (case.count, case.amount_fen, case.since) == (2, 30_000, day("2025-02-20"))
    assert case.owner == "残联"


def test_a_missing_fact_counts_from_the_first_night_in_a_row(world: World) -> None:
    """Three nights without a list: the clock runs from the first of them."""
    world.rule(policy="young", criteria="低保", amounts=10, example="{低保: true}", on="2025-01-04")
    for date in ("2025-01-31", "2025-02-01", "2025-02-02"):
        world.night(date)

    (unknown,) = waiting(world, "2025-02-02", Matter.UNKNOWN)

    assert (unknown.about, unknown.count, unknown.since) == ("young", 3, day("2025-01-31"))


@pytest.fixture(scope="module")
def district() -> TrialWorld:
    """Return the trial district, which is only looked at."""
    return trial_world()


def test_a_district_has_every_matter_with_an_owner_and_a_clock(district: TrialWorld) -> None:
    """Overdue first; whatever has a last day says how it stands; nobody is named."""
    with district.open() as deployment:
        listed = worklist(deployment, LAST_NIGHT + dt.timedelta(days=9))

    found = {each.matter for each in listed.concerns}
    assert {Matter.NIGHT, Matter.RESOURCE, Matter.UNKNOWN} <= found
    assert all(each.owner and each.label for each in listed.concerns)
    standings = [list(Standing).index(each.standing) for each in listed.concerns]
    assert standings == sorted(standings)
    text = listed.as_json()
    assert json.loads(text)["format_version"] == 1
    assert "s_" not in {each.about[:2] for each in listed.concerns}


def test_the_same_day_gives_the_same_list(district: TrialWorld) -> None:
    """Whoever asks, and how often."""
    with district.open() as deployment:
        assert worklist(deployment, LAST_NIGHT).as_json() == worklist(deployment, LAST_NIGHT).as_json()


def test_a_batch_that_went_out_waits_for_the_statement(world: World) -> None:
    """The bank has answered for every line: what is left is to compare it with the account."""
    world.night("2025-02-15", pays=True)

    waits = waiting(world, "2025-02-16", Matter.BANK)

    assert [(each.count, each.amount_fen, each.due_on is not None) for each in waits] == [(4, 60_000, True)]


def test_a_grievance_waits_by_the_days_of_its_kind(world: World) -> None:
    """Over the day of its own kind it is overdue; whose policy it is about is answered for by its department."""
    world.night("2025-01-31")
    who, today = world.number("a"), civil_day(world.clock.now())
    intake = Intake(GrievanceKind.ENTITLEMENT, GrievanceSource.COUNTER, "金额不对", today, subject=who, policy=POLICY)
    receive(world.deployment, intake, by="counter")

    (soon,), (late,) = (waiting(world, on, Matter.GRIEVANCE) for on in ("2025-02-03", "2025-06-30"))

    assert (soon.owner, soon.standing, late.standing) == ("残联", Standing.OPEN, Standing.OVERDUE)
    assert soon.due_on == late.due_on is not None
