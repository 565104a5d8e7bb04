"""What a bank says became of payments: return files (回盘) and statements (对账单), line by line.

Whether a line fits what was instructed is not decided here.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import polars as pl

from core.findings import Finding, Place
from core.money import yuan_plain
from delivery.banking.camt053 import read_camt053
from delivery.banking.profile import Camt053, PaymentProfile, Result, ReturnLayout
from delivery.banking.read import Value, read_table
from delivery.banking.refusals import Reading
from delivery.banking.statement_lines import STATEMENT_LINES, UNREADABLE
from delivery.banking.words import RETURNS
from delivery.codes import DeliveryCode

_XML_BEGINS = (b"<", b"\xef\xbb\xbf<", b"\xff\xfe<", b"\xfe\xff\x00<")
_RESULT = "result"
_CODE = re.compile(r"[A-Za-z0-9]{1,8}")


class StatementKind(StrEnum):
    """What a file answers: what became of the payments of a file, or what was booked on the payer's account."""

    RETURNS = "returns"
    STATEMENT = "statement"


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """One file of a bank.

    `lines` is a `STATEMENT_LINES` frame and names people. `head` has what the file says of itself, by the words of its
    profile. `findings` say what does not add up: with an error among them the file is not whole.
    """

    kind: StatementKind
    profile: str
    place: str
    sha256: str
    head: Mapping[str, Value]
    lines: pl.DataFrame = field(repr=False)
    findings: tuple[Finding, ...]

    @property
    def is_whole(self) -> bool:
        """Say whether totals, end and every line can be relied on."""
        return not any(finding.is_error for finding in self.findings)


def read_statement(data: bytes, profile: PaymentProfile, place: str, *, kind: StatementKind | None = None) -> Statement:
    """Return what a bank's file says.

    Without a `kind`, XML is a statement, and anything else is a return file where the profile has one.

    Fails: `DeliveryError` where the file is not of the profile's form, holds what no statement does, or is too large.
    """
    chosen = kind or _kind_of(data, profile)
    form = profile.returns if chosen is StatementKind.RETURNS else profile.statement
    if form is None:
        message = f"the profile `{profile.name}` has no `{chosen.value}`"
        raise Reading(place).refused(message)
    head, lines, findings = _read(data, form, place)
    return Statement(
        kind=chosen,
        profile=profile.name,
        place=place,
        sha256=hashlib.sha256(data).hexdigest(),
        head=head,
        lines=lines.select(STATEMENT_LINES.names()).cast(STATEMENT_LINES),
        findings=findings,
    )


def _kind_of(data: bytes, profile: PaymentProfile) -> StatementKind:
    is_xml = isinstance(profile.statement, Camt053) and data.lstrip()[:4].startswith(_XML_BEGINS)
    return StatementKind.STATEMENT if is_xml or profile.returns is None else StatementKind.RETURNS


def _read(
    data: bytes, form: ReturnLayout | Camt053, place: str
) -> tuple[Mapping[str, Value], pl.DataFrame, tuple[Finding, ...]]:
    if isinstance(form, Camt053):
        return read_camt053(data, form, place)
    table = read_table(data, form, RETURNS, place)
    lines = _with_outcomes(_with_columns(table.lines), form.results)
    unknown = lines.filter(pl.col("fault") == _RESULT)
    findings = [*table.findings, *_unknown_codes(unknown, place), *_totals(table.frame, lines, place)]
    return table.frame, lines, tuple(findings)


def _with_columns(lines: pl.DataFrame) -> pl.DataFrame:
    """Add what a file does not say: null, which is not the same as empty."""
    renamed = lines.rename({"amount": "amount_fen"})
    missing = {"account": pl.String(), "name": pl.String(), "reason": pl.String(), "booked_on": pl.Date()}
    return renamed.with_columns(
        pl.lit(None, dtype=dtype).alias(name) for name, dtype in missing.items() if name not in renamed.columns
    )


def _with_outcomes(lines: pl.DataFrame, results: Mapping[str, Result]) -> pl.DataFrame:
    """Say what each line's result code means; one that the profile does not have means nothing."""
    codes = pl.col(_RESULT)
    outcomes = {code: result.outcome for code, result in results.items()}
    reasons = {code: result.reason for code, result in results.items()}
    is_unknown = codes.is_not_null() & codes.is_in(list(outcomes)).not_()
    fault = pl.coalesce("fault", pl.when(is_unknown).then(pl.lit(_RESULT)))
    own = pl.when(pl.col("reason") != "").then(pl.col("reason"))
    return lines.with_columns(fault=fault, reason_code=codes).with_columns(
        outcome=pl.when(pl.col("fault").is_not_null())
        .then(pl.lit(UNREADABLE))
        .otherwise(codes.replace_strict(outcomes, default=UNREADABLE, return_dtype=pl.String)),
        reason=pl.coalesce(own, codes.replace_strict(reasons, default=None, return_dtype=pl.String)),
    )


def _unknown_codes(lines: pl.DataFrame, place: str) -> Iterator[Finding]:
    known = lines.filter(pl.col(_RESULT).is_not_null() & (pl.col(_RESULT) != ""))
    for code, first, count in (
        known.group_by(_RESULT, maintain_order=True).agg(pl.col("line").first(), pl.len()).iter_rows()
    ):
        message = f"{'1 line has' if count == 1 else f'{count} lines have'} the result `{code}`, which the profile does not know"
        remedy = "ask the bank what it means, and add it to a new version of the profile"
        yield Finding(DeliveryCode.LINES_UNREADABLE, Place(place, first), message, remedy, count=count)


def _totals(frame: Mapping[str, Value], lines: pl.DataFrame, place: str) -> Iterator[Finding]:
    """Compare what head and trailer say with the lines; sums only where every amount could be read."""
    paid = lines.filter(pl.col("outcome") == "paid")
    failed = lines.filter(pl.col("outcome").is_in(["failed", "returned"]))
    is_readable = not lines["fault"].is_not_null().any()
    sides = (("", lines), *((("paid_", paid), ("failed_", failed)) if is_readable else ()))
    for prefix, side in sides:
        found: dict[str, int] = {f"{prefix}count": side.height}
        if is_readable:
            found[f"{prefix}total"] = int(side["amount_fen"].sum())
        for word, counted in found.items():
            said = frame.get(word)
            if word in frame and said != counted:
                yield _differs(word, said, counted, place)


def _differs(word: str, said: Value, counted: int, place: str) -> Finding:
    is_sum = word.endswith("total")
    shown = [yuan_plain(each) if is_sum and isinstance(each, int) else each for each in (said, counted)]
    message = f"expected `{shown[0]}` by the file's own `{word}`, found `{shown[1]}` in its lines"
    remedy = "the file was cut or changed: have the bank send it again"
    return Finding(DeliveryCode.STATEMENT_TOTALS, Place(place), message, remedy)
