import pytest

from delivery.channels import Outcome, Sent
from delivery.webhook_channel import WebhookChannel
from tests.delivery.http_gateway import Gateway, endpoint, http_gateway
from tests.delivery.mail_server import free_port
from tests.delivery.samples import contact, envelope


def sent(gateway: Gateway) -> Sent:
    """Hand over one message to a system."""
    with http_gateway(gateway) as url:
        (result,) = WebhookChannel(endpoint(url)).send([envelope()])
    return result


def test_a_system_gets_the_words_and_the_opaque_id() -> None:
    """No address and no number: who it is, it knows by the id that both share."""
    gateway = Gateway()

    assert sent(gateway) == Sent(Outcome.ACCEPTED, "200")
    (asked,) = gateway.taken.values()
    assert (asked["message_id"], asked["subject_id"], asked["kind"]) == ("n_1", "s1", "started")
    assert set(asked) == {"message_id", "subject_id", "kind", "policy", "day", "subject", "body"}
    assert gateway.paths == ["/v1/notices"]


@pytest.mark.parametrize(
    ("behaviour", "outcome"),
    [
        ("400", Outcome.PERMANENT),
        ("401", Outcome.TECHNICAL),
        ("429", Outcome.TECHNICAL),
        ("500", Outcome.TECHNICAL),
        ("redirect", Outcome.TECHNICAL),
        ("close", Outcome.TECHNICAL),
    ],
)
def test_what_a_system_answers_is_classified(behaviour: str, outcome: Outcome) -> None:
    """What it has under an id it has: where it is not known whether it has it, it is handed over again."""
    assert sent(Gateway([behaviour])).outcome is outcome


def test_nobody_listens() -> None:
    (result,) = WebhookChannel(endpoint(f"http://127.0.0.1:{free_port()}/v1")).send([envelope()])

    assert result == Sent(Outcome.TECHNICAL, "ConnectionRefusedError")


def test_it_reaches_everybody() -> None:
    over = WebhookChannel(endpoint("https://app.example.gov.cn/v1"))

    assert over.address(contact(email=None)) == "app.example.gov.cn"
    assert (over.is_repeatable, over.gives_receipts) == (True, False)
    over.close()
