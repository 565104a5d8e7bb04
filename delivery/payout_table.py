"""What a payout file says, before it has a form: control totals, then one line per item.

A table is a function of its batch and the payees frozen with it, and of nothing else: rebuilt on any
machine and any day, it is the same.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from core.errors import DeliveryError
from core.ledger import ItemKind
from delivery.batches import Batch, BatchLine, content_hash
from delivery.codes import DeliveryCode
from delivery.payees import Payee, only_account
from delivery.period_words import period_words

_KIND_WORDS = {ItemKind.REGULAR: "", ItemKind.ARREARS: "补发", ItemKind.TOP_UP: "补差"}


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


@dataclass(frozen=True, slots=True)
class PayoutLine:
    """One payment, as the bank carries it out."""

    number: int
    reference: str
    name: str = field(repr=False)
    account: str = field(repr=False)
    bank: str = field(repr=False)
    amount_fen: int
    period: str
    summary: str
    item_id: str


@dataclass(frozen=True, slots=True)
class PayoutTable:
    """A whole payout file."""

    control: Control
    lines: tuple[PayoutLine, ...]


def payout_table(batch: Batch, payees: Mapping[str, Payee]) -> PayoutTable:
    """Return what a batch's file says.

    Fails: `DeliveryError` where lines or payees are not those that were frozen.
    """
    _verify(batch, payees)
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
    lines = (_line(number, line, batch.title, payees) for number, line in enumerate(batch.lines, start=1))
    return PayoutTable(control, tuple(lines))


def _verify(batch: Batch, payees: Mapping[str, Payee]) -> None:
    moved = sum(
        (payee := payees.get(line.subject_id)) is None or payee.digest != line.payee_digest for line in batch.lines
    )
    if content_hash(batch.lines) != batch.content_hash:
        message = "the lines are not those of the content hash"
    elif moved:
        message = f"the name or account in {moved} of {batch.count} lines is not the one that was frozen"
    else:
        return
    remedy = "cancel the batch and let it be collected anew"
    raise DeliveryError.one(DeliveryCode.CONTENT_CHANGED, f"batch {batch.batch_id}", message, remedy)


def _line(number: int, line: BatchLine, title: str, payees: Mapping[str, Payee]) -> PayoutLine:
    payee = payees[line.subject_id]
    account = only_account(payee)
    period = period_words(line.period)
    return PayoutLine(
        number=number,
        reference=line.reference,
        name=payee.name,
        account=account.number,
        bank=account.bank,
        amount_fen=line.amount_fen,
        period=period,
        summary=f"{title}{period}{_KIND_WORDS[line.kind]}",
        item_id=line.item_id,
    )
