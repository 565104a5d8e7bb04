import pytest

from core.settings import SmsGateway
from delivery.channels import Inquiry, Outcome, Sent
from delivery.signing import Signer
from delivery.sms_channel import SmsChannel
from tests.delivery.http_gateway import NOW, Gateway, endpoint, http_gateway
from tests.delivery.mail_server import free_port
from tests.delivery.samples import contact, envelope

PHONE = "13812345678"
SMS = envelope(
    address=PHONE, text="您已享受“护理补贴”。", values={"title": "护理补贴", "name": "张*三"}, text_names=("title",)
)


def channel(url: str, *, timeout_seconds: float = 5, signer: Signer | None = None, **said: object) -> SmsChannel:
    """Return a channel to a gateway."""
    words = {"url": url, "key_id": "mianshen", "signature": "示例区政务", "templates": {"started@3": "SMS_1001"}} | said
    over = endpoint(url, timeout_seconds=timeout_seconds) if signer is None else endpoint(url, signer=signer)
    return SmsChannel(SmsGateway.model_validate(words), over)


def sent(gateway: Gateway, **said: object) -> Sent:
    """Hand over one message to a gateway; return what came of it."""
    with http_gateway(gateway) as url:
        (result,) = channel(url, **said).send([SMS])  # type: ignore[arg-type]  # the settings of a test
    return result


def test_a_gateway_gets_the_values_of_an_approved_text_and_nothing_else() -> None:
    """No free words, no name that the text does not show; signed, so that nobody else can send in our name."""
    gateway = Gateway()

    assert sent(gateway) == Sent(Outcome.ACCEPTED, "ok")
    assert gateway.taken == {
        "m_1": {
            "reference": "m_1",
            "to": PHONE,
            "template": "SMS_1001",
            "signature": "示例区政务",
            "values": {"title": "护理补贴"},
        }
    }
    assert (gateway.paths, gateway.unsigned_count) == (["/v1/messages"], 0)


@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [
        pytest.param("refuse", Sent(Outcome.PERMANENT, "bad_number", is_address_bad=True), id="no-such-number"),
        pytest.param("busy", Sent(Outcome.TEMPORARY, "bad_number"), id="asks-for-patience"),
        pytest.param("429", Sent(Outcome.TECHNICAL, "429"), id="too-many-calls"),
        pytest.param("503", Sent(Outcome.TECHNICAL, "503"), id="not-at-work"),
        pytest.param("redirect", Sent(Outcome.TECHNICAL, "302"), id="sends-us-elsewhere"),
        pytest.param("500", Sent(Outcome.UNKNOWN, "500"), id="broke-on-the-way"),
        pytest.param("malformed", Sent(Outcome.UNKNOWN, "200"), id="answer-that-nobody-can-read"),
        pytest.param("close", Sent(Outcome.UNKNOWN, "RemoteDisconnected"), id="hangs-up-after-reading"),
    ],
)
def test_what_a_gateway_answers_is_classified(behaviour: str, expected: Sent) -> None:
    """What may have been taken is in doubt; no redirect is followed."""
    gateway = Gateway([behaviour])

    assert sent(gateway) == expected
    assert gateway.paths == ["/v1/messages"]


def test_a_gateway_that_does_not_answer_in_time() -> None:
    """It may have the message all the same."""
    assert sent(Gateway(["slow"]), timeout_seconds=0.3) == Sent(Outcome.UNKNOWN, "TimeoutError")


def test_a_refusal_of_the_words_says_nothing_of_the_number() -> None:
    gateway = Gateway(["refuse"], code="words_not_allowed")

    assert sent(gateway) == Sent(Outcome.PERMANENT, "words_not_allowed")


def test_nobody_listens() -> None:
    (result,) = channel(f"http://127.0.0.1:{free_port()}/v1").send([SMS])

    assert result == Sent(Outcome.TECHNICAL, "ConnectionRefusedError")


def test_a_wrong_secret_is_the_channels_fault() -> None:
    gateway = Gateway()

    assert sent(gateway, signer=Signer("mianshen", "another")) == Sent(Outcome.TECHNICAL, "401")
    assert (gateway.taken, gateway.unsigned_count) == ({}, 1)


@pytest.mark.parametrize(
    ("said", "because"),
    [
        pytest.param({"templates": {}}, "no provider's text for started@3", id="not-approved-yet"),
        pytest.param({"templates": {"started@2": "SMS_1"}}, "no provider's text for started@3", id="another-version"),
    ],
)
def test_words_that_no_provider_approved_wait(said: dict[str, object], because: str) -> None:
    """Free text is refused here already; it goes out once the provider's text is named."""
    gateway = Gateway()

    assert sent(gateway, **said) == Sent(Outcome.TEMPORARY, because)
    assert gateway.paths == []


def test_a_text_that_is_too_long_is_not_sent() -> None:
    with http_gateway(Gateway()) as url:
        (result,) = channel(url, segments_max=1).send([envelope(address=PHONE, text="长" * 70)])

    assert result == Sent(Outcome.PERMANENT, "2 segments")


@pytest.mark.parametrize(("state", "inquiry"), [(None, Inquiry.ACCEPTED), ("delivered", Inquiry.DELIVERED)])
def test_a_message_whose_answer_was_lost_is_asked_for(state: str | None, inquiry: Inquiry) -> None:
    gateway = Gateway(["lose"], states={} if state is None else {"m_1": state})
    with http_gateway(gateway) as url:
        over = channel(url)
        (result,) = over.send([SMS])
        found = over.inquire("m_1", at=NOW), over.inquire("m_2", at=NOW)

    assert result.outcome is Outcome.UNKNOWN
    assert found == (inquiry, Inquiry.NOT_THERE)


def test_a_gateway_that_cannot_say_says_nothing() -> None:
    with http_gateway(Gateway(["mute"])) as url:
        assert channel(url).inquire("m_1", at=NOW) is Inquiry.SILENT
    assert channel(f"http://127.0.0.1:{free_port()}/v1").inquire("m_1", at=NOW) is Inquiry.SILENT


def test_it_reaches_a_phone() -> None:
    over = channel("http://127.0.0.1:9/v1")

    assert (over.address(contact()), over.address(contact(phone=PHONE))) == (None, PHONE)
    assert (over.is_repeatable, over.gives_receipts, over.name) == (False, True, "sms")
    over.close()
