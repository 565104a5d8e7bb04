"""Somebody is asked before being paid: until when, reminded when, lapsed or taken for a yes, and paid to the account named."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.errors import RefusedError
from core.ledger import ActKind, NoticeKind
from delivery.working_days import WorkingDays
from engine.lanes.codes import LaneCode
from engine.lanes.consent import Answering, GivenAccount, confirm, decline, offer_again
from store.grants import read_acts, read_grants
from store.outbox import read_notices
from store.states.notices import NoticeState
from store.tables import NoticeRow, table_of
from tests.world import POLICY, World

CLERK = Answering("clerk", signed_by="某甲")
ACCOUNT = GivenAccount("6230 5800 0000 1234", "农商银行")


def terms(confirmation: str = "{working_days: 5, remind: [2, 4]}", more: str = "") -> str:
    """Return monthly terms with a confirmation."""
    return f"{{period: month, counts: last_day, {more}confirmation: {confirmation}, pay: {{calendar: daily}}}}"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Return a world in which a has a card since before 2025-09."""
    made = World.at(tmp_path / "w")
    made.people("ab", on="2025-09-01")
    made.deliver("cards", [card("a")], on="2025-09-01")
    yield made
    made.store.close()


def card(who: str, through: str = "2029-12-31") -> dict[str, object]:
    """Return a card."""
    return {"who": who, "等级": 3, "发证": "2020-01-01", "起": "2020-01-01", "止": through}


def state(world: World) -> str:
    """Return where a's grant stands."""
    with world.store.reading() as rx:
        return str(read_grants(rx, policy=POLICY, subjects=[world.subject("a")])["state"][0])


def acts(world: World) -> list[tuple[ActKind, str]]:
    """Return what was done to a's grant, with the day."""
    with world.store.reading() as rx:
        own = read_grants(rx, subjects=[world.subject("a")])["grant_id"].to_list()
        return [(act.kind, str(act.acted_on)) for act in read_acts(rx, grants=own)]


def told(world: World) -> list[NoticeKind]:
    """Return the kinds of the letters to a, oldest first."""
    with world.store.reading() as rx:
        return [each.notice.kind for each in read_notices(rx, subjects=[world.subject("a")])][::-1]


def delivered(world: World) -> None:
    """Let everything that was written so far have arrived."""
    notice = table_of(NoticeRow)
    with world.store.writing() as tx:
        tx.connection.execute(sa.update(notice).values(state=NoticeState.DELIVERED, changed_at=tx.now))


def nights(world: World, *dates: str) -> None:
    """Run some nights."""
    for date in dates:
        world.night(date)


def test_an_offer_is_reminded_of_and_lapses_after_its_last_working_day(world: World) -> None:
    """Offered on Tuesday 09-30: October 1 to 8 are off, 9 and 10 worked, Saturday 11 worked in exchange; through the 14th."""
    world.rule(lane="confirm", terms=terms(), stands_from="2025-09-01")
    nights(world, "2025-09-30", "2025-10-08", "2025-10-10", "2025-10-11", "2025-10-13", "2025-10-14")
    on_the_last_day = state(world)
    nights(world, "2025-10-15", "2025-10-16")

    with world.store.reading() as rx:
        offer = read_acts(rx)[0]
    assert (offer.kind, offer.through) == (ActKind.OFFER, dt.date(2025, 10, 14))
    assert on_the_last_day == "offered"
    assert acts(world)[1:] == [
        (ActKind.REMIND, "2025-10-10"),
        (ActKind.REMIND, "2025-10-13"),
        (ActKind.LAPSE, "2025-10-15"),
    ]
    assert (state(world), world.items("a")) == ("lapsed", {})
    assert told(world) == [NoticeKind.OFFERED, NoticeKind.REMINDED, NoticeKind.REMINDED, NoticeKind.LAPSED]


def test_after_days_without_nights_one_reminder_is_enough(world: World) -> None:
    """Both reminders were due while no night ran: whoever is asked is not asked twice in a row."""
    world.rule(lane="confirm", terms=terms(), stands_from="2025-09-01")
    nights(world, "2025-09-30", "2025-10-14", "2025-10-15")

    assert [kind for kind, _ in acts(world)] == [ActKind.OFFER, ActKind.REMIND, ActKind.LAPSE]


