import email
import email.policy
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from core.settings import Smtp
from delivery.channels import Envelope, Outcome, Sent
from delivery.smtp_channel import SmtpChannel, email_of
from tests.delivery.mail_server import HOST, Mailbox, broken_server, certificate, free_port, mail_server
from tests.delivery.samples import contact, envelope

ENVELOPE = envelope()


def channel(port: int, host: str = HOST, **said: object) -> SmtpChannel:
    """Return a channel to a server, without TLS unless said otherwise."""
    words = {"host": host, "port": port, "from": "no-reply@city.example", "tls": "none"} | said
    return SmtpChannel(Smtp.model_validate(words), timeout_seconds=5)


def send(over: SmtpChannel, envelope: Envelope = ENVELOPE) -> Sent:
    """Hand over one message and close the connection."""
    (sent,) = over.send([envelope])
    over.close()
    return sent


def test_a_message_arrives_as_it_was_written() -> None:
    box = Mailbox()
    with mail_server(box) as port:
        sent = send(channel(port))

    (received,) = box.received
    assert sent == Sent(Outcome.ACCEPTED, "250")
    assert (received.mail_from, received.rcpt_tos) == ("no-reply@city.example", ["zhang@example.org"])
    assert isinstance(received.content, bytes)
    mail = email.message_from_bytes(received.content, policy=email.policy.default)
    assert mail["Subject"] == ENVELOPE.message.subject
    assert mail["From"] == "免申即享 <no-reply@city.example>"
    assert (mail["Message-ID"], mail["Auto-Submitted"]) == ("<n_1@city.example>", "auto-generated")
    assert mail.get_content().replace("\r\n", "\n") == ENVELOPE.message.body


@pytest.mark.parametrize(
    ("stage", "answer", "expected"),
    [
        pytest.param(
            "at_recipient",
            "550 5.1.1 <zhang@example.org>?",
            Sent(Outcome.PERMANENT, "550 5.1.1", is_address_bad=True),
            id="no-such-mailbox",
        ),
        pytest.param("at_recipient", "550 5.7.1 not you", Sent(Outcome.PERMANENT, "550 5.7.1"), id="not-from-us"),
        pytest.param("at_recipient", "450 4.2.1 try later", Sent(Outcome.TEMPORARY, "450 4.2.1"), id="mailbox-busy"),
        pytest.param("at_content", "554 5.7.1 not wanted", Sent(Outcome.PERMANENT, "554 5.7.1"), id="content-refused"),
        pytest.param("at_content", "451 local error", Sent(Outcome.TEMPORARY, "451"), id="content-refused-for-now"),
        pytest.param("at_sender", "550 5.7.1 who are you", Sent(Outcome.TECHNICAL, "550 5.7.1"), id="sender-refused"),
    ],
)
def test_what_the_server_says_is_classified(stage: str, answer: str, expected: Sent) -> None:
    """Refusing this message is about the message, refusing us is about the channel; no words, which may name people."""
    box = Mailbox()
    setattr(box, stage, answer)

    with mail_server(box) as port:
        assert send(channel(port)) == expected

    assert box.received == []


def test_nobody_listens() -> None:
    assert send(channel(free_port())) == Sent(Outcome.TECHNICAL, "ConnectionRefusedError")


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        pytest.param([b"421 closing"], Outcome.TECHNICAL, id="at-the-greeting"),
        pytest.param([b"220 hello"], Outcome.TECHNICAL, id="before-the-sender"),
        pytest.param([b"220 hello", b"250 hi", b"250 ok"], Outcome.TECHNICAL, id="before-the-recipient"),
        pytest.param([b"220 hello", b"250 hi", b"250 ok", b"250 ok", b"354 go"], Outcome.UNKNOWN, id="in-content"),
        pytest.param([b"220 hello", b"250 hi", b"250 ok", b"250 ok", b"554 no"], Outcome.PERMANENT, id="at-content"),
    ],
)
def test_a_connection_that_breaks(answers: list[bytes], outcome: Outcome) -> None:
    """Once the content flows, the server may have taken it: that is not known, and is not tried again."""
    with broken_server(answers) as port:
        assert send(channel(port)).outcome is outcome


@pytest.mark.parametrize(
    "address", ["zhang", "zhang@", "a@b@example.org", "z@example.org\r\nRCPT TO:<x@y.z>", "张@example.org", ""]
)
def test_what_is_no_address_is_refused_without_asking(address: str) -> None:
    """No server is asked: nobody listens on this port."""
    assert send(channel(free_port()), replace(ENVELOPE, address=address)).outcome is Outcome.PERMANENT


