"""The outbox against a real gateway that misbehaves: quiet hours, what is declined, bad numbers, lost answers, receipts."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from core.clock import civil_instant
from core.ledger import Notice, NoticeCategory, NoticeKind
from core.settings import SmsGateway
from delivery.dispatch import ASKED_AFTER, CONFIRMED_WITHIN, Dispatcher
from delivery.manners import Manners
from delivery.notice_templates import read_templates
from delivery.sms_channel import SmsChannel
from store.opening import Store
from store.outbox import add_notices, read_notices
from store.preferences import record_preference
from store.receipts import Receipt, keep_receipts
from store.states.notices import NoticeState, ReceiptOutcome
from tests.delivery.a_store import NOON, add_person, book, empty_store, let_pass
from tests.delivery.http_gateway import Gateway, endpoint, http_gateway
from tests.delivery.samples import notice
from tests.store.worlds import notice_frame

TEMPLATES = read_templates()
APPROVED = {each.template_id: f"SMS_{number}" for number, each in enumerate(TEMPLATES.values())} | {"several": "SMS_S"}
POLITE = Manners(quiet=("sms",), digest=("sms",))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Give a new store."""
    with empty_store(tmp_path) as opened:
        yield opened


def planned(
    store: Store, *kinds: NoticeKind, phone: str = "13812345678", number: str = "1", resource: str = "people"
) -> list[Notice]:
    """Put a person with a phone into the vault, and a notice of each kind into the outbox."""
    subject_id = add_person(store, number, {"name": "张小三", "phone": phone}, resource=resource)
    notices = [
        replace(notice(kind, subject_id=subject_id), channel="sms", notice_id=f"n_{number}_{kind}") for kind in kinds
    ]
    with store.writing() as tx:
        add_notices(tx, notice_frame(*notices), run_id=None)
    return notices


def send(store: Store, gateway: Gateway, manners: Manners = POLITE, limit: int = 100) -> list[tuple[str, int]]:
    """Send what is due over the gateway; return the findings by code."""
    gateway.now = store.clock.now()
    with http_gateway(gateway) as url:
        settings = {"url": url, "key_id": "mianshen", "signature": "示例区政务", "templates": APPROVED}
        channel = SmsChannel(SmsGateway.model_validate(settings), endpoint(url))
        sender = Dispatcher(store, book(store), [channel], TEMPLATES, manners, "test", "gone".__eq__)
        report = sender.dispatch(limit)
    return [(each.code.value, each.count) for each in report.findings]


def states(store: Store) -> Mapping[str, NoticeState]:
    """Return the states of all notices, by kind."""
    with store.reading() as rx:
        return {each.notice.kind.value: each.state for each in read_notices(rx)}


def at(store: Store, instant: dt.datetime) -> None:
    """Set the clock."""
    let_pass(store, seconds=(instant - store.clock.now()).total_seconds())


def test_at_night_only_what_is_mandatory_goes_out(store: Store) -> None:
    """N3: the rest waits until the morning, and goes in one message then."""
    planned(store, NoticeKind.STARTED, NoticeKind.PAID, NoticeKind.ENDED)
    gateway = Gateway()
    at(store, civil_instant(NOON.date(), 23))
    send(store, gateway)

    assert states(store) == {"started": "deferred", "paid": "deferred", "ended": "accepted"}
    assert [each["template"] for each in gateway.taken.values()] == [APPROVED["ended@3"]]

    let_pass(store, hours=8, minutes=59)
    send(store, gateway)
    assert len(gateway.taken) == 1
    let_pass(store, minutes=1)
    send(store, gateway)

    assert set(states(store).values()) == {NoticeState.ACCEPTED}
    assert [each["template"] for each in gateway.taken.values()] == [APPROVED["ended@3"], "SMS_S"]
    assert list(gateway.taken.values())[-1]["values"]["count"] == "2"


def test_what_is_declined_is_not_sent_but_what_is_mandatory_is(store: Store) -> None:
    """N3: opting out of decisions is not possible, and would count for nothing."""
    subject_id = planned(store, NoticeKind.INFORMED, NoticeKind.STARTED, NoticeKind.ENDED)[0].subject_id
    with store.writing() as tx:
        for category in (NoticeCategory.ADVICE, NoticeCategory.DECISION):
            record_preference(tx, subject_id, category, is_wanted=False, by="clerk", reason="x")
    gateway = Gateway()

    assert send(store, gateway) == [("D224", 1)]
    assert states(store) == {"informed": "suppressed", "started": "accepted", "ended": "accepted"}


