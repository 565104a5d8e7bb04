"""A channel of several providers: one carries its messages until it fails, or is busy again and again; then the next does.

Only what is known not to have been taken goes to another provider, and as another try; what is in doubt is asked of the
one that was given it, and of no other.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from delivery.channels import Envelope, Inquirable, Inquiry, Outcome, Provided, Sent
from delivery.contacts import Contact

FAILURES_MAX: Final = 3  # refusals for now in a row, as a channel without another provider is left alone after so many
_FAILED = frozenset({Outcome.TEMPORARY, Outcome.TECHNICAL})


@dataclass(slots=True)
class FailoverChannel:
    """Hands messages to the provider whose turn it is; each dispatch begins with the first."""

    providers: Sequence[Provided]
    _turn: int = field(default=0, init=False)
    _failure_count: int = field(default=0, init=False)  # in a row

    @property
    def name(self) -> str:
        """Return the word that the outbox keeps: it is one channel, whoever carries."""
        return self.providers[0].name

    @property
    def is_repeatable(self) -> bool:
        """Say yes only where every provider may be given a message twice."""
        return all(each.is_repeatable for each in self.providers)

    @property
    def gives_receipts(self) -> bool:
        """Say whether every provider does: else waiting for one says nothing."""
        return all(each.gives_receipts for each in self.providers)

    @property
    def carrier(self) -> str:
        """Return whose turn it is."""
        return self.providers[self._turn].carrier

    @property
    def carriers(self) -> tuple[str, ...]:
        """Return all providers, the first one first."""
        return tuple(carrier for each in self.providers for carrier in each.carriers)

    def carried_by(self, carrier: str) -> Inquirable | None:
        """Return the provider that was given a message."""
        return next((found for each in self.providers if (found := each.carried_by(carrier)) is not None), None)

    def address(self, contact: Contact) -> str | None:
        """Return where every provider reaches a contact."""
        return self.providers[0].address(contact)

    def send(self, envelopes: Sequence[Envelope]) -> list[Sent]:
        """Hand over messages, each once and to one provider."""
        return [self._send(each) for each in envelopes]

    def inquire(self, reference: str, *, at: dt.datetime) -> Inquiry:
        """Ask whose turn it is; who was given a message is asked by `carried_by`."""
        return self.providers[self._turn].inquire(reference, at=at)

    def close(self) -> None:
        """Give back what is kept open, and give the first provider its turn again."""
        self._turn = self._failure_count = 0
        for each in self.providers:
            each.close()

    def _send(self, envelope: Envelope) -> Sent:
        (sent,) = self.providers[self._turn].send([envelope])
        # Who does not work at all is left at once; who is busy may be so for one number.
        weight = FAILURES_MAX if sent.outcome is Outcome.TECHNICAL else 1
        self._failure_count = self._failure_count + weight if sent.outcome in _FAILED else 0
        if self._failure_count >= FAILURES_MAX:
            self._turn, self._failure_count = (self._turn + 1) % len(self.providers), 0
        return sent