def test_a_sender_that_cannot_be_written_is_the_channels_fault() -> None:
    assert send(channel(free_port(), **{"from": "市@city.example"})).outcome is Outcome.TECHNICAL


def test_starttls_with_login(tmp_path: Path) -> None:
    server, client = certificate(tmp_path)
    box = Mailbox()
    with mail_server(box, server) as port:
        secure = channel(port, host="localhost", tls="starttls", user="mianshen", password="secret")
        sent = send(SmtpChannel(secure.settings, timeout_seconds=5, authorities=client))

    assert (sent, box.users) == (Sent(Outcome.ACCEPTED, "250"), [b"mianshen"])


def test_a_wrong_password_is_the_channels_fault() -> None:
    with broken_server([b"220 hello", b"250-hi\r\n250 AUTH PLAIN", b"535 5.7.8 wrong", b"221 bye"]) as port:
        sent = send(channel(port, user="mianshen", password="guess"))

    assert sent == Sent(Outcome.TECHNICAL, "535 5.7.8")


def test_a_server_that_nobody_vouches_for_gets_nothing(tmp_path: Path) -> None:
    server, _ = certificate(tmp_path)
    box = Mailbox()
    with mail_server(box, server) as port:
        sent = send(channel(port, host="localhost", tls="starttls"))

    assert (sent, box.received) == (Sent(Outcome.TECHNICAL, "SSLCertVerificationError"), [])


def test_implicit_tls_does_not_fall_back() -> None:
    with mail_server(Mailbox()) as port:
        assert send(channel(port, tls="implicit")).outcome is Outcome.TECHNICAL


def test_every_try_has_the_same_message_id() -> None:
    """A mailbox that got a message twice can tell; the reference of the try is new."""
    first, second = (
        email.message_from_bytes(email_of(envelope(reference=reference), "a@b")) for reference in ("m_1", "m_2")
    )

    assert first["Message-ID"] == second["Message-ID"]
    assert first["X-Mianshen-Reference"] != second["X-Mianshen-Reference"]


def test_many_messages_go_over_one_connection() -> None:
    """In order; one that is refused does not disturb the next."""
    box = Mailbox()
    letters = [envelope(f"n_{number}") for number in range(3)]
    with mail_server(box) as port:
        over = channel(port)
        over.send(letters[:1])
        box.at_content = "554 5.7.1 not wanted"
        refused = over.send(letters[1:2])
        box.at_content = "250 OK"
        sent = over.send(letters[2:])
        over.close()

    assert (refused, sent) == ([Sent(Outcome.PERMANENT, "554 5.7.1")], [Sent(Outcome.ACCEPTED, "250")])
    assert [_message_id(each.content) for each in box.received] == ["<n_0@city.example>", "<n_2@city.example>"]
    assert len(box.clients) == 1


@pytest.mark.parametrize("farewell", [b"421 4.4.2 idle for too long", b""])
def test_a_connection_that_the_server_has_closed_is_opened_again(farewell: bytes) -> None:
    """Nothing of the message had left, so it is no second try."""
    taken = [b"220 hello", b"250 hi", b"250 ok", b"250 ok", b"354 go", b"250 taken"]
    with broken_server([*taken, farewell], taken) as port:
        over = channel(port)
        first, second = over.send([ENVELOPE]), over.send([envelope("n_2")])
        over.close()

    assert first + second == [Sent(Outcome.ACCEPTED, "250")] * 2


def test_after_an_answer_that_did_not_come_the_connection_is_another() -> None:
    """A late answer to the first message must not be read as the answer to the second."""
    lost = [b"220 hello", b"250 hi", b"250 ok", b"250 ok", b"354 go"]
    with broken_server(lost, [*lost, b"250 taken"]) as port:
        over = channel(port)
        sent = over.send([ENVELOPE, envelope("n_2")])
        over.close()

    assert [each.outcome for each in sent] == [Outcome.UNKNOWN, Outcome.ACCEPTED]


def _message_id(content: str | bytes | None) -> str:
    assert isinstance(content, bytes)
    return str(email.message_from_bytes(content)["Message-ID"])


def test_nothing_personal_and_no_secret_shows() -> None:
    shown = repr(ENVELOPE) + repr(channel(25, user="u", password=SecretStr("hush")))

    assert not any(word in shown for word in ("zhang", "张", "hush"))


def test_it_reaches_by_email_only() -> None:
    assert channel(25).address(contact(email=None, phone="13812345678")) is None
    assert channel(25).address(contact()) == "zhang@example.org"
