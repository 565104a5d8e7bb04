"""Messages by e-mail: over one connection as long as it lasts, each answer of the server classified."""

import re
import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from core.settings import Smtp
from delivery.channels import Envelope, Outcome, Sent
from delivery.contacts import Contact

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+")
_ENHANCED = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}")  # RFC 3463
_CLOSING = 421  # RFC 5321, 3.8: may come at any command, and says nothing of the message
_REFUSED = 400  # from here on the server says no
_FOR_GOOD = 500  # from here on for ever
_BY_POLICY = b"5.7."  # RFC 3463: not taken from us, or not now; the mailbox may well exist
_TIMEOUT_SECONDS = 20.0  # a mail server that is alive greets within a few
_FROM = "免申即享"


@dataclass(slots=True)
class SmtpChannel:
    """Hands messages to one mail server over one connection; `authorities` are those of the machine unless given."""

    settings: Smtp
    name: str = "email"
    timeout_seconds: float = _TIMEOUT_SECONDS
    authorities: ssl.SSLContext | None = field(default=None, repr=False)
    _server: smtplib.SMTP | None = field(default=None, init=False, repr=False)

    @property
    def is_repeatable(self) -> bool:
        """Say no: a mail sent twice arrives twice."""
        return False

    @property
    def gives_receipts(self) -> bool:
        """Say no."""
        return False

    def address(self, contact: Contact) -> str | None:
        """Return the e-mail address."""
        return contact.email

    def send(self, envelopes: Sequence[Envelope]) -> list[Sent]:
        """Hand over messages, each once.

        The server's refusal of the recipient or of the content speaks of this message (permanent or
        temporary); whatever fails before speaks of the channel (technical). When the connection breaks
        after the content has begun to flow, the server may have taken it: unknown.
        """
        return [self._send(each) for each in envelopes]

    def close(self) -> None:
        """Close the connection, politely where the server still listens."""
        server, self._server = self._server, None
        if server is not None:
            try:
                server.quit()
            except (smtplib.SMTPException, OSError):
                server.close()  # what was said before stands; only the farewell failed

    def _send(self, envelope: Envelope) -> Sent:
        if not self.settings.sender.isascii():
            return Sent(Outcome.TECHNICAL, "the sender is not ASCII")
        if not _ADDRESS.fullmatch(envelope.address):
            return Sent(Outcome.PERMANENT, "not an e-mail address")
        if self._server is not None:
            try:
                return self._converse(self._server, envelope)
            except (smtplib.SMTPException, OSError):
                # Servers close connections that were kept for long, or had many messages. Nothing of this one has
                # left yet, so a new connection takes it.
                self.close()
        try:
            self._server = self._connect()
            return self._converse(self._server, envelope)
        except smtplib.SMTPResponseException as refusal:
            sent = Sent(Outcome.TECHNICAL, _code(refusal.smtp_code, refusal.smtp_error))
        except (smtplib.SMTPException, OSError) as fault:
            sent = Sent(Outcome.TECHNICAL, type(fault).__name__)
        self.close()
        return sent

    def _connect(self) -> smtplib.SMTP:
        """Open a connection, greet, protect and log in."""
        host, port = self.settings.host, self.settings.port
        if self.settings.tls == "implicit":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=self.timeout_seconds, context=self._trusted())
        else:
            server = smtplib.SMTP(host, port, timeout=self.timeout_seconds)
        try:
            server.ehlo()
            if self.settings.tls == "starttls":
                server.starttls(context=self._trusted())
                server.ehlo()
            if self.settings.user is not None and self.settings.password is not None:
                server.login(self.settings.user, self.settings.password.get_secret_value())
        except BaseException:
            server.close()
            raise
        return server

    def _converse(self, server: smtplib.SMTP, envelope: Envelope) -> Sent:
        """Hand over one message; afterwards the server is ready for the next, or the connection is closed.

        Fails: SMTPException or OSError, where nothing of the message has left.
        """
        _expect(*server.mail(self.settings.sender))
        code, answer = server.rcpt(envelope.address)
        if code == _CLOSING:
            raise smtplib.SMTPResponseException(code, answer)
        sent = _refused(code, answer) if code >= _REFUSED else _give_content(server, envelope, self.settings.sender)
        if sent.outcome is not Outcome.ACCEPTED:
            self._start_over(server, sent.outcome)
        return sent

    def _start_over(self, server: smtplib.SMTP, outcome: Outcome) -> None:
        """Have the server forget a message that it did not take; a late answer must not be read as the next one's."""
        if outcome is Outcome.UNKNOWN:
            server.close()
            self._server = None
            return
        try:
            _expect(*server.rset())
        except (smtplib.SMTPException, OSError):
            self.close()

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


def _expect(code: int, answer: bytes) -> None:
    if code >= _REFUSED:
        raise smtplib.SMTPResponseException(code, answer)


def _give_content(server: smtplib.SMTP, envelope: Envelope, sender: str) -> Sent:
    try:
        code, answer = server.data(email_of(envelope, sender))
    except smtplib.SMTPDataError as refusal:
        return _refusal(refusal.smtp_code, refusal.smtp_error)
    except (smtplib.SMTPException, OSError) as fault:
        return Sent(Outcome.UNKNOWN, type(fault).__name__)
    return _refusal(code, answer) if code >= _REFUSED else Sent(Outcome.ACCEPTED, _code(code, answer))


def _refused(code: int, answer: bytes) -> Sent:
    """Return what the refusal of a recipient means: for good, the address is bad unless its owner only does not want us."""
    sent = _refusal(code, answer)
    is_unwanted = answer.startswith(_BY_POLICY)
    return replace(sent, is_address_bad=sent.outcome is Outcome.PERMANENT and not is_unwanted)


def _refusal(code: int, answer: bytes | str) -> Sent:
    outcome = Outcome.PERMANENT if code >= _FOR_GOOD else Outcome.TEMPORARY
    return Sent(outcome, _code(code, answer))


def _code(code: int, answer: bytes | str) -> str:
    """Return the server's codes without its words, which may repeat the address."""
    words = answer if isinstance(answer, bytes) else answer.encode()
    enhanced = _ENHANCED.match(words)
    return f"{code} {enhanced[0].decode()}" if enhanced else str(code)
