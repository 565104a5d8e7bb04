"""Payment advice (付款通知书, 入账通知书): what an accountant needs to book a payment, as plain text and as a workbook.

One for a whole batch, which names nobody; one for a receiver over its payments. Nothing is worked out here that was not
declared: where nobody said how a payment is taxed, that is what the advice says.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from unicodedata import east_asian_width

import polars as pl

from core.money import yuan_plain, yuan_text
from delivery.banking.sheets import Sheet, workbook
from delivery.batches import Batch
from delivery.capital_amounts import yuan_capital
from delivery.masks import mask_account
from delivery.payees import Payee
from delivery.payout_table import with_words

ADVISED = pl.Schema(
    {
        "policy": pl.String(),
        "payer": pl.String(),
        "pay_day": pl.Date(),
        "period": pl.String(),  # in words
        "summary": pl.String(),
        "reference": pl.String(),
        "amount_fen": pl.Int64(),
        "booked_on": pl.Date(),  # null until the bank has said that it arrived
    }
)
"""Payments to one receiver, one row each."""

_BATCH_HEADINGS = ("所属期", "摘要", "笔数", "金额（元）")
_RECEIVER_HEADINGS = ("所属期", "摘要", "付款单位", "业务参考号", "发放日", "入账日期", "金额（元）")
_NOT_BOOKED = "待银行确认"
_TAX_UNSAID = "付款单位未作说明，请按税务规定办理"
_BASIS_UNSAID = "见政策事项"
_GAP = "  "


@dataclass(frozen=True, slots=True)
class Grounds:
    """On what a policy's payments rest: its documents, who answers for it, and how it is taxed where somebody said so."""

    title: str
    basis: tuple[str, ...] = ()
    owner: str = ""
    contact: str | None = None
    tax: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Advice:
    """One advice: facts and notes as label and text; `lines` are texts, the last column yuan."""

    title: str
    facts: tuple[tuple[str, str], ...]
    headings: tuple[str, ...]
    lines: pl.DataFrame = field(repr=False)
    total_fen: int
    notes: tuple[tuple[str, str], ...]


def advice_of_batch(batch: Batch, grounds: Grounds) -> Advice:
    """Return the advice for a batch: its sums by period and purpose, and nobody's name."""
    worded = with_words(batch.lines.with_columns(title=pl.lit(batch.title)))
    sums = worded.group_by("period", "summary", maintain_order=True).agg(
        count=pl.len().cast(pl.String), amount_fen=pl.col("amount_fen").sum()
    )
    facts = (
        ("批次号", batch.batch_id),
        ("政策事项", batch.title),
        ("付款单位", batch.payer),
        ("发放日", batch.pay_day.isoformat()),
        ("笔数", str(batch.count)),
        ("校验值", batch.content_hash),
    )
    lines = sums.with_columns(amount=_yuan(sums)).drop("amount_fen")
    return Advice("付款通知书", facts, _BATCH_HEADINGS, lines, batch.total_fen, tuple(_notes([grounds])))


