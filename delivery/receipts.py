"""What channels say later of messages they took: read from a file or a call, every line kept, none believed twice."""

import datetime as dt
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from core.errors import DeliveryError
from core.findings import Finding, Place
from delivery.codes import DeliveryCode
from store.receipts import Receipt
from store.states import ReceiptOutcome

OUTCOMES = {outcome.value: outcome for outcome in ReceiptOutcome}
LINES_MAX = 1_000_000
_REFERENCE_MAX = 80
_CODE_MAX = 40
_HELP = 'write each line as {"reference": "m_…", "status": "delivered", "at": "2025-08-01T12:00:00+08:00"}'


def read_receipts(path: Path) -> list[Receipt]:
    """Return the receipts of a file of JSON lines, in order.

    Fails: DeliveryError with one finding for each line that is none; then nothing of the file counts.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        message = "the file cannot be read as UTF-8 text"
        raise DeliveryError.one(DeliveryCode.RECEIPT_UNREADABLE, path.name, message, _HELP) from None
    return parse_receipts(lines, path.name)


def parse_receipts(lines: Iterable[str], name: str) -> list[Receipt]:
    """Return the receipts of JSON lines; as `read_receipts`."""
    found: list[Receipt] = []
    findings: list[Finding] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        receipt = _receipt(line)
        if isinstance(receipt, str):
            findings.append(Finding(DeliveryCode.RECEIPT_UNREADABLE, Place(name, number), receipt, _HELP))
        else:
            found.append(receipt)
    if findings:
        raise DeliveryError(findings)
    return found


def _receipt(line: str) -> Receipt | str:
    """Return the receipt of a line, or what is wrong with it."""
    try:
        tree: Any = json.loads(line)
    except (ValueError, RecursionError):
        return "the line is no JSON object"
    if not isinstance(tree, dict):
        return "the line is no JSON object"
    reference, outcome, at, code = (tree.get(name) for name in ("reference", "status", "at", "code"))
    if not isinstance(reference, str) or not 0 < len(reference) <= _REFERENCE_MAX:
        return "`reference` is missing"
    if not isinstance(outcome, str) or outcome not in OUTCOMES:
        return f"`status` is none of {', '.join(f'`{each}`' for each in sorted(OUTCOMES))}"
    reported_at = _instant(at)
    if at is not None and reported_at is None:
        return "`at` is no instant with its zone"
    plain = code if isinstance(code, str) and code.isascii() and len(code) <= _CODE_MAX else None
    return Receipt(reference, OUTCOMES[outcome], reported_at, plain)


def _instant(text: object) -> dt.datetime | None:
    if not isinstance(text, str):
        return None
    try:
        instant = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if instant.tzinfo is None else instant.astimezone(dt.UTC)
