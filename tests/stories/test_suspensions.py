"""Somebody stops a rule tonight, and somebody else lets it go on: held back in between, nothing lost, nothing twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import RefusedError
from core.ledger import GrantState, ItemState
from engine.replaying.replay import Verdict, replay_run
from store.batches import read_batches
from store.codes import StoreCode
from store.grants import read_grants
from store.outbox import count_notices
from store.states.paying import BatchState
from tests.store.paying import approve, export
from tests.world import World

CARD = {"等级": "1", "发证": "2020-01-01", "起": "2020-01-01", "止": "2029-12-31"}
ENDED = CARD | {"止": "2025-01-31"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Return a world with two people, one of whom has a card."""
    made = World.at(tmp_path)
    made.people("ab")
    made.deliver("cards", [{"who": "a", **CARD}], on="2025-01-02")
    yield made
    made.store.close()


def grants(world: World) -> dict[str, tuple[str, str]]:
    """Return the state of everybody's grant and its day of discovery."""
    letters = {world.subject(each): each for each in "ab"}
    with world.store.reading() as rx:
        rows = read_grants(rx).select("subject_id", "state", "discovered_on").rows()
    return {letters[subject]: (state, f"{day}") for subject, state, day in rows}


def replays(world: World, *dates: str) -> list[Verdict]:
    """Return what nights come to when they are computed again."""
    return [replay_run(world.deployment, date, lambda _: None).verdict for date in dates]


def test_what_was_not_instructed_waits(world: World) -> None:
    """January is in a frozen batch: it leaves the batch and waits; resumed, it is collected by the first night."""
    world.rule(on="2025-01-03")
    world.night("2025-01-15")
    assert world.states("a") == {"2025-01": [ItemState.IN_BATCH]}
    world.suspend(on="2025-01-15")

    report = world.night("2025-01-16")

    assert world.states("a") == {"2025-01": [ItemState.ON_HOLD]}
    assert [(each.is_suspended, each.met_count, each.opened_fen) for each in report.policies] == [(True, 1, 0)]
    assert (report.batches, report.notice_count) == ((), 0)
    assert grants(world) == {"a": (GrantState.ACTIVE, "2025-01-03")}

    world.resume(on="2025-01-20")
    report = world.night("2025-01-20", pays=True)

    assert [(each.item_count, each.total_fen, f"{each.pay_day}") for each in report.batches] == [
        (1, 15000, "2025-01-20")
    ]
    assert world.states("a") == {"2025-01": [ItemState.PAID]}
    assert report.notice_count == 0
    assert replays(world, "2025-01-15", "2025-01-16", "2025-01-20") == [Verdict.EQUAL] * 3


def test_what_went_out_is_not_claimed_back(world: World) -> None:
    """A card ends while the rule is suspended: no case, no end of the grant, no letter; all three once it goes on."""
    world.rule(on="2025-01-03")
    world.night("2025-01-15", pays=True)
    world.night("2025-02-17", pays=True)
    world.suspend(on="2025-02-18")
    world.deliver("cards", [{"who": "a", **ENDED}], on="2025-02-19")

    report = world.night("2025-02-19")
    assert world.cases("a") == {}
    assert grants(world)["a"][0] == GrantState.ACTIVE
    assert report.notice_count == 0

    world.resume(on="2025-02-24")
    report = world.night("2025-02-24")
    assert world.cases("a") == {"2025-02": 150}
    assert grants(world)["a"][0] == GrantState.ENDED
    assert report.notice_count == 1


def test_nobody_loses_what_was_learned_meanwhile(world: World) -> None:
    """A second card comes while the rule is suspended: arrears of one month count from that day, not from the resumption."""
    world.rule(terms="{period: month, arrears: {months: 1}, pay: {calendar: monthly, day: 15}}", on="2025-01-03")
    world.night("2025-01-15", pays=True)
    world.suspend(on="2025-01-16")
    cards = [{"who": "a", **CARD}, {"who": "b", **CARD}]
    world.deliver("cards", cards, on="2025-01-20")
    for date in ("2025-01-20", "2025-02-17", "2025-03-17"):
        assert world.night(date, pays=True).notice_count == 0
    assert "b" not in grants(world)
    assert world.items("a") == {"2025-01": [150]}

    world.resume(on="2025-03-18")
    report = world.night("2025-03-18", pays=True)

    assert grants(world) == {"a": (GrantState.ACTIVE, "2025-01-03"), "b": (GrantState.ACTIVE, "2025-01-20")}
    assert world.items("a") == {"2025-01": [150], "2025-02": [150], "2025-03": [150]}
    assert world.items("b") == {"2025-01": [150], "2025-02": [150], "2025-03": [150]}
    assert world.states("b")["2025-01"] == [ItemState.PAID]
    assert report.notice_count == 1
    assert replays(world, "2025-03-17", "2025-03-18") == [Verdict.EQUAL] * 2


