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
from store.states.notices import ReceiptOutcome

OUTCOMES = {outcome.value: outcome for outcome in ReceiptOutcome}
LINES_MAX = 1_000_000
_REFERENCE_MAX = 80
_CODE_MAX = 40
_NO_OBJECT = "the line is no JSON object"
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


def receipts_of(body: bytes) -> list[Receipt]:
    """Return the receipts of a call: one JSON object, or a list of them.

    Fails: DeliveryError with one finding for each that is none; then nothing of the call counts.
    """
    try:
        tree: Any = json.loads(body)
    except (ValueError, RecursionError):
        raise DeliveryError.one(DeliveryCode.RECEIPT_UNREADABLE, "body", "the body is no JSON", _HELP) from None
    trees = tree if isinstance(tree, list) else [tree]
    return _whole("body", ((number, _receipt(each)) for number, each in enumerate(trees, start=1)))


def parse_receipts(lines: Iterable[str], name: str) -> list[Receipt]:
    """Return the receipts of JSON lines; as `read_receipts`."""
    numbered = enumerate(lines, start=1)
    return _whole(name, ((number, _of_line(line)) for number, line in numbered if line.strip()))


def _whole(name: str, read: Iterable[tuple[int, Receipt | str]]) -> list[Receipt]:
    """Return receipts by their numbers, where each is one."""
    found: list[Receipt] = []
    findings: list[Finding] = []
    for number, receipt in read:
        if isinstance(receipt, str):
            findings.append(Finding(DeliveryCode.RECEIPT_UNREADABLE, Place(name, number), receipt, _HELP))
        else:
            found.append(receipt)
    if findings:
        raise DeliveryError(findings)
    return found


def _of_line(line: str) -> Receipt | str:
    try:
        return _receipt(json.loads(line))
    except (ValueError, RecursionError):
        return _NO_OBJECT


def _receipt(tree: object) -> Receipt | str:
    """Return the receipt that a JSON object is, or what is wrong with it."""
    if not isinstance(tree, dict):
        return _NO_OBJECT
    reference = _plain(tree.get("reference"), _REFERENCE_MAX)
    outcome, at = tree.get("status"), tree.get("at")
    if reference is None:
        return "`reference` is missing"
    if not isinstance(outcome, str) or outcome not in OUTCOMES:
        return f"`status` is none of {', '.join(f'`{each}`' for each in sorted(OUTCOMES))}"
    reported_at = _instant(at)
    if at is not None and reported_at is None:
        return "`at` is no instant with its zone"
    return Receipt(reference, OUTCOMES[outcome], reported_at, _plain(tree.get("code"), _CODE_MAX))


def _plain(word: object, length_max: int) -> str | None:
    """Return a word of few plain letters, or None where it is none: not every database takes every other."""
    if not isinstance(word, str) or not 0 < len(word) <= length_max:
        return None
    return word if word.isascii() and word.isprintable() else None


def _instant(text: object) -> dt.datetime | None:
    if not isinstance(text, str):
        return None
    try:
        instant = dt.datetime.fromisoformat(text)
        return None if instant.tzinfo is None else instant.astimezone(dt.UTC)
    except (ValueError, OverflowError):  # the first hours of the year 1 are of no year in UTC
        return None
