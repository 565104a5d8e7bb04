"""What a made-up bank writes: acknowledgements, return files and statements in the forms of a profile, their totals right."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import polars as pl

from core.findings import Place
from delivery.banking.layouts import Layout
from delivery.banking.profile import Camt053, PaymentProfile, ReturnLayout
from delivery.banking.words import ACKNOWLEDGEMENT, DTYPES, RETURNS, Vocabulary
from delivery.banking.written import Table, write_table
from engine.district.camt053 import Booking, write_camt053

REFUSED_FORM, REFUSED_TWICE, REFUSED_MONEY = "92", "93", "94"
"""Codes of refusals in the shipped profiles; in another profile its first refusal stands for them."""

_BANK = Place("bank")


class AnswerKind(StrEnum):
    """What a bank sends."""

    ACKNOWLEDGEMENT = "acknowledgement"
    RETURNS = "returns"
    STATEMENT = "statement"


@dataclass(frozen=True, slots=True)
class Answer:
    """One file of the bank's, and the day on which it comes."""

    kind: AnswerKind
    name: str
    on: dt.date
    data: bytes = field(repr=False)


def acknowledgement(
    profile: PaymentProfile, file_name: str, on: dt.date, refused: str | None, totals: Mapping[str, object]
) -> Answer | None:
    """Return what a bank says when it has a file; None where its profile knows no acknowledgement."""
    layout = profile.acknowledgement
    if layout is None:
        return None
    codes = [code for code, receipt in layout.results.items() if receipt.accepted is (refused is None)]
    code = refused if refused in codes else codes[0]
    row = {**totals, "file_name": file_name, "received_on": on, "result": code, "reason": layout.results[code].reason}
    lines = pl.DataFrame([row], schema=_schema(ACKNOWLEDGEMENT))
    data = write_table(Table(ACKNOWLEDGEMENT, pl.DataFrame([{"received_on": on}]), lines), layout, _BANK)
    return Answer(AnswerKind.ACKNOWLEDGEMENT, _name(file_name, "ack", on, layout), on, data)


def return_file(
    layout: ReturnLayout, lines: pl.DataFrame, *, batch_id: str, file_name: str, on: dt.date, what: str
) -> Answer:
    """Return what became of the lines of a payment file."""
    head = {"batch_id": batch_id, "file_name": file_name, "booked_on": on}
    data = _with_totals(layout, lines.select(*RETURNS.columns), head)
    return Answer(AnswerKind.RETURNS, _name(file_name, what, on, layout), on, data)


def statement(form: ReturnLayout | Camt053, entries: Sequence[Booking], on: dt.date, opening_fen: int) -> Answer:
    """Return the statement of an account for a day."""
    number = f"S{on:%Y%m%d}"
    if isinstance(form, Camt053):
        data = write_camt053(entries, statement_id=number, on=on, opening_fen=opening_fen, currency=form.currency)
        return Answer(AnswerKind.STATEMENT, f"{number}.xml", on, data)
    codes = {is_back: code_of(form, "returned" if is_back else "paid") for is_back in (False, True)}
    rows = [
        {
            "number": place,
            "reference": each.reference,
            "account": each.account,
            "name": each.name,
            "amount": each.amount_fen,
            "result": codes[each.code is not None],
            "booked_on": each.booked_on,
        }
        for place, each in enumerate(entries, 1)
    ]
    lines = pl.DataFrame(rows, schema=_schema(RETURNS))
    data = _with_totals(form, lines, {"statement_id": number, "booked_on": on})
    return Answer(AnswerKind.STATEMENT, f"{number}.{_suffix(form)}", on, data)


def code_of(form: ReturnLayout | Camt053, outcome: str) -> str:
    """Return the first code of a profile that means an outcome."""
    return next(code for code, result in form.results.items() if result.outcome == outcome)


def _with_totals(layout: ReturnLayout, lines: pl.DataFrame, head: Mapping[str, Any]) -> bytes:
    meanings = {code: result.outcome for code, result in layout.results.items()}
    outcomes = lines["result"].replace_strict(meanings, return_dtype=pl.String)
    sides = {
        "": lines,
        "paid_": lines.filter(outcomes == "paid"),
        "failed_": lines.filter(outcomes.is_in(["failed", "returned"])),
    }
    totals = {f"{side}count": part.height for side, part in sides.items()}
    totals |= {f"{side}total": int(part["amount"].sum()) for side, part in sides.items()}
    return write_table(Table(RETURNS, pl.DataFrame([{**head, **totals}]), lines), layout, _BANK)


def _name(file_name: str, what: str, on: dt.date, layout: Layout) -> str:
    return f"{file_name.rsplit('.', 1)[0]}-{what}-{on:%Y%m%d}.{_suffix(layout)}"


def _suffix(layout: Layout) -> str:
    return "txt" if layout.is_text else "xlsx"


def _schema(words: Vocabulary) -> dict[str, pl.DataType]:
    return {word: DTYPES[kind] for word, kind in words.columns.items()}
