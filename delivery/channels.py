"""Ways to hand over messages; each message of a call has one outcome, and nothing is retried in secret.

An outcome tells what the world now looks like: taken, refused for good, refused for now, not reached,
or not known. The last is its own answer: a message whose fate is in doubt is not simply sent again.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

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
    """The outcome of one try; `because` is the channel's code, nothing personal."""

    outcome: Outcome
    because: str | None = None


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

    def address(self, contact: Contact) -> str | None:
        """Return where this channel reaches a contact, or None where it cannot."""

    def send(self, envelopes: Sequence[Envelope]) -> list[Sent]:
        """Hand over messages, each once, in order.

        Shape: one outcome for each message, in the same order; what is accepted survives a power cut.
        Fails: never; whatever happens is an outcome.
        """

    def close(self) -> None:
        """Give back what is kept open between messages; the channel can be used again."""