def test_a_table_of_the_workspace_moves_a_deadline(world: World) -> None:
    """The city has a day off of its own on 10-13; what was promised before stays as it was told."""
    (world.root / "holidays.yaml").write_text("holidays: [2025-10-13]\n", "utf-8")
    world.deployment.__dict__.pop("calendar", None)
    world.rule(lane="confirm", terms=terms(), stands_from="2025-09-01")
    nights(world, "2025-09-30")

    assert world.deployment.calendar == WorkingDays(frozenset({dt.date(2025, 10, 13)}))
    with world.store.reading() as rx:
        assert read_acts(rx)[0].through == dt.date(2025, 10, 15)


@pytest.mark.parametrize("has_arrived", [True, False], ids=["delivered", "not-delivered"])
def test_silence_is_a_yes_only_once_the_notice_was_delivered(world: World, has_arrived: bool) -> None:
    """L: deemed consent where the rule says so, after the last day, with a delivered notice; else it lapses."""
    world.rule(lane="confirm", terms=terms("{working_days: 5, deemed: true}"), stands_from="2025-09-01")
    nights(world, "2025-09-30")
    if has_arrived:
        delivered(world)
    nights(world, "2025-10-14")
    before = world.items("a")
    nights(world, "2025-10-31")

    assert before == {}
    assert [kind for kind, _ in acts(world)] == [ActKind.OFFER, ActKind.DEEM if has_arrived else ActKind.LAPSE]
    assert (state(world), list(world.items("a"))) == (
        ("active", ["2025-09", "2025-10"]) if has_arrived else ("lapsed", [])
    )


def test_a_notice_that_arrives_after_the_last_day_is_no_consent(world: World) -> None:
    """What had not arrived when the time was over makes nobody's silence a yes, however soon it comes then."""
    world.rule(lane="confirm", terms=terms("{working_days: 5, deemed: true}"), stands_from="2025-09-01")
    nights(world, "2025-09-30", "2025-10-15")
    delivered(world)
    nights(world, "2025-10-16")

    assert [kind for kind, _ in acts(world)] == [ActKind.OFFER, ActKind.LAPSE]


def test_a_lapsed_offer_is_made_again_when_the_subject_asks(world: World) -> None:
    """Again, with a last day of its own; a yes to it is paid for every month since it was first met."""
    world.rule(lane="confirm", terms=terms(), stands_from="2025-09-01")
    nights(world, "2025-09-30", "2025-10-15")
    world.on("2025-11-03")
    act = offer_again(world.deployment, POLICY, world.number("a"), CLERK)
    offered = state(world)
    world.on("2025-11-04")
    confirm(world.deployment, POLICY, world.number("a"), CLERK)
    nights(world, "2025-11-30")

    assert (act.through, offered) == (dt.date(2025, 11, 10), "offered")
    assert list(world.items("a")) == ["2025-09", "2025-10", "2025-11"]
    assert told(world)[-3:] == [NoticeKind.REMINDED, NoticeKind.RECORDED, NoticeKind.STARTED]


def test_a_no_is_respected_until_the_subject_asks(world: World) -> None:
    """Declined, nights neither offer nor remind nor pay; who recorded it is told to the subject."""
    world.rule(lane="confirm", terms=terms(), stands_from="2025-09-01")
    nights(world, "2025-09-30")
    world.on("2025-10-09")
    decline(world.deployment, POLICY, world.number("a"), CLERK)
    nights(world, "2025-10-10", "2025-10-15", "2025-11-30")

    assert (state(world), world.items("a")) == ("declined", {})
    assert told(world) == [NoticeKind.OFFERED, NoticeKind.RECORDED]


def test_an_offer_stands_through_its_last_day_though_no_longer_met(world: World) -> None:
    """Met in September only, asked on the 30th: a yes on 10-14 is paid for September; the grant has then ended."""
    world.rule(lane="confirm", terms=terms(), stands_from="2025-09-01")
    nights(world, "2025-09-30")
    world.deliver("cards", [card("a", "2025-10-02"), card("b")], on="2025-10-09")
    nights(world, "2025-10-13")
    still = state(world)
    world.on("2025-10-14")
    confirm(world.deployment, POLICY, world.number("a"), CLERK)
    nights(world, "2025-10-31")

    assert (still, told(world).count(NoticeKind.REMINDED)) == ("offered", 0)
    assert list(world.items("a")) == ["2025-09"]
    assert state(world) == "ended"


