"""Payment files: a batch's payout table as the files that one bank takes, and what such a file says.

A pure function of table and profile: rebuilt on any machine and any day, the bytes are the same.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import polars as pl

from core.errors import DeliveryError
from core.findings import Finding, Place
from core.ids import lines_digest
from core.money import yuan_plain
from delivery.banking.cells import as_written
from delivery.banking.orders import write_orders
from delivery.banking.profile import PaymentLayout, PaymentProfile
from delivery.banking.read import ReadTable, Value, read_table
from delivery.banking.words import PAYMENT
from delivery.banking.written import Table, write_table
from delivery.capital_amounts import yuan_capital
from delivery.codes import DeliveryCode
from delivery.payout_table import Control, PayoutTable

_NAMED_MAX = 5  # references that one message names


@dataclass(frozen=True, slots=True)
class PaymentFile:
    """One file of a batch: its totals are printed on the approval sheet, and compared with what the bank counted."""

    number: int  # from 1
    file_count: int
    profile: str  # code@version
    name: str
    data: bytes = field(repr=False)
    count: int
    total_fen: int
    hash_total: str
    sha256: str
    references: tuple[str, str]  # of its first and its last line


def payment_files(table: PayoutTable, profile: PaymentProfile) -> tuple[PaymentFile, ...]:
    """Return the files of a batch, its lines in their order, as many in each as the profile allows.

    Fails: `DeliveryError` where a payment alone is above the cap, or where something cannot be carried.
    """
    layout, place = profile.payment, Place(f"batch {table.control.batch_id}")
    parts = list(_parts(table.lines, layout, place))
    whole = (_Part(number, len(parts), lines) for number, lines in enumerate(parts, start=1))
    return tuple(_file(table, part, profile, place) for part in whole)


def hash_total(lines: pl.DataFrame) -> str:
    """Return the hash over who is paid how much on which account, as a file says it, whatever the order of lines.

    Shape: `lines` has `reference`, `account`, `name` and `amount_fen`.
    """
    written = lines.select(pl.format("{}|{}|{}|{}", "reference", "account", "name", "amount_fen")).to_series()
    return lines_digest(written.sort())


def read_payment_file(data: bytes, profile: PaymentProfile, place: str) -> ReadTable:
    """Return what a payment file says, its totals and its hash compared with its lines.

    Fails: `DeliveryError` where it is not one of the profile's, or does not add up.
    """
    table = read_table(data, profile.payment, PAYMENT, place)
    if table.findings:
        raise DeliveryError(table.findings)
    lines = table.lines.rename({"amount": "amount_fen"})
    found: dict[str, Value] = {
        "count": lines.height,
        "total": int(lines["amount_fen"].sum()),
        "hash_total": hash_total(lines),
    }
    differing = [word for word, value in found.items() if word in table.frame and table.frame[word] != value]
    remedy = "the file was cut or changed: write it anew"
    findings = [
        Finding(DeliveryCode.TOTALS_DIFFER, Place(place), f"`{word}` is not that of the lines", remedy)
        for word in differing
    ]
    if findings:
        raise DeliveryError(findings)
    return ReadTable(table.head, table.trailer, lines, ())


def _parts(lines: pl.DataFrame, layout: PaymentLayout, place: Place) -> Iterator[pl.DataFrame]:
    """Give the lines of each file: as many as caps allow, never out of order."""
    cap = layout.total_max_fen
    if cap is not None:
        _refuse_above(lines, cap, place)
    through = lines["amount_fen"].cum_sum()
    start = 0
    while start < lines.height:
        end = start + layout.lines_max
        if cap is not None:
            before = int(through[start - 1]) if start else 0
            end = min(end, int(through.search_sorted(before + cap, side="right")))
        yield lines.slice(start, end - start)
        start = end


def _refuse_above(lines: pl.DataFrame, cap: int, place: Place) -> None:
    above = lines.filter(pl.col("amount_fen") > cap)["reference"]
    if above.is_empty():
        return
    named = ", ".join(f"`{each}`" for each in above.head(_NAMED_MAX))
    more = f" and {above.len() - _NAMED_MAX} more" if above.len() > _NAMED_MAX else ""
    message = f"more than the `{yuan_plain(cap)}` yuan that one file may pay: {named}{more}"
    remedy = "use a profile with a higher `total_max`, or take the item out of the batch"
    raise DeliveryError([Finding(DeliveryCode.ABOVE_CAP, place, message, remedy, count=above.len())])


class _Part(NamedTuple):
    """The lines of one of so many files."""

    number: int
    of: int
    lines: pl.DataFrame


def _file(table: PayoutTable, part: _Part, profile: PaymentProfile, place: Place) -> PaymentFile:
    layout, control, lines = profile.payment, table.control, part.lines
    total, hashed = int(lines["amount_fen"].sum()), hash_total(as_written(lines, layout, PAYMENT))
    pay_day = control.pay_day.strftime("%Y%m%d")
    name = layout.file_name.format(batch_id=control.batch_id, number=f"{part.number:03d}", pay_day=pay_day)
    says: dict[str, Value] = {
        **_control_words(control),
        "file_name": name,
        "file_number": part.number,
        "file_count": part.of,
        "count": lines.height,
        "total": total,
        "total_words": yuan_capital(total),
        "hash_total": hashed,
    }
    rows = lines.rename({"amount_fen": "amount"}).with_row_index("sequence", offset=1)
    written = Table(PAYMENT, pl.DataFrame([says]), rows)
    data = write_table(written, layout, place) if layout.orders is None else write_orders(written, table, layout, place)
    return PaymentFile(
        number=part.number,
        file_count=part.of,
        profile=profile.name,
        name=name,
        data=data,
        count=lines.height,
        total_fen=total,
        hash_total=hashed,
        sha256=hashlib.sha256(data).hexdigest(),
        references=(lines["reference"][0], lines["reference"][-1]),
    )


def _control_words(control: Control) -> Mapping[str, Value]:
    return {
        word: getattr(control, word) for word in ("batch_id", "policy", "title", "payer", "pay_day", "content_hash")
    }
