"""ISO 20022 camt.053 (BankToCustomerStatement): each payment of each entry as a line.

A debit is a payment that went out, a credit with a reason of return one that came back. The file is read as a stream;
document types and entities are refused, nothing is fetched.

Source: ISO 20022 message definition camt.053.001, versions 02 to 13; elements are called as there.
"""

import datetime as dt
import io
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import polars as pl
from lxml import etree

from core.findings import Finding
from core.money import FEN_PER_YUAN, yuan_plain
from delivery.banking.profile import Camt053
from delivery.banking.read import DIRECTION, Value, line_findings
from delivery.banking.refusals import Reading
from delivery.banking.statement_lines import STATEMENT_LINES, UNREADABLE
from delivery.codes import DeliveryCode

_NAMESPACE = re.compile(r"\{(urn:iso:std:iso:20022:tech:xsd:camt\.053\.001\.\d\d)\}Document")
_LINES_MAX = 3_000_000
_NO_REFERENCE = frozenset({"", "NOTPROVIDED"})
_OPENING, _CLOSING = ("OPBD", "PRCD"), ("CLBD",)
_AMOUNT = re.compile(r"[0-9]{1,13}(\.[0-9]{1,5})?")  # ActiveCurrencyAndAmount, within what a BIGINT of fen holds

Leaves = Mapping[str, str]
"""The texts of an element's leaves by their paths, such as `Refs/EndToEndId`; currencies under `…@Ccy`."""


def read_camt053(
    data: bytes, form: Camt053, place: str
) -> tuple[Mapping[str, Value], pl.DataFrame, tuple[Finding, ...]]:
    """Return head, lines and findings of a statement.

    Shape: `STATEMENT_LINES`; `line` is the payment's place in the file, from 1.
    Fails: `DeliveryError` where it is no camt.053, is cut short, holds a document type, or is too large.
    """
    reading = Reading(place)
    reading.refuse_bytes(len(data))
    try:
        gathered = _Gathered(form, reading)
        for name, element in _elements(data, reading):
            gathered.take(name, element)
    except etree.XMLSyntaxError as fault:
        raise reading.refused("the XML is damaged or incomplete", fault.lineno or None) from None
    lines = pl.DataFrame(gathered.rows, schema=STATEMENT_LINES, orient="row")
    return gathered.head, lines, (*line_findings(lines, reading), *gathered.findings)


def _elements(data: bytes, reading: Reading) -> Iterator[tuple[str, Any]]:
    """Give what a statement consists of, each once it is read whole; entries are forgotten afterwards.

    Fails: XMLSyntaxError, and `DeliveryError` where it is another document.
    """
    _, root = next(iter(_parser(data, ("start",), None)))
    if root.getroottree().docinfo.internalDTD is not None:
        raise reading.forbidden("the XML has a document type, in which entities can be declared")
    found = _NAMESPACE.fullmatch(root.tag)
    if found is None:
        raise reading.refused("the document is no camt.053")
    prefix = f"{{{found[1]}}}"
    names = ("GrpHdr", "Stmt", "Bal", "TxsSummry", "Ntry")
    for _, element in _parser(data, ("end",), [f"{prefix}{name}" for name in names]):
        name = element.tag[len(prefix) :]
        yield name, element
        if name == "Ntry":
            element.clear()
            before = element.getprevious()
            if before is not None and before.tag == element.tag:
                element.getparent().remove(before)


def _parser(data: bytes, events: tuple[str, ...], tags: list[str] | None) -> Any:  # noqa: ANN401  # lxml ships no types
    return etree.iterparse(
        io.BytesIO(data),
        events=events,
        tag=tags,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
    )


def _leaves(element: Any, *, without: str = "") -> dict[str, str]:  # noqa: ANN401  # lxml ships no types
    """Return the leaves of an element, the first of each path; comments are none."""
    told: dict[str, str] = {}
    _walk(element, "", without, told)
    return told


def _walk(element: Any, above: str, without: str, told: dict[str, str]) -> None:  # noqa: ANN401  # lxml ships no types
    for child in element:
        tag = child.tag
        if not isinstance(tag, str):
            continue
        name = tag[tag.index("}") + 1 :]
        if name == without:
            continue
        path = above + name
        if len(child):
            _walk(child, f"{path}/", without, told)
        else:
            told.setdefault(path, (child.text or "").strip())
        if name == "Amt" and (currency := child.get("Ccy")):
            told.setdefault(f"{path}@Ccy", currency)


