"""Two providers of text messages over real HTTP: who carries what, and that nothing is ever carried twice."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from core.errors import DeliveryError
from core.ledger import NoticeKind
from core.settings import Channels, SmsProvider
from delivery.channel_settings import callback_signers, channels_of
from delivery.channels import Inquiry
from delivery.dispatch import ASKED_AFTER, Dispatcher
from delivery.failover import FAILURES_MAX, FailoverChannel
from delivery.sms_channel import SmsChannel
from store.notice_history import read_history
from store.opening import Store
from store.outbox import read_notices
from store.receipts import Receipt, keep_receipts
from store.states.notices import NoticeState, ReceiptOutcome
from tests.delivery.a_store import book, empty_store, let_pass
from tests.delivery.http_gateway import Gateway, endpoint, http_gateway
from tests.delivery.test_dispatch_by_gateway import APPROVED, POLITE, TEMPLATES, planned

SECRET = "a secret of thirty-two signs or more"  # of settings that live for a test


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Give a new store."""
    with empty_store(tmp_path) as opened:
        yield opened


class Providers:
    """Two gateways for as long as a test lasts: the first, and the one that takes over."""

    def __init__(self, stack: ExitStack, first: Gateway, second: Gateway) -> None:
        self.gateways = (first, second)
        first_url, second_url = (stack.enter_context(http_gateway(each)) for each in self.gateways)
        self.urls = [first_url, second_url.replace("127.0.0.1", "localhost")]  # another machine by its name

    def channel(self) -> FailoverChannel:
        """Return the channel over both."""
        words = {"key_id": "mianshen", "signature": "示例区政务", "templates": APPROVED}
        return FailoverChannel(
            [SmsChannel(SmsProvider.model_validate({"url": url} | words), endpoint(url)) for url in self.urls]
        )

    def send(self, store: Store) -> list[str]:
        """Send what is due; return the codes of what somebody has to look at."""
        for each in self.gateways:
            each.now = store.clock.now()
        sender = Dispatcher(store, book(store), [self.channel()], TEMPLATES, POLITE, "test", "gone".__eq__)
        return [each.code.value for each in sender.dispatch(100).findings]

    @property
    def taken(self) -> tuple[int, int]:
        """Return how many messages each gateway was given."""
        first, second = self.gateways
        return len(first.taken), len(second.taken)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """Keep gateways until the test is over."""
    with ExitStack() as kept:
        yield kept


def states(store: Store) -> list[NoticeState]:
    """Return the states of all messages."""
    with store.reading() as rx:
        return [each.state for each in read_notices(rx)]


def carriers(store: Store, notice_id: str) -> list[str | None]:
    """Return who was given a message, try by try."""
    with store.reading() as rx:
        history = read_history(rx, notice_id)
    assert history is not None
    return [each.channel for each in history.tries]


@pytest.mark.parametrize("behaviour", ["503", "redirect"])
def test_who_does_not_work_is_left_at_once(store: Store, stack: ExitStack, behaviour: str) -> None:
    """Nothing was taken, so that the other one may have it now; each try keeps who was given it."""
    over = Providers(stack, Gateway([behaviour]), Gateway())
    (first,) = planned(store, NoticeKind.STARTED)
    planned(store, NoticeKind.ENDED, number="2", phone="13912345678")

    codes = over.send(store)

    assert codes == ["D213"]
    assert over.taken == (0, 2)
    assert states(store) == [NoticeState.ACCEPTED] * 2
    assert carriers(store, first.notice_id)[-1] == over.channel().carriers[1]


def test_one_message_alone_is_carried_by_the_other(store: Store, stack: ExitStack) -> None:
    """A provider that is down for days uses up no message's tries."""
    over = Providers(stack, Gateway(["503"]), Gateway())
    (only,) = planned(store, NoticeKind.STARTED)

    over.send(store)

    assert carriers(store, only.notice_id) == list(over.channel().carriers)
    assert states(store) == [NoticeState.ACCEPTED]


def test_who_is_busy_again_and_again_has_no_turn(store: Store, stack: ExitStack) -> None:
    """After so many refusals for now in a row the other one carries; the refused wait as ever."""
    over = Providers(stack, Gateway(["busy"]), Gateway())
    for number in range(1, FAILURES_MAX + 3):
        planned(store, NoticeKind.STARTED, number=str(number), phone=f"1381234567{number}")

    over.send(store)

    assert over.taken == (0, 2)
    assert sorted(states(store)) == [NoticeState.ACCEPTED] * 2 + [NoticeState.TEMP_FAILED] * FAILURES_MAX


