"""Payout tables and profiles with complete, boring defaults; tests name only what matters to them."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import polars as pl

from core.findings import Place
from delivery.banking.profile import PaymentProfile, ReturnLayout
from delivery.banking.profiles import SHIPPED as FOLDER
from delivery.banking.profiles import read_profile, read_profiles
from delivery.banking.words import RETURNS
from delivery.banking.written import Table, write_table
from delivery.payout_table import PAYOUT_LINES, Control, PayoutTable

SHIPPED = read_profiles()
DAY = dt.date(2025, 8, 15)
PLACE = Place("file")


def payment(number: int = 1, **said: Any) -> dict[str, Any]:  # noqa: ANN401  # the columns of the frame
    """Return one line of a payout table."""
    usual: dict[str, Any] = {
        "number": number,
        "reference": f"RF45ABCDEFGHIJKLMNOP{number:02d}",
        "name": "张小三",
        "account": f"62220212345678{number:05d}",
        "bank": "中国工商银行青浦支行",
        "amount_fen": 15_000 + number,
        "period": "2025年7月",
        "summary": "重度残疾人护理补贴2025年7月",
        "item_id": f"i_{number}",
    }
    return usual | said


def table(*lines: Mapping[str, Any], funding: pl.DataFrame | None = None, **said: str) -> PayoutTable:
    """Return a payout table; without lines, of three."""
    frame = pl.DataFrame(lines or [payment(number) for number in (1, 2, 3)], schema=PAYOUT_LINES)
    usual = {"batch_id": "b_1", "policy": "nursing", "title": "重度残疾人护理补贴", "payer": "区残联"}
    total = int(frame["amount_fen"].sum())
    control = Control(**usual | said, pay_day=DAY, count=frame.height, total_fen=total, content_hash="c" * 64)
    return PayoutTable(control, frame, funding)


def changed(name: str, *changes: tuple[str, str]) -> PaymentProfile:
    """Return a shipped profile with parts of its text replaced."""
    text = (FOLDER / f"{name}.yaml").read_text("utf-8")
    for before, after in changes:
        assert before in text, before
        text = text.replace(before, after, 1)
    return read_profile(text, "changed.yaml")


def answer(number: int = 1, **said: Any) -> dict[str, Any]:  # noqa: ANN401  # the columns of the frame
    """Return one line of a bank's answer: paid, unless said otherwise."""
    paid = payment(number)
    usual = {"number": number, "amount": paid["amount_fen"], "result": "00", "reason": "", "booked_on": DAY}
    return {name: paid[name] for name in ("reference", "account", "name")} | usual | said


def answered(layout: ReturnLayout, *answers: Mapping[str, Any], **said: Any) -> bytes:  # noqa: ANN401  # words of the head
    """Return the bytes of a bank's answer, its totals right unless said otherwise."""
    schema = {
        word: pl.Int64 if kind in {"count", "amount"} else pl.Date if kind == "day" else pl.String
        for word, kind in RETURNS.columns.items()
    }
    lines = pl.DataFrame(list(answers), schema=schema)
    outcomes = {code: result.outcome for code, result in layout.results.items()}
    paid = lines.filter(pl.col("result").replace_strict(outcomes, default=None) == "paid")
    failed = lines.filter(pl.col("result").replace_strict(outcomes, default=None).is_in(["failed", "returned"]))
    usual: dict[str, Any] = {
        "batch_id": "b_1",
        "file_name": "file-001",
        "statement_id": "S1",
        "booked_on": DAY,
        "count": lines.height,
        "total": int(lines["amount"].sum()),
        "paid_count": paid.height,
        "paid_total": int(paid["amount"].sum()),
        "failed_count": failed.height,
        "failed_total": int(failed["amount"].sum()),
    }
    return write_table(Table(RETURNS, pl.DataFrame([usual | said]), lines), layout, PLACE)
