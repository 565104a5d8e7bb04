"""Messages by e-mail: one SMTP conversation per message, each answer of the server classified."""

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from core.settings import Smtp
from delivery.channels import Envelope, Outcome, Sent
from delivery.contacts import Contact

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+")
_ENHANCED = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}")  # RFC 3463
_REFUSED = 400  # from here on the server says no
_FOR_GOOD = 500  # from here on for ever
_TIMEOUT_SECONDS = 20.0  # a mail server that is alive greets within a few
_FROM = "免申即享"


@dataclass(frozen=True, slots=True)
class SmtpChannel:
    """Hands messages to one mail server; `authorities` are those of the machine unless given."""

    settings: Smtp
    name: str = "email"
    timeout_seconds: float = _TIMEOUT_SECONDS
    authorities: ssl.SSLContext | None = field(default=None, repr=False)

    def address(self, contact: Contact) -> str | None:
        """Return the e-mail address."""
        return contact.email

    def send(self, envelope: Envelope) -> Sent:
        """Hand over one message, once.

        The server's refusal of the recipient or of the content speaks of this message (permanent or
        temporary); whatever fails before speaks of the channel (technical). When the connection breaks
        after the content has begun to flow, the server may have taken it: unknown.
        """
        if not self.settings.sender.isascii():
            return Sent(Outcome.TECHNICAL, "the sender is not ASCII")
        if not _ADDRESS.fullmatch(envelope.address):
            return Sent(Outcome.PERMANENT, "not an e-mail address")
        try:
            with self._conversation() as server:
                self._begin(server)
                return _hand_over(server, envelope, self.settings.sender)
        except smtplib.SMTPResponseException as refusal:
            return Sent(Outcome.TECHNICAL, _code(refusal.smtp_code, refusal.smtp_error))
        except (smtplib.SMTPException, OSError) as fault:
            return Sent(Outcome.TECHNICAL, type(fault).__name__)

    @contextmanager
    def _conversation(self) -> Iterator[smtplib.SMTP]:
        """Open a connection, and close it politely where the server still listens."""
        host, port = self.settings.host, self.settings.port
        if self.settings.tls == "implicit":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=self.timeout_seconds, context=self._trusted())
        else:
            server = smtplib.SMTP(host, port, timeout=self.timeout_seconds)
        try:
            yield server
        finally:
            try:
                server.quit()
            except (smtplib.SMTPException, OSError):
                server.close()  # what was said before stands; only the farewell failed

    def _begin(self, server: smtplib.SMTP) -> None:
        """Greet, protect, log in and name the sender."""
        server.ehlo()
        if self.settings.tls == "starttls":
            server.starttls(context=self._trusted())
            server.ehlo()
        if self.settings.user is not None and self.settings.password is not None:
            server.login(self.settings.user, self.settings.password.get_secret_value())
        code, answer = server.mail(self.settings.sender)
        if code >= _REFUSED:
            raise smtplib.SMTPResponseException(code, answer)

    def _trusted(self) -> ssl.SSLContext:
        return self.authorities or ssl.create_default_context()


def email_of(envelope: Envelope, sender: str) -> bytes:
    """Return a message as it travels; its Message-ID is the same in every try, so that a mailbox can tell."""
    user, _, domain = sender.rpartition("@")
    email = EmailMessage(policy=SMTP)
    email["From"] = Address(_FROM, user, domain)
    email["To"] = envelope.address
    email["Subject"] = envelope.message.subject
    email["Date"] = envelope.sent_at
    email["Message-ID"] = f"<{envelope.message_id}@{domain}>"
    email["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday reply is wanted
    email["X-Mianshen-Reference"] = envelope.reference
    email.set_content(envelope.message.body, charset="utf-8", cte="base64")
    return email.as_bytes()


def _hand_over(server: smtplib.SMTP, envelope: Envelope, sender: str) -> Sent:
    code, answer = server.rcpt(envelope.address)
    if code >= _REFUSED:
        return _refusal(code, answer)
    try:
        code, answer = server.data(email_of(envelope, sender))
    except smtplib.SMTPDataError as refusal:
        return _refusal(refusal.smtp_code, refusal.smtp_error)
    except (smtplib.SMTPException, OSError) as fault:
        return Sent(Outcome.UNKNOWN, type(fault).__name__)
    return _refusal(code, answer) if code >= _REFUSED else Sent(Outcome.ACCEPTED, _code(code, answer))


def _refusal(code: int, answer: bytes | str) -> Sent:
    outcome = Outcome.PERMANENT if code >= _FOR_GOOD else Outcome.TEMPORARY
    return Sent(outcome, _code(code, answer))


def _code(code: int, answer: bytes | str) -> str:
    """Return the server's codes without its words, which may repeat the address."""
    words = answer if isinstance(answer, bytes) else answer.encode()
    enhanced = _ENHANCED.match(words)
    return f"{code} {enhanced[0].decode()}" if enhanced else str(code)
