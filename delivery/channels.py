"""Ways to hand over messages; each message of a call has one outcome, and nothing is retried in secret.

An outcome tells what the world now looks like: taken, refused for good, refused for now, not reached,
or not known. The last is its own answer: a message whose fate is in doubt is not simply sent again.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, runtime_checkable

from core.ledger import Notice
from delivery.contacts import Contact
from delivery.messages import Message


class Outcome(StrEnum):
    """What became of one try."""

    ACCEPTED = "accepted"
    PERMANENT = "permanent"  # this address never takes it
    TEMPORARY = "temporary"  # this address does not take it now
    TECHNICAL = "technical"  # the channel does not work, whoever the message is for
    UNKNOWN = "unknown"  # handed over, but no answer came


@dataclass(frozen=True, slots=True)
class Sent:
    """The outcome of one try; `because` is the channel's code, nothing personal.

    `is_address_bad`: the refusal is about the address, whatever the message.
    """

    outcome: Outcome
    because: str | None = None
    is_address_bad: bool = False


class Inquiry(StrEnum):
    """What a channel answers that is asked for a message whose answer was lost."""

    ACCEPTED = "accepted"
    UNDELIVERABLE = "undeliverable"
    DELIVERED = "delivered"
    NOT_THERE = "not_there"  # it never got the message
    SILENT = "silent"  # no answer, or none that can be read


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message on its way, under the name of `notice`, its first; `reference` is new for each try."""

    notice: Notice
    reference: str
    address: str = field(repr=False)
    message: Message
    sent_at: dt.datetime

    @property
    def message_id(self) -> str:
        """Return what names the message, the same in every try."""
        return self.notice.notice_id


class Channel(Protocol):
    """One way to hand over messages."""

    @property
    def name(self) -> str:
        """Return the word that the outbox keeps."""

    @property
    def is_repeatable(self) -> bool:
        """Say whether a message handed over twice is as if it were handed over once.

        If not, the outbox writes down each message before it is handed over; otherwise it may do so for many
        together, afterwards.
        """

    @property
    def gives_receipts(self) -> bool:
        """Say whether it tells later what became of a message; else what is accepted is all that one learns."""

    def address(self, contact: Contact) -> str | None:
        """Return where this channel reaches a contact, or None where it cannot."""

    def send(self, envelopes: Sequence[Envelope]) -> list[Sent]:
        """Hand over messages, each once, in order.

        Shape: one outcome for each message, in the same order; what is accepted survives a power cut.
        Fails: never; whatever happens is an outcome.
        """

    def close(self) -> None:
        """Give back what is kept open between messages; the channel can be used again."""


@runtime_checkable
class Inquirable(Channel, Protocol):
    """A channel that can be asked what became of a message."""

    def inquire(self, reference: str, *, at: dt.datetime) -> Inquiry:
        """Ask for the message under a reference.

        Fails: never; whatever happens is an answer.
        """


@runtime_checkable
class Provided(Inquirable, Protocol):
    """A channel whose messages are carried by a provider, of which there may be several."""

    @property
    def carriers(self) -> tuple[str, ...]:
        """Return the providers' words; each is kept with every message that its provider is given."""

    @property
    def carrier(self) -> str:
        """Return the word of who is given the next message."""

    def carried_by(self, carrier: str) -> Inquirable | None:
        """Return who knows of messages given to a carrier, or None where nobody here does."""


def carriers_of(channel: Channel) -> tuple[str, ...]:
    """Return the carriers of a channel; one without providers is its own."""
    return channel.carriers if isinstance(channel, Provided) else (channel.name,)


def carrier_of(channel: Channel) -> str:
    """Return who is given the next message of a channel."""
    return channel.carrier if isinstance(channel, Provided) else channel.name