def test_a_rule_is_stopped_before_its_first_night(world: World) -> None:
    """The raise of this afternoon is wrong: nothing of it, and nothing of the version before it, is paid tonight."""
    world.rule(on="2025-01-03")
    world.night("2025-01-15", pays=True)
    world.rule(version=2, amounts=1800, stands_from="2025-01-01", on="2025-01-16")
    world.suspend(on="2025-01-16", version=2)

    world.night("2025-02-17", pays=True)

    assert world.items("a") == {"2025-01": [150]}


def test_from_a_day_on(world: World) -> None:
    """What lies before the day goes on: a correction of January is paid, February waits, though grace would pay it."""
    world.rule(
        criteria="等级 >= 1",
        amounts={"等级 == 1": 300, "": 150},
        example="{等级: 1}",
        terms="{period: month, grace: {periods: 3}, pay: {calendar: monthly, day: 15}}",
        on="2025-01-03",
    )
    world.deliver("cards", [{"who": "a", **CARD, "等级": "2"}], on="2025-01-04")
    world.night("2025-01-15", pays=True)
    world.suspend(on="2025-01-16", since="2025-02-01")
    world.deliver("cards", [{"who": "a", **CARD}], on="2025-01-20")

    world.night("2025-02-17", pays=True)

    assert world.items("a") == {"2025-01": [150, 150]}


def test_who_is_found_meanwhile_is_told_when_it_goes_on(world: World) -> None:
    """Somebody's January was before the suspension: found during it, paid, and told of no more than is promised."""
    world.rule(on="2025-01-03")
    world.night("2025-01-15", pays=True)
    world.suspend(on="2025-01-20", since="2025-02-01")
    world.deliver("cards", [{"who": each, **CARD} for each in "ab"], on="2025-02-03")

    report = world.night("2025-02-17", pays=True)

    assert world.items("b") == {"2025-01": [150]}
    assert grants(world)["b"] == (GrantState.PROPOSED, "2025-02-03")
    assert report.notice_count == 0

    world.resume(on="2025-02-18")

    assert world.night("2025-02-18").notice_count == 1
    assert grants(world)["b"] == (GrantState.ACTIVE, "2025-02-03")


def test_a_later_version_takes_over(world: World) -> None:
    """A wrong raise is suspended; its correction, signed by two, stands from the same day and pays without a resumption."""
    world.rule(on="2025-01-03")
    world.rule(version=2, amounts=1800, stands_from="2025-02-01", on="2025-01-04")
    world.night("2025-01-15", pays=True)
    world.suspend(on="2025-02-03", version=2)
    world.night("2025-02-17", pays=True)
    assert world.items("a") == {"2025-01": [150]}

    world.rule(version=3, amounts=180, stands_from="2025-02-01", on="2025-02-20")
    report = world.night("2025-03-17", pays=True)

    assert world.items("a") == {"2025-01": [150], "2025-02": [180], "2025-03": [180]}
    assert not report.policies[0].is_suspended


def test_who_a_later_version_found_is_found_by_the_first(world: World) -> None:
    """The second version opens a grant while the first is stopped; once that goes on, arrears count from the delivery."""
    terms = "{period: month, arrears: {months: 1}, pay: {calendar: monthly, day: 15}}"
    world.rule(terms=terms, on="2025-01-03")
    world.night("2025-01-15", pays=True)
    world.suspend(on="2025-01-16")
    world.deliver("cards", [{"who": "a", **CARD}, {"who": "b", **CARD}], on="2025-02-03")
    world.night("2025-02-17", pays=True)
    world.rule(terms=terms, version=2, stands_from="2025-04-01", on="2025-04-02")
    world.night("2025-04-15", pays=True)
    assert grants(world)["b"] == (GrantState.ACTIVE, "2025-04-02")
    assert world.items("b") == {"2025-04": [150]}

    world.resume(on="2025-04-16")
    world.night("2025-04-17", pays=True)

    assert grants(world)["b"] == (GrantState.ACTIVE, "2025-02-03")
    assert world.items("b") == {f"2025-{month:02d}": [150] for month in (1, 2, 3, 4)}
    assert grants(world)["a"] == (GrantState.ACTIVE, "2025-01-03")
    assert replays(world, "2025-02-17", "2025-04-15", "2025-04-17") == [Verdict.EQUAL] * 3
    assert not world.night("2025-04-18").notice_count
    assert grants(world)["b"] == (GrantState.ACTIVE, "2025-02-03")


def test_a_suspended_repeal_claims_nothing(world: World) -> None:
    """A repeal that was a mistake is stopped before the night that would have opened cases."""
    world.rule(on="2025-01-03")
    world.night("2025-01-15", pays=True)
    world.repeal(stands_from="2025-01-01", on="2025-01-16")
    world.suspend(on="2025-01-16")

    world.night("2025-01-16")

    assert world.cases("a") == {}
    assert grants(world)["a"][0] == GrantState.ACTIVE