class _Gathered:
    """What one statement comes to while its elements go by."""

    def __init__(self, form: Camt053, reading: Reading) -> None:
        self.form, self.reading = form, reading
        self.head: dict[str, Value] = {}
        self.rows: list[tuple[Any, ...]] = []
        self.findings: list[Finding] = []
        self._forget()

    def _forget(self) -> None:
        """Begin the next of several statements in one document."""
        self.booked = {"DBIT": 0, "CRDT": 0}  # fen
        self.counted = {"DBIT": 0, "CRDT": 0}
        self.balances: dict[str, int | None] = {}
        self.summary: Leaves = {}

    def take(self, name: str, element: Any) -> None:  # noqa: ANN401  # lxml ships no types
        """Take in one element."""
        match name:
            case "Ntry":
                self._entry(element)
            case "Bal":
                self._balance(_leaves(element))
            case "TxsSummry":
                self.summary = _leaves(element)
            case "Stmt":
                own = _leaves(element, without="Ntry")
                self.head.setdefault("statement_id", own.get("Id"))
                self._compare()
                self._forget()
            case _:
                self.head.setdefault("message_id", _leaves(element).get("MsgId"))

    def _balance(self, told: Leaves) -> None:
        kind = told.get("Tp/CdOrPrtry/Cd", "")
        fen = self._fen(told, "Amt")
        sign = -1 if told.get("CdtDbtInd") == "DBIT" else 1
        self.balances[kind] = None if fen is None else sign * fen
        if kind in _CLOSING:
            self.head["booked_on"] = _day(told.get("Dt/Dt") or told.get("Dt/DtTm"))

    def _entry(self, element: Any) -> None:  # noqa: ANN401  # lxml ships no types
        entry = _leaves(element, without="NtryDtls")
        direction, fen = entry.get("CdtDbtInd", ""), self._fen(entry, "Amt")
        if direction in self.booked:
            self.counted[direction] += 1
            if _status(entry) == "BOOK":
                self.booked[direction] += fen or 0
        payments = [_leaves(each) for each in element.iterfind("{*}NtryDtls/{*}TxDtls")] or [{}]
        first = len(self.rows) + 1
        self.reading.refuse_lines(first + len(payments) - 1, _LINES_MAX)
        for payment in payments:
            self.rows.append(self._row(entry, payment, is_alone=len(payments) == 1))
        parts = [row[_AMOUNT_AT] for row in self.rows[first - 1 :]]
        if None not in parts and fen is not None and sum(parts) != fen:
            self._differs("the payments of an entry", yuan_plain(fen), yuan_plain(sum(parts)), line=first)

    def _row(self, entry: Leaves, payment: Leaves, *, is_alone: bool) -> tuple[Any, ...]:
        """Return a line of `STATEMENT_LINES`."""
        amount = next((path for path in ("Amt", "AmtDtls/TxAmt/Amt") if path in payment), None)
        fen = self._fen(payment, amount) if amount else self._fen(entry, "Amt") if is_alone else None
        reference = payment.get("Refs/EndToEndId", "")
        code = payment.get("RtrInf/Rsn/Cd") or payment.get("RtrInf/Rsn/Prtry")
        direction = payment.get("CdtDbtInd") or entry.get("CdtDbtInd")
        outcome = self._outcome(_status(entry), direction, code, is_reversal=entry.get("RvslInd") in {"true", "1"})
        result = self.form.results.get(code or "")
        booked = entry.get("BookgDt/Dt") or entry.get("BookgDt/DtTm")
        fault = (
            "reference"
            if reference in _NO_REFERENCE
            else "amount"
            if fen is None
            else "booked_on"
            if booked and _day(booked) is None
            else outcome
            if outcome in {DIRECTION, "result"}
            else None
        )
        return (
            len(self.rows) + 1,
            reference,
            _first(
                payment, [f"RltdPties/{who}Acct/Id/{form}" for who in ("Cdtr", "Dbtr") for form in ("Othr/Id", "IBAN")]
            ),
            _first(payment, [f"RltdPties/{who}/{form}" for who in ("Cdtr", "Dbtr") for form in ("Pty/Nm", "Nm")]),
            fen,
            UNREADABLE if fault else outcome,
            code,
            payment.get("RtrInf/AddtlInf") or (result.reason if result else None),
            _day(booked),
            fault,
        )

    def _outcome(self, status: str, direction: str | None, code: str | None, *, is_reversal: bool) -> str:
        """Return what became of a payment, or why that cannot be said."""
        if status == "PDNG":
            return "pending"
        if status != "BOOK":
            return "result"
        if direction == "DBIT" and not is_reversal:
            return "paid"
        is_return = direction == "CRDT" and (code is not None or is_reversal)
        return "returned" if is_return else DIRECTION

    def _fen(self, told: Leaves, path: str) -> int | None:
        """Return an amount in fen, None where it is no whole one or of another currency."""
        text = told.get(path, "")
        if not _AMOUNT.fullmatch(text) or told.get(f"{path}@Ccy") != self.form.currency:
            return None
        fen = Decimal(text) * FEN_PER_YUAN
        return int(fen) if fen == fen.to_integral_value() else None

    def _compare(self) -> None:
        """Compare balances and the summary with the entries."""
        opening = next((self.balances[kind] for kind in _OPENING if kind in self.balances), None)
        closing = next((self.balances[kind] for kind in _CLOSING if kind in self.balances), None)
        if opening is not None and closing is not None:
            found = opening + self.booked["CRDT"] - self.booked["DBIT"]
            if found != closing:
                self._differs("the closing balance", yuan_plain(closing), yuan_plain(found))
        counts = {"TtlNtries": sum(self.counted.values()), "TtlDbtNtries": self.counted["DBIT"]}
        counts["TtlCdtNtries"] = self.counted["CRDT"]
        for name, count in counts.items():
            said = self.summary.get(f"{name}/NbOfNtries")
            if said is not None and said != str(count):
                self._differs(f"`{name}`", said, str(count))

    def _differs(self, what: str, said: str, found: str, line: int | None = None) -> None:
        message = f"expected `{said}` as {what}, found `{found}`"
        remedy = "the file was cut or changed: have the bank send it again"
        self.findings.append(self.reading.finding(DeliveryCode.STATEMENT_TOTALS, message, remedy, line=line))


_AMOUNT_AT = STATEMENT_LINES.names().index("amount_fen")


def _status(entry: Leaves) -> str:
    return entry.get("Sts/Cd") or entry.get("Sts", "")


def _first(told: Leaves, paths: list[str]) -> str | None:
    return next((told[path] for path in paths if told.get(path)), None)


def _day(text: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat((text or "")[:10])
    except ValueError:
        return None
