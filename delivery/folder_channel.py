"""Messages as files in a folder, for trials and for a gateway that picks them up."""

from dataclasses import dataclass
from pathlib import Path

from delivery.channels import Envelope, Outcome, Sent
from delivery.contacts import Contact
from delivery.private_files import write_private


@dataclass(frozen=True, slots=True)
class FolderChannel:
    """Writes one text file per message."""

    folder: Path
    name: str = "folder"

    def address(self, contact: Contact) -> str | None:
        """Return the first address of any kind; a folder does not deliver, it only shows."""
        return contact.email or contact.phone

    def send(self, envelope: Envelope) -> Sent:
        """Write one text file, named after the message, whole or not at all."""
        message = envelope.message
        text = f"收件：{envelope.address}\n主题：{message.subject}\n\n{message.body}"
        try:
            write_private(self.folder / f"{envelope.message_id}.txt", text.encode())
        except OSError as fault:
            return Sent(Outcome.TECHNICAL, f"errno {fault.errno}")
        return Sent(Outcome.ACCEPTED)