@pytest.mark.parametrize("behaviour", ["lose", "close", "500", "malformed"])
def test_what_is_in_doubt_never_goes_to_another(store: Store, stack: ExitStack, behaviour: str) -> None:
    """N2: it may have arrived; who was given it is asked, and who was not given it is not."""
    first, second = Gateway([behaviour, "503"]), Gateway()
    over = Providers(stack, first, second)
    (only,) = planned(store, NoticeKind.STARTED)
    over.send(store)
    with store.reading() as rx:
        history = read_history(rx, only.notice_id)
    assert history is not None
    first.states[history.tries[0].reference] = "delivered"
    let_pass(store, seconds=ASKED_AFTER.total_seconds() + 60)

    over.send(store)

    assert second.paths == []
    assert carriers(store, only.notice_id) == [over.channel().carriers[0]]
    assert states(store) == [NoticeState.DELIVERED]


def test_who_is_set_up_no_more_leaves_it_to_a_person(store: Store, stack: ExitStack) -> None:
    """N2: of a provider that is gone nobody else can say that it never got a message."""
    over = Providers(stack, Gateway(["close"]), Gateway())
    (only,) = planned(store, NoticeKind.STARTED)
    over.send(store)
    let_pass(store, seconds=ASKED_AFTER.total_seconds() + 60)
    over.urls.pop(0)

    codes = over.send(store)

    assert codes == ["D214"]
    assert over.gateways[1].paths == []
    assert (states(store), len(carriers(store, only.notice_id))) == ([NoticeState.UNKNOWN], 1)


def test_a_receipt_of_either_provider_finds_its_message(store: Store, stack: ExitStack) -> None:
    """References are never used again, whoever was given them: a failure of the first try says nothing of the second."""
    over = Providers(stack, Gateway(["503"]), Gateway())
    (only,) = planned(store, NoticeKind.STARTED)
    over.send(store)
    with store.reading() as rx:
        history = read_history(rx, only.notice_id)
    assert history is not None
    former, carried = (each.reference for each in history.tries)
    late = [Receipt(former, ReceiptOutcome.UNDELIVERABLE), Receipt(carried, ReceiptOutcome.DELIVERED)]
    with store.writing() as tx:
        keep_receipts(tx, late, source="callback")

    over.send(store)

    assert states(store) == [NoticeState.DELIVERED]


def test_where_both_fail_messages_wait(store: Store, stack: ExitStack) -> None:
    """As with one provider: bounded tries, nothing lost."""
    over = Providers(stack, Gateway(["503"]), Gateway(["503"]))
    for number in range(1, 12):
        planned(store, NoticeKind.STARTED, number=f"{number}", phone=f"138123456{number:02d}")

    over.send(store)

    assert over.taken == (0, 0)
    assert set(states(store)) <= {NoticeState.TEMP_FAILED, NoticeState.QUEUED}
    with store.reading() as rx:
        assert max(each.attempt_count for each in read_notices(rx)) <= 2 * FAILURES_MAX


def test_the_settings_name_both(tmp_path: Path) -> None:
    """Each with a key, a secret and a secret for receipts of its own; one machine cannot take over from itself."""
    one = {
        "url": "https://a.example/v1",
        "key_id": "a",
        "secret": "s",
        "signature": "示例区",
        "callback_secret": SECRET,
    }
    two = one | {"url": "https://b.example/v1", "key_id": "b"}
    hosts = ["a.example", "b.example"]

    both = Channels.model_validate({"sms": one | {"fallback": two}, "hosts": hosts})
    sms, _ = channels_of(both, tmp_path)

    assert isinstance(sms, FailoverChannel)
    assert sms.carriers == ("sms@a.example", "sms@b.example")
    assert {name: each.key_id for name, each in callback_signers(both).items()} == {"sms": "a", "sms.fallback": "b"}


def test_one_machine_cannot_take_over_from_itself(tmp_path: Path) -> None:
    """And nobody could tell which of the two was given a message."""
    one = {"url": "https://a.example/v1", "key_id": "a", "secret": "s", "signature": "示例区"}
    two = one | {"url": "https://a.example/v2", "secret": None}
    both = Channels.model_validate({"sms": one | {"fallback": two}, "hosts": ["a.example"]})

    with pytest.raises(DeliveryError, match="D222") as caught:
        channels_of(both, tmp_path)

    assert "`channels.sms` and its fallback both call `a.example`" in str(caught.value)
    assert "MIANSHEN_CHANNELS__SMS__FALLBACK__SECRET" in str(caught.value)


def test_both_together_are_one_channel(stack: ExitStack) -> None:
    """What it promises is what both of them do; who was never given anything here is not known."""
    first = Gateway(states={"m_1": "delivered"})
    channel = Providers(stack, first, Gateway()).channel()

    assert (channel.name, channel.is_repeatable, channel.gives_receipts) == ("sms", False, True)
    assert channel.inquire("m_1", at=first.now) is Inquiry.DELIVERED
    assert channel.carried_by("sms@elsewhere.example") is None
