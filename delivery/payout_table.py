"""What a payout file says, before it has a form: control totals, then one line per item.

A table is a function of its batch and the payees frozen with it, and of nothing else: rebuilt on any
machine and any day, it is the same.
"""

import datetime as dt
from dataclasses import dataclass, field

import polars as pl

from core.errors import DeliveryError
from core.ledger import ItemKind
from delivery.batches import Batch
from delivery.codes import DeliveryCode
from delivery.payees import only_account
from delivery.period_words import period_words
from store.batches import content_hash

_KIND_WORDS = {ItemKind.REGULAR: "", ItemKind.ARREARS: "补发", ItemKind.TOP_UP: "补差"}

PAYOUT_LINES = pl.Schema(
    {
        "number": pl.Int64(),  # from 1
        "reference": pl.String(),
        "name": pl.String(),
        "account": pl.String(),
        "bank": pl.String(),
        "amount_fen": pl.Int64(),
        "period": pl.String(),  # in words
        "summary": pl.String(),
        "item_id": pl.String(),
    }
)
"""Payments as the bank carries them out, one row each."""


FUNDING_PARTS = pl.Schema(
    {
        "reference": pl.String(),
        "funding_line": pl.String(),  # whose money: 中央, 省级, 区级
        "account_code": pl.String(),  # 支出功能分类科目
        "amount_fen": pl.Int64(),
    }
)
"""How funding lines share in each payment; the parts of a payment add up to it."""


@dataclass(frozen=True, slots=True)
class Control:
    """The head of a payout file."""

    batch_id: str
    policy: str
    title: str
    payer: str
    pay_day: dt.date
    count: int
    total_fen: int
    content_hash: str


@dataclass(frozen=True, slots=True, eq=False)
class PayoutTable:
    """A whole payout file; `lines` is a `PAYOUT_LINES` frame and names people.

    `funding` is a `FUNDING_PARTS` frame, None where the rule declares no funding lines.
    """

    control: Control
    lines: pl.DataFrame = field(repr=False)
    funding: pl.DataFrame | None = field(default=None, repr=False)


def payout_table(batch: Batch, payees: pl.DataFrame) -> PayoutTable:
    """Return what a batch's file says.

    Shape: `RECEIVERS`, of everybody in it.
    Fails: `DeliveryError` where lines or payees are not those that were frozen.
    """
    known = payees.select("subject_id", "digest", "name", account=only_account("number"), bank=only_account("bank"))
    _verify(batch, known)
    control = Control(
        batch_id=batch.batch_id,
        policy=batch.policy,
        title=batch.title,
        payer=batch.payer,
        pay_day=batch.pay_day,
        count=batch.count,
        total_fen=batch.total_fen,
        content_hash=batch.content_hash,
    )
    titled = batch.lines.with_columns(title=pl.lit(batch.title))
    lines = (
        with_words(titled)
        .join(known, on="subject_id", how="left", validate="m:1", maintain_order="left")
        .with_row_index("number", offset=1)
    )
    return PayoutTable(control, lines.select(PAYOUT_LINES.names()).cast(PAYOUT_LINES), batch.funding)


def with_words(lines: pl.DataFrame) -> pl.DataFrame:
    """Return payments with their period in words, and what they are for: 重度残疾人护理补贴2025年6月补发.

    Shape: `lines` has `title`, `period` and `kind`; the same rows out.
    Adds:  `summary`.
    """
    periods = {period: period_words(period) for period in lines["period"].unique().sort()}
    kinds = {str(kind): words for kind, words in _KIND_WORDS.items()}
    kind = pl.col("kind").cast(pl.String).replace_strict(kinds, return_dtype=pl.String)
    return lines.with_columns(period=pl.col("period").replace_strict(periods, return_dtype=pl.String)).with_columns(
        summary=pl.col("title") + pl.col("period") + kind
    )


def _verify(batch: Batch, known: pl.DataFrame) -> None:
    frozen = batch.lines.join(known, on="subject_id", how="left", validate="m:1")
    moved = frozen.filter(pl.col("digest").ne_missing(pl.col("payee_digest"))).height
    if content_hash(batch.lines) != batch.content_hash:
        message = "the lines are not those of the content hash"
    elif moved:
        message = f"the name or account in {moved} of {batch.count} lines is not the one that was frozen"
    else:
        return
    remedy = "cancel the batch and let it be collected anew"
    raise DeliveryError.one(DeliveryCode.CONTENT_CHANGED, f"batch {batch.batch_id}", message, remedy)
