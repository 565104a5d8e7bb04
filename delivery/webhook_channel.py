"""Messages to another system of the government, such as its app, which tells people under the ids that we share.

It gets the words and the opaque id, no address and no number. What it has under a message's id it has: the same message
again is no second one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from delivery.channels import Envelope, Outcome, Sent
from delivery.contacts import Contact
from delivery.http_calls import Endpoint, NoAnswerError, NotSentError

_FOR_NOW = 500  # from here on, and where it asks for patience, it may take the message later
_PATIENCE = frozenset({408, 425, 429})
_ABOUT_US = frozenset({401, 403, 404, 405, 415})


@dataclass(frozen=True, slots=True)
class WebhookChannel:
    """Hands messages to one system, a call for each."""

    endpoint: Endpoint
    name: str = "webhook"

    @property
    def is_repeatable(self) -> bool:
        """Say yes: the other side knows a message by its id."""
        return True

    @property
    def gives_receipts(self) -> bool:
        """Say no: what it has taken is on the page of whoever it is for."""
        return False

    def address(self, contact: Contact) -> str | None:
        """Return where everybody is reached: the system itself."""
        return self.endpoint.host if contact.name else None

    def send(self, envelopes: Sequence[Envelope]) -> list[Sent]:
        """Hand over messages, each once."""
        return [self._send(each) for each in envelopes]

    def close(self) -> None:
        """Do nothing: each call has a connection of its own."""

    def _send(self, envelope: Envelope) -> Sent:
        notice, message = envelope.notice, envelope.message
        asked = {
            "message_id": envelope.message_id,
            "subject_id": notice.subject_id,
            "kind": notice.kind.value,
            "policy": notice.policy,
            "day": notice.business_date.isoformat(),
            "subject": message.subject,
            "body": message.body,
        }
        try:
            answer = self.endpoint.call("POST", "notices", asked, at=envelope.sent_at, nonce=envelope.reference)
        except (NotSentError, NoAnswerError) as fault:
            return Sent(Outcome.TECHNICAL, str(fault))
        status = str(answer.status)
        if 200 <= answer.status < 300:  # noqa: PLR2004  # taken
            return Sent(Outcome.ACCEPTED, status)
        if answer.status >= _FOR_NOW or answer.status in _PATIENCE | _ABOUT_US or answer.status < 400:  # noqa: PLR2004  # a redirect
            return Sent(Outcome.TECHNICAL, status)
        return Sent(Outcome.PERMANENT, status)
