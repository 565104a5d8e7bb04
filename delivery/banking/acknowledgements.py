"""What a bank says when it has a payment file: taken or refused, and the totals that it counted."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from core.errors import DeliveryError
from core.findings import Finding, Place
from delivery.banking.profile import PaymentProfile
from delivery.banking.read import read_table
from delivery.banking.refusals import Reading
from delivery.banking.words import ACKNOWLEDGEMENT
from delivery.codes import DeliveryCode


class Counted(Protocol):
    """A payment file as we counted it."""

    @property
    def name(self) -> str:
        """Return what it is called."""

    @property
    def count(self) -> int:
        """Return how many payments it holds."""

    @property
    def total_fen(self) -> int:
        """Return what they come to."""

    @property
    def hash_total(self) -> str:
        """Return the hash over them."""


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """One file as the bank has it; None where the bank does not say."""

    line: int
    file_name: str
    is_accepted: bool
    reason_code: str
    reason: str
    count: int | None = None
    total_fen: int | None = None
    hash_total: str | None = None
    received_on: dt.date | None = None

    def differences(self, file: Counted, place: str) -> Iterator[Finding]:
        """Give what the bank counted differently in a file that it took."""
        counted = (("count", self.count, file.count), ("total", self.total_fen, file.total_fen))
        for word, theirs, ours in (*counted, ("hash_total", self.hash_total or None, file.hash_total)):
            if theirs is not None and theirs != ours:
                message = f"expected `{ours}` as `{word}` of `{file.name}`, the bank counted `{theirs}`"
                remedy = "stop the batch and ask the bank which file it has"
                yield Finding(DeliveryCode.RECEIPT_DIFFERS, Place(place, self.line), message, remedy)


def read_acknowledgement(data: bytes, profile: PaymentProfile, place: str) -> tuple[Acknowledgement, ...]:
    """Return what a bank says of files that it received, one for each.

    Fails: `DeliveryError` where any of it cannot be read: who has a file and who has not is nothing to guess.
    """
    layout, reading = profile.acknowledgement, Reading(place)
    if layout is None:
        raise reading.refused(f"the profile `{profile.name}` has no `acknowledgement`")
    table = read_table(data, layout, ACKNOWLEDGEMENT, place)
    if table.findings:
        raise DeliveryError(table.findings)
    told = []
    for row in table.lines.iter_rows(named=True):
        receipt = layout.results.get(row["result"] or "")
        if receipt is None:
            raise reading.refused("the profile does not know the result", row["line"])
        told.append(
            Acknowledgement(
                line=row["line"],
                file_name=row["file_name"],
                is_accepted=receipt.accepted,
                reason_code=row["result"],
                reason=row.get("reason") or receipt.reason,
                count=row.get("count"),
                total_fen=row.get("total"),
                hash_total=row.get("hash_total") or None,
                received_on=row.get("received_on"),
            )
        )
    if not told:
        raise reading.refused("it names no file")
    return tuple(told)