def test_a_bad_number_is_not_asked_again_until_another_is_delivered(store: Store) -> None:
    planned(store, NoticeKind.STARTED)
    assert send(store, Gateway(["refuse"])) == [("D211", 1)]

    gateway = Gateway()
    planned(store, NoticeKind.ENDED)
    assert send(store, gateway) == [("D225", 1)]
    assert gateway.taken == {}

    let_pass(store, days=1)
    planned(store, NoticeKind.HELD, phone="13900000000", resource="another")
    send(store, gateway)
    assert [each["to"] for each in gateway.taken.values()] == ["13900000000"]


def test_another_departments_number_is_tried_once_the_first_is_bad(store: Store) -> None:
    """Nobody waits for the first department to mend its number; when the second is bad too, the page is left."""
    planned(store, NoticeKind.STARTED)
    assert send(store, Gateway(["refuse"])) == [("D211", 1)]
    gateway = Gateway()
    planned(store, NoticeKind.ENDED, phone="13900000000", resource="zoning")
    assert send(store, gateway) == []
    assert [each["to"] for each in gateway.taken.values()] == ["13900000000"]

    let_pass(store, days=1)
    planned(store, NoticeKind.HELD)
    assert send(store, Gateway(["refuse"])) == [("D211", 1)]
    let_pass(store, days=1)
    planned(store, NoticeKind.AMOUNT_CHANGED)
    assert send(store, Gateway()) == [("D225", 1)]


def test_a_refusal_of_the_words_leaves_the_number_good(store: Store) -> None:
    planned(store, NoticeKind.STARTED)
    send(store, Gateway(["refuse"], code="words_not_allowed"))
    gateway = Gateway()

    planned(store, NoticeKind.ENDED)

    assert send(store, gateway) == []
    assert len(gateway.taken) == 1


@pytest.mark.parametrize("lost", ["lose", "malformed"])
def test_a_lost_answer_is_asked_for_and_never_sent_twice(store: Store, lost: str) -> None:
    """The gateway has the message: it says so when it is asked, some minutes later."""
    planned(store, NoticeKind.STARTED)
    gateway = Gateway([lost])
    assert send(store, gateway) == [("D214", 1)]

    too_early = send(store, gateway)
    let_pass(store, minutes=6)
    later = send(store, gateway)

    assert (too_early, later) == ([("D214", 1)], [])
    assert (states(store), len(gateway.taken)) == ({"started": "accepted"}, 1)


@pytest.mark.parametrize("lost", ["close", "500"])
def test_what_the_gateway_never_got_is_sent_again(store: Store, lost: str) -> None:
    planned(store, NoticeKind.STARTED)
    gateway = Gateway([lost, "accept"])
    send(store, gateway)
    let_pass(store, seconds=ASKED_AFTER.total_seconds() + 1)

    send(store, gateway)
    let_pass(store, minutes=10)
    send(store, gateway)

    assert (states(store), len(gateway.taken)) == ({"started": "accepted"}, 1)


def test_a_gateway_that_always_loses_what_it_gets_is_given_up(store: Store) -> None:
    """N4: asked and sent again, the tries are counted, and age bounds them."""
    planned(store, NoticeKind.STARTED)
    gateway = Gateway(["500"])
    for _ in range(40):
        send(store, gateway, Manners())
        let_pass(store, hours=2)

    assert states(store) == {"started": "dead"}
    assert len([path for path in gateway.paths if path.endswith("messages")]) <= 8


def test_a_gateway_that_cannot_be_asked_leaves_it_in_doubt(store: Store) -> None:
    planned(store, NoticeKind.STARTED)
    send(store, Gateway(["close"]))
    let_pass(store, hours=1)
    mute = Gateway(["mute"])

    assert send(store, mute) == [("D214", 1)]
    assert [path for path in mute.paths if path.endswith("messages")] == []


def test_no_receipt_for_three_days(store: Store) -> None:
    """Expired unconfirmed; a receipt that comes after all still counts."""
    planned(store, NoticeKind.STARTED)
    gateway = Gateway()
    send(store, gateway)
    let_pass(store, seconds=CONFIRMED_WITHIN.total_seconds() + 1)

    assert send(store, gateway) == [("D226", 1)]
    assert states(store) == {"started": "expired"}

    (reference,) = gateway.taken
    with store.writing() as tx:
        keep_receipts(tx, [Receipt(reference, ReceiptOutcome.DELIVERED)], source="late")
    send(store, gateway)
    assert states(store) == {"started": "delivered"}