def test_without_a_promised_day_it_is_withdrawn_when_no_longer_met(world: World) -> None:
    """The subject is told that nothing comes of it; met again, it is offered again."""
    world.rule(
        lane="confirm", terms="{period: month, counts: last_day, pay: {calendar: daily}}", stands_from="2025-09-01"
    )
    nights(world, "2025-09-30")
    world.deliver("cards", [card("b")], on="2025-10-09")
    nights(world, "2025-10-31")
    gone = state(world)
    world.deliver("cards", [card("a"), card("b")], on="2025-11-03")
    nights(world, "2025-11-30")

    assert (gone, state(world)) == ("withdrawn", "offered")
    assert told(world) == [NoticeKind.OFFERED, NoticeKind.ENDED, NoticeKind.OFFERED]


def test_the_named_account_is_paid_before_those_of_departments(world: World) -> None:
    """Sealed under no resource; the register's own account, 6222…, is not asked; it stands nowhere in the clear."""
    world.rule(lane="confirm", terms=terms("{needs_account: true}"), stands_from="2025-09-01")
    nights(world, "2025-09-30")
    world.on("2025-10-09")
    with pytest.raises(RefusedError) as without:
        confirm(world.deployment, POLICY, world.number("a"), CLERK)
    with pytest.raises(RefusedError) as no_account:
        confirm(world.deployment, POLICY, world.number("a"), CLERK, GivenAccount("12-3"))
    confirm(world.deployment, POLICY, world.number("a"), CLERK, ACCOUNT)
    payee = world.deployment.book("x").payee(world.subject("a"))
    greeted = world.deployment.book("x").contacts([world.subject("a")])[world.subject("a")]

    assert [each.value.findings[0].code for each in (without, no_account)] == [LaneCode.ACCOUNT] * 2
    assert [(each.number, each.bank) for each in payee.accounts] == [("6230580000001234", "农商银行")]
    assert (payee.name, greeted.name) == ("某a", "某a")
    assert b"6230580000001234" not in (world.root / "mianshen.db").read_bytes()


def test_an_account_changed_after_it_was_frozen_is_for_the_next_batch(world: World) -> None:
    """F7: the frozen line keeps the payee that it was frozen with."""
    world.rule(lane="confirm", terms=terms("{needs_account: true}"), stands_from="2025-09-01")
    nights(world, "2025-09-30")
    world.on("2025-10-09")
    confirm(world.deployment, POLICY, world.number("a"), CLERK, ACCOUNT)
    nights(world, "2025-10-10")
    frozen = payee_digests(world)
    world.on("2025-10-13")
    confirm(world.deployment, POLICY, world.number("a"), CLERK, GivenAccount("6230580000009999"))
    payee = world.deployment.book("x").payee(world.subject("a"))

    assert payee_digests(world) == frozen
    assert [each.number for each in payee.accounts] == ["6230580000009999"]


def payee_digests(world: World) -> list[str]:
    """Return the payees of all frozen lines, by their keyed digest."""
    with world.store.reading() as rx:
        return list(rx.connection.scalars(sa.text("select payee_digest from batch_item")))


def test_a_confirmed_list_is_still_checked_by_the_department(world: World) -> None:
    """Lane confirm with a department: only who said yes stands on the list."""
    world.rule(lane="confirm", terms=terms(more="checked_by: 区残联, "), stands_from="2025-09-01")
    nights(world, "2025-09-30")
    world.on("2025-10-09")
    confirm(world.deployment, POLICY, world.number("a"), CLERK)
    nights(world, "2025-10-31")

    assert (state(world), world.items("a")) == ("confirmed", {})


@pytest.mark.parametrize(
    ("lane", "deed"),
    [
        pytest.param("automatic", confirm, id="nobody-is-asked"),
        pytest.param("automatic", offer_again, id="nobody-is-offered"),
        pytest.param("confirm", offer_again, id="neither-lapsed-nor-declined"),
    ],
)
def test_what_cannot_be_answered_is_refused(world: World, lane: str, deed: object) -> None:
    """An answer where none is waited for, an offer where one stands."""
    asked = terms() if lane == "confirm" else "{period: month, counts: last_day, pay: {calendar: daily}}"
    world.rule(lane=lane, terms=asked, stands_from="2025-09-01")
    nights(world, "2025-09-30")
    world.on("2025-10-09")

    with pytest.raises(RefusedError) as caught:
        deed(world.deployment, POLICY, world.number("a"), CLERK)  # type: ignore[operator]  # one of two functions

    assert caught.value.findings[0].code in {LaneCode.NOT_ASKED_FOR, LaneCode.NOT_NOW}
