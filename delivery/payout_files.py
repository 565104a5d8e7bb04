"""Payout files: a frozen batch rendered for the bank and for the paymaster, and kept under `payouts/`.

These files name people and accounts. They stand nowhere else, readable by their owner alone.
"""

from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import partial
from pathlib import Path

import polars as pl

from core.errors import DeliveryError
from delivery.batches import Batch
from delivery.codes import DeliveryCode
from delivery.payout_csv import Encoding, read_csv, render_csv
from delivery.payout_table import Control, PayoutTable, payout_table
from delivery.payout_xlsx import read_xlsx, render_xlsx
from delivery.private_files import write_private
from store.batches import BatchRecord
from store.states.paying import BEFORE_EXPORT, BatchState

REVIEW = "review"


class Form(StrEnum):
    """In which form a batch is written."""

    CSV = "csv"
    CSV_GB18030 = "gb18030.csv"
    XLSX = "xlsx"


_RENDER: dict[Form, Callable[[PayoutTable], bytes]] = {
    Form.CSV: partial(render_csv, encoding=Encoding.UTF_8),
    Form.CSV_GB18030: partial(render_csv, encoding=Encoding.GB18030),
    Form.XLSX: render_xlsx,
}

_READ: dict[Form, Callable[[bytes, str], PayoutTable]] = {
    Form.CSV: partial(read_csv, encoding=Encoding.UTF_8),
    Form.CSV_GB18030: partial(read_csv, encoding=Encoding.GB18030),
    Form.XLSX: read_xlsx,
}


def render(batch: Batch, payees: pl.DataFrame, form: Form) -> bytes:
    """Return a batch's file: a function of its arguments, the same bytes on any machine and any day.

    Fails: `DeliveryError` where lines or payees are not those that were frozen.
    """
    return _RENDER[form](payout_table(batch, payees))


def read_back(data: bytes, form: Form, place: str) -> PayoutTable:
    """Return what a payout file says, its totals verified."""
    return _READ[form](data, place)


def control_totals(data: bytes, form: Form, place: str) -> Control:
    """Return the head of a payout file, verified against its lines."""
    return read_back(data, form, place).control


def payout_path(folder: Path, batch: Batch | BatchRecord, form: Form) -> Path:
    """Return where a batch's file stands under the workspace's `payouts/`.

    Apart from what goes to a bank: it is there to be looked at, and says nothing about anybody's approval.
    """
    return folder / REVIEW / batch.pay_day.isoformat() / f"{batch.batch_id}.{form.value}"


def write_payouts(folder: Path, batch: Batch, payees: pl.DataFrame, forms: Sequence[Form]) -> list[Path]:
    """Write a batch's files one after the other, each whole or not at all, and return where they stand.

    A file of a batch not yet exported gives way to a newer one; afterwards it may only be written the same.

    Fails: `DeliveryError` where an exported batch's file differs from what it is now.
    """
    paths = []
    table = payout_table(batch, payees)
    for form in forms:
        path = payout_path(folder, batch, form)
        data = _RENDER[form](table)
        if path.exists() and path.read_bytes() != data and batch.state not in BEFORE_EXPORT:
            message = "the batch was exported with another content"
            remedy = "do not send this file again; ask the bank what it received"
            raise DeliveryError.one(DeliveryCode.FILE_ALREADY_OUT, f"payouts/{path.name}", message, remedy)
        write_private(path, data)
        paths.append(path)
    return paths


def remove_payouts(folder: Path, batch: BatchRecord, forms: Sequence[Form]) -> None:
    """Take away the files of a batch that pays nobody any more."""
    assert batch.state in {BatchState.CANCELLED, BatchState.RELEASED}, batch.batch_id
    for form in forms:
        payout_path(folder, batch, form).unlink(missing_ok=True)
