"""Messages as files in a folder, for trials and for a gateway that picks them up."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from delivery.channels import Envelope, Outcome, Sent
from delivery.contacts import Contact
from delivery.private_files import write_all_private

_AT_ONCE = 100  # files held open together; some systems allow a process no more than 256


@dataclass(frozen=True, slots=True)
class FolderChannel:
    """Writes one text file per message, named after the message."""

    folder: Path
    name: str = "folder"

    @property
    def is_repeatable(self) -> bool:
        """Say yes: the same message again is the same file."""
        return True

    @property
    def gives_receipts(self) -> bool:
        """Say no."""
        return False

    def address(self, contact: Contact) -> str | None:
        """Return the first address of any kind; a folder does not deliver, it only shows."""
        return contact.email or contact.phone

    def send(self, envelopes: Sequence[Envelope]) -> list[Sent]:
        """Write one text file for each message, whole or not at all; what is accepted is on the disk."""
        parts = (envelopes[start : start + _AT_ONCE] for start in range(0, len(envelopes), _AT_ONCE))
        return [sent for part in parts for sent in self._write(part)]

    def close(self) -> None:
        """Do nothing: between messages nothing is open."""

    def _write(self, envelopes: Sequence[Envelope]) -> list[Sent]:
        try:
            write_all_private(self.folder, {f"{each.message_id}.txt": _text(each) for each in envelopes})
        except OSError as fault:
            if len(envelopes) == 1:
                return [Sent(Outcome.TECHNICAL, f"errno {fault.errno}")]
            return [sent for each in envelopes for sent in self._write([each])]  # which of them is it?
        return [Sent(Outcome.ACCEPTED)] * len(envelopes)


def _text(envelope: Envelope) -> bytes:
    message = envelope.message
    return f"收件：{envelope.address}\n主题：{message.subject}\n\n{message.body}".encode()
