"""What is said of a bank's file that cannot be read as what it should be."""

from dataclasses import dataclass

from core.errors import DeliveryError, MianshenError
from core.findings import Finding, Place
from delivery.codes import DeliveryCode

BYTES_MAX = 1_000_000_000  # a million lines of a statement as XML stay below

_ASK = "have the bank send it again, or name the profile that it was made by"


@dataclass(frozen=True, slots=True)
class Reading:
    """A file that is being read: where it stands, for findings and refusals."""

    place: str

    def refused(self, message: str, line: int | None = None) -> MianshenError:
        """Return the error for a file that is not of its form."""
        return DeliveryError.one(DeliveryCode.STATEMENT_UNREADABLE, Place(self.place, line), message, _ASK)

    def oversized(self, message: str) -> MianshenError:
        """Return the error for a file that would take too much memory or time."""
        remedy = "have the bank split it; nothing was read"
        return DeliveryError.one(DeliveryCode.STATEMENT_OVERSIZED, self.place, message, remedy)

    def forbidden(self, message: str) -> MianshenError:
        """Return the error for XML with parts that no statement has."""
        remedy = "ask the bank where the file comes from; nothing was read"
        return DeliveryError.one(DeliveryCode.XML_FORBIDDEN, self.place, message, remedy)

    def refuse_bytes(self, count: int) -> None:
        """Refuse a file of more bytes than are read.

        Fails: `DeliveryError`.
        """
        if count > BYTES_MAX:
            raise self.oversized(f"the file has more than {BYTES_MAX // 1_000_000:,} million bytes")

    def refuse_lines(self, count: int, most: int) -> None:
        """Refuse a file of more lines than are read.

        Fails: `DeliveryError`.
        """
        if count > most:
            raise self.oversized(f"the file has {count:,} lines, more than {most:,}")

    def finding(
        self, code: DeliveryCode, message: str, remedy: str, *, line: int | None = None, count: int = 1
    ) -> Finding:
        """Return a finding about the file, or one of its lines."""
        return Finding(code, Place(self.place, line), message, remedy, count=count)
