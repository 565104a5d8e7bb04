import datetime as dt
from pathlib import Path

import pytest

from core.errors import DeliveryError
from delivery.receipts import parse_receipts, read_receipts
from store.receipts import Receipt
from store.states.notices import ReceiptOutcome


def test_receipts_are_read_line_by_line(tmp_path: Path) -> None:
    """The instant may be in any zone; an empty line is none; a code that is no plain word is left out."""
    path = tmp_path / "r.jsonl"
    path.write_text(
        '{"reference": "m_1", "status": "delivered", "at": "2025-08-01T12:00:00+08:00", "code": "DELIVRD"}\n\n'
        '{"reference": "m_2", "status": "undeliverable", "code": "张三", "more": 1}\n',
        "utf-8",
    )

    assert read_receipts(path) == [
        Receipt("m_1", ReceiptOutcome.DELIVERED, dt.datetime(2025, 8, 1, 4, tzinfo=dt.UTC), "DELIVRD"),
        Receipt("m_2", ReceiptOutcome.UNDELIVERABLE),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "[]",
        "[" * 100_000,
        "null",
        '{"reference": "m_1"}',
        '{"status": "delivered"}',
        '{"reference": 7, "status": "delivered"}',
        '{"reference": "m_1", "status": ["delivered"]}',
        '{"reference": "m_1", "status": "sent"}',
        '{"reference": "m_1", "status": "delivered", "at": "yesterday"}',
        '{"reference": "m_1", "status": "delivered", "at": "2025-08-01T12:00:00"}',
        '{"reference": "m_1", "status": "delivered", "at": "0001-01-01T00:00:00+08:00"}',
        '{"reference": "m_\\u0000", "status": "delivered"}',
        '{"reference": "m_\\ud800", "status": "delivered"}',
        f'{{"reference": "{"m" * 81}", "status": "delivered"}}',
    ],
)
def test_a_line_that_is_no_receipt_is_named(line: str) -> None:
    """S5: whatever stands there, it is refused with its line, and nothing of the file counts."""
    good = '{"reference": "m_1", "status": "delivered"}'
    if not line:
        assert len(list(parse_receipts([good, line], "r"))) == 1
        return

    with pytest.raises(DeliveryError, match=r"r:2: error\[D223\]"):
        parse_receipts([good, line], "r")


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "r").write_bytes(b"\xff\xfe")

    with pytest.raises(DeliveryError, match="D223"):
        read_receipts(tmp_path / "r")