def advice_for(
    payee: Payee,
    payments: pl.DataFrame,
    grounds: Mapping[str, Grounds],
    *,
    issued_on: dt.date,
    kept: Iterable[tuple[str, str]] = (),
) -> Advice:
    """Return the advice for one receiver over its payments; the account is shown by its last digits.

    `kept` are notes on what was kept back of payments, as label and text.

    Shape:   `ADVISED`, at least one row, in the order in which they are listed.
    Expects: grounds of every policy among them.
    """
    paid = payments.select(ADVISED.names()).cast(ADVISED)
    lines = paid.select(
        "period",
        "summary",
        "payer",
        "reference",
        pl.col("pay_day").dt.to_string("%Y-%m-%d"),
        pl.col("booked_on").dt.to_string("%Y-%m-%d").fill_null(_NOT_BOOKED),
        amount=_yuan(paid),
    )
    accounts = payee.accounts if len(payee.accounts) == 1 else ()  # of several, nobody knows here which was paid
    facts: tuple[tuple[str, str], ...] = (
        ("收款单位", payee.name),
        *(("收款账号", mask_account(each.number)) for each in accounts),
        *(("开户银行", each.bank) for each in accounts if each.bank),
        ("开具日期", issued_on.isoformat()),
        ("笔数", str(paid.height)),
    )
    booked = paid.filter(pl.col("booked_on").is_not_null())
    if booked.height < paid.height:
        facts += (("其中已入账（元）", yuan_text(int(booked["amount_fen"].sum()))),)
    policies = paid["policy"].unique(maintain_order=True)
    notes = (*kept, *_notes([grounds[policy] for policy in policies]))
    return Advice("入账通知书", facts, _RECEIVER_HEADINGS, lines, int(paid["amount_fen"].sum()), notes)


def render_text(advice: Advice) -> str:
    """Return an advice as plain text: it can be read in a mail and printed from any machine."""
    rows = [advice.headings, *advice.lines.rows()]
    widths = [max(_width(row[column]) for row in rows) for column in range(len(advice.headings))]
    lines = [advice.title, "", *_labelled(advice.facts), "", *(_columns(row, widths) for row in rows), ""]
    lines += _labelled(
        [("合计（元）", yuan_text(advice.total_fen)), ("大写", yuan_capital(advice.total_fen)), *advice.notes]
    )
    return "\n".join([*lines, ""])


def render_xlsx(advice: Advice) -> bytes:
    """Return an advice as a workbook, the same bytes on every machine."""
    facts = [[(label, False, True), (text, False, False)] for label, text in advice.facts]
    blank: list[tuple[str, bool, bool]] = []
    gap = [("", False, True)] * (len(advice.headings) - 2)
    total = [("合计", False, True), *gap, (yuan_plain(advice.total_fen), True, False)]
    words = [("大写", False, True), (yuan_capital(advice.total_fen), False, False)]
    notes = [[(label, False, True), (text, False, False)] for label, text in advice.notes]
    lines = advice.lines.rename(dict(zip(advice.lines.columns, map(str, range(advice.lines.width)), strict=True)))
    sheet = Sheet(
        name=advice.title,
        head=[[(advice.title, False, True)], *facts, blank],
        headings=advice.headings,
        lines=lines,
        numbers={str(lines.width - 1)},
        trailer=[total, words, *notes],
    )
    return workbook([sheet], title=advice.title)


def _notes(grounds: Sequence[Grounds]) -> Iterator[tuple[str, str]]:
    """Give basis, tax and who answers; of several policies each by its name."""
    for each in grounds:
        of = f"（{each.title}）" if len(grounds) > 1 else ""
        yield f"政策依据{of}", "；".join(each.basis) or _BASIS_UNSAID
        yield f"税务处理{of}", each.tax or _TAX_UNSAID
        if each.owner:
            yield f"主管部门{of}", f"{each.owner}，{each.contact}" if each.contact else each.owner


def _yuan(rows: pl.DataFrame) -> pl.Series:
    return pl.Series([yuan_plain(fen) for fen in rows["amount_fen"]], dtype=pl.String)


def _labelled(pairs: Iterable[tuple[str, str]]) -> list[str]:
    return [f"{label}：{text}" for label, text in pairs]


def _columns(cells: Sequence[str], widths: Sequence[int]) -> str:
    """Return a row whose columns stand below each other, amounts to the right."""
    *words, amount = [cell + " " * (width - _width(cell)) for cell, width in zip(cells, widths, strict=True)]
    return _GAP.join([*words, amount.strip().rjust(len(amount))]).rstrip()


def _width(text: str) -> int:
    """Return how wide a text stands: Chinese characters take two places."""
    return sum(2 if east_asian_width(each) in "WF" else 1 for each in text)
