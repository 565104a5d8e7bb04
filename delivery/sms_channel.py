"""Text messages over a gateway: the values of a text that the provider has approved, never free words.

The gateway is asked in our own few words (docs/channels.md); a provider that speaks others is reached through an adapter
of its own. A message whose answer was lost is in doubt, and the gateway is asked for it by its reference.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from core.settings import SmsProvider
from delivery.channels import Envelope, Inquiry, Outcome, Sent
from delivery.contacts import Contact
from delivery.http_calls import Answer, Endpoint, NoAnswerError, NotSentError
from delivery.receipts import OUTCOMES
from delivery.sms_text import segments, signed_text

SEVERAL = "several"  # the provider's text for a message about more than one thing

_BAD_NUMBER = frozenset({"bad_number", "no_such_number"})  # about the number, and not about this message
_REFUSED = {"refused": Outcome.PERMANENT, "busy": Outcome.TEMPORARY, "accepted": Outcome.ACCEPTED}
_NOT_TAKEN = frozenset({401, 403, 404, 405, 413, 415, 429, 503})  # the gateway says so before it looks at a message
_CODE_MAX = 40


@dataclass(frozen=True, slots=True)
class SmsChannel:
    """Hands messages to one gateway, a call for each."""

    settings: SmsProvider
    endpoint: Endpoint
    name: str = "sms"

    @property
    def is_repeatable(self) -> bool:
        """Say no: a text message sent twice arrives twice."""
        return False

    @property
    def gives_receipts(self) -> bool:
        """Say yes: what was taken is not yet on a phone."""
        return True

    def address(self, contact: Contact) -> str | None:
        """Return the phone."""
        return contact.phone

    @property
    def carrier(self) -> str:
        """Return the gateway by its machine: what was given to one is never asked of another."""
        return f"{self.name}@{self.endpoint.host}"

    @property
    def carriers(self) -> tuple[str, ...]:
        """Return the one gateway."""
        return (self.carrier,)

    def carried_by(self, carrier: str) -> "SmsChannel | None":
        """Return itself, where it is the carrier; messages of before carriers were kept are its own."""
        return self if carrier in {self.name, self.carrier} else None

    def send(self, envelopes: Sequence[Envelope]) -> list[Sent]:
        """Hand over messages, each once."""
        return [self._send(each) for each in envelopes]

    def inquire(self, reference: str, *, at: dt.datetime) -> Inquiry:
        """Ask what became of a message."""
        try:
            answer = self.endpoint.call("GET", f"messages/{reference}", at=at, nonce=f"q-{reference}-{at.timestamp()}")
        except (NotSentError, NoAnswerError):
            return Inquiry.SILENT
        said = answer.said()
        if answer.status == 404 and said.get("status") == "no_such_reference":  # noqa: PLR2004  # not found
            return Inquiry.NOT_THERE
        outcome = OUTCOMES.get(str(said.get("status")))
        return Inquiry.SILENT if answer.status != 200 or outcome is None else Inquiry(outcome.value)  # noqa: PLR2004  # OK

    def close(self) -> None:
        """Do nothing: each call has a connection of its own."""

    def _send(self, envelope: Envelope) -> Sent:
        message = envelope.message
        ours = SEVERAL if "+" in message.template_id else message.template_id
        provider_id = self.settings.templates.get(ours)
        if provider_id is None:
            return Sent(Outcome.TEMPORARY, f"no provider's text for {ours}")  # it waits until one is named
        count = segments(signed_text(self.settings.signature, message.text))
        if count > self.settings.segments_max:
            return Sent(Outcome.PERMANENT, f"{count} segments")
        asked = {
            "reference": envelope.reference,
            "to": envelope.address,
            "template": provider_id,
            "signature": self.settings.signature,
            "values": {name: value for name, value in message.values.items() if name in message.text_names},
        }
        try:
            answer = self.endpoint.call("POST", "messages", asked, at=envelope.sent_at, nonce=envelope.reference)
        except NotSentError as fault:
            return Sent(Outcome.TECHNICAL, str(fault))
        except NoAnswerError as fault:
            return Sent(Outcome.UNKNOWN, str(fault))
        return _sent(answer)


def _sent(answer: Answer) -> Sent:
    """Return what an answer means; one that cannot be read says nothing of what became of the message."""
    if answer.status in _NOT_TAKEN or 300 <= answer.status < 400:  # noqa: PLR2004  # redirects
        return Sent(Outcome.TECHNICAL, str(answer.status))
    said = answer.said()
    outcome = _REFUSED.get(str(said.get("status")))
    code = code_of(said)
    if answer.status not in {200, 201, 202, 400, 422} or outcome is None:
        return Sent(Outcome.UNKNOWN, str(answer.status))
    return Sent(outcome, code, is_address_bad=outcome is Outcome.PERMANENT and code in _BAD_NUMBER)


def code_of(said: dict[str, object]) -> str | None:
    """Return the code of an answer, if it is one: a few plain letters, nothing that could name somebody."""
    code = said.get("code")
    is_plain = isinstance(code, str) and code.isascii() and code.replace("_", "").isalpha() and len(code) <= _CODE_MAX
    return str(code) if is_plain else None