def test_a_guard_looks_away(world: World) -> None:
    """A rule that nobody meets any more would stop the night; suspended, it stops nobody, and is compared with before."""
    world.rule(guard="{count: [1, 9], amount_change: 20%}", on="2025-01-03")
    world.night("2025-01-15")
    world.deliver("cards", [{"who": "b", **ENDED}], on="2025-02-03")
    assert world.night("2025-02-03").findings
    world.suspend(on="2025-02-03")
    assert not world.night("2025-02-04").findings

    world.resume(on="2025-02-05")

    messages = [each.message for each in world.night("2025-02-05").findings]
    assert messages == [
        "expected 1 to 9 subjects to be met, found 0",
        "expected the amount due to change by at most 20%, found 150.00 before and 0.00 now",
    ]


def test_nothing_goes_out_between_the_suspension_and_the_night(world: World) -> None:
    """An approved batch stays; the night takes out what waits, and nobody finds a file of it any more."""
    payouts = world.deployment.workspace.payouts
    world.rule(on="2025-01-03")
    world.night("2025-01-15")
    assert [path.suffix for path in sorted(payouts.rglob("b_*"))] == [".csv", ".xlsx"]
    with world.store.writing() as tx:
        (batch,) = read_batches(tx, states=[BatchState.FROZEN])
        approve(tx, batch.batch_id)
    world.suspend(on="2025-01-15")

    with pytest.raises(RefusedError) as caught, world.store.writing() as tx:
        export(tx, batch.batch_id)

    assert caught.value.findings[0].code is StoreCode.SUSPENDED
    world.night("2025-01-16")
    with world.store.reading() as rx:
        assert [each.state for each in read_batches(rx)] == [BatchState.CANCELLED]
    assert not list(payouts.rglob("b_*"))


def test_shadow_nights_do_not_count_while_suspended(world: World) -> None:
    """Two shadow nights are two nights that computed it."""
    world.rule(on="2025-01-03")
    world.rule(version=2, amounts=180, stands_from="2025-01-01", on="2025-01-04", shadow_nights=2)
    assert world.night("2025-01-05").shadows
    world.suspend(on="2025-01-05", version=2)
    for date in ("2025-01-06", "2025-01-07"):
        assert world.night(date).shadows == ()
    world.resume(on="2025-01-08", version=2)

    assert world.night("2025-01-08").shadows
    assert world.night("2025-01-09").shadows == ()
    assert world.items("a") == {"2025-01": [150, 30]}


def test_of_two_benefits_the_other_goes_on(world: World) -> None:
    """Of a group's two benefits one is suspended: what it paid stays, and nothing of it is claimed for the other."""
    group = "[{group: 津贴, mode: highest, span: period}]"
    world.rule(policy="a", amounts=180, excludes=group, on="2025-01-03")
    world.rule(policy="b", amounts=150, excludes=group, on="2025-01-03")
    world.night("2025-01-15", pays=True)
    world.suspend(on="2025-01-16", policy="a")

    world.night("2025-01-17")

    assert (world.items("a", policy="a"), world.items("a", policy="b")) == ({"2025-01": [180]}, {})
    assert (world.cases("a", policy="a"), world.cases("a", policy="b")) == ({}, {})


def test_once_what_was_paid_before_stands(world: World) -> None:
    """Of a benefit paid once nothing new is paid while it is suspended, and what was paid is settled."""
    world.rule(terms="{period: once, pay: {calendar: monthly, day: 15}}", on="2025-01-03")
    world.night("2025-01-15", pays=True)
    world.suspend(on="2025-01-16")
    world.deliver("cards", [{"who": "a", **CARD}, {"who": "b", **CARD}], on="2025-01-17")
    world.night("2025-02-17", pays=True)
    assert list(world.items("a").values()) == [[150]]
    assert world.items("b") == {}

    world.resume(on="2025-02-18")
    world.night("2025-02-18", pays=True)

    assert [list(world.items(each).values()) for each in "ab"] == [[[150]], [[150]]]


def test_notices_in_the_outbox_wait(world: World) -> None:
    """What was to be told when somebody stopped the rule is told when it goes on."""
    from engine.telling import tell

    world.rule(on="2025-01-03")
    world.night("2025-01-15")
    world.suspend(on="2025-01-15")
    tell(world.deployment)
    with world.store.reading() as rx:
        assert dict(count_notices(rx).select("state", "count").rows()) == {"queued": 1}

    world.resume(on="2025-01-16")
    tell(world.deployment)
    with world.store.reading() as rx:
        assert "queued" not in dict(count_notices(rx).select("state", "count").rows())
