"""The one layout that CSV and XLSX share, both ways: a payout table as rows of texts, and back.

批次号 | b_… | 拨付单位 | … | …          labels and values; in XLSX over several rows
序号 | 业务参考号 | 收款人 | …           headings
1 | RF… | …                              one row per payment
合计 | | | | | 1234.50 | 3               the totals again: a file cut short shows
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation

import polars as pl

from core.errors import DeliveryError, MianshenError
from core.money import FEN_PER_YUAN, yuan_plain
from delivery.codes import DeliveryCode
from delivery.payout_table import PAYOUT_LINES, Control, PayoutTable

HEADINGS = ("序号", "业务参考号", "收款人", "收款账号", "开户银行", "金额（元）", "所属期", "摘要", "明细编号")
AMOUNT_AT = HEADINGS.index("金额（元）")
COUNT_AT = AMOUNT_AT + 1
TOTAL = "合计"
_LABELS = ("批次号", "政策编码", "政策名称", "拨付单位", "发放日", "笔数", "金额合计（元）", "校验值")


def control_pairs(control: Control) -> list[tuple[str, str]]:
    """Return the head as labels and values."""
    values = (
        control.batch_id,
        control.policy,
        control.title,
        control.payer,
        control.pay_day.isoformat(),
        str(control.count),
        yuan_plain(control.total_fen),
        control.content_hash,
    )
    return list(zip(_LABELS, values, strict=True))


def line_cells(lines: pl.DataFrame) -> pl.DataFrame:
    """Return payments as texts under the headings.

    Shape: `PAYOUT_LINES` in; the same rows, a String column for each heading, out.
    """
    yuan, rest = pl.col("amount_fen") // FEN_PER_YUAN, pl.col("amount_fen") % FEN_PER_YUAN
    amount = yuan.cast(pl.String) + "." + rest.cast(pl.String).str.zfill(2)  # payments are above zero
    columns = ("reference", "name", "account", "bank", "amount", "period", "summary", "item_id")
    cells = lines.with_columns(number=pl.col("number").cast(pl.String), amount=amount).select("number", *columns)
    return cells.rename(dict(zip(cells.columns, HEADINGS, strict=True)))


def total_cells(control: Control) -> tuple[str, ...]:
    """Return the closing row under the headings."""
    cells = [""] * len(HEADINGS)
    cells[0], cells[AMOUNT_AT], cells[COUNT_AT] = TOTAL, yuan_plain(control.total_fen), str(control.count)
    return tuple(cells)


def table_of(rows: Sequence[Sequence[str]], place: str) -> PayoutTable:
    """Return the payout table that rows of texts show, its totals verified.

    Fails: `DeliveryError` where the rows are not laid out as ours, or head, lines and closing differ.
    """
    starts = [index for index, row in enumerate(rows) if tuple(row[: len(HEADINGS)]) == HEADINGS]
    closes = [index for index, row in enumerate(rows) if row and row[0] == TOTAL]
    if not starts or not closes or closes[-1] < starts[0]:
        raise unreadable(place, "headings or totals are missing")
    start, close = starts[0], closes[-1]
    try:
        control = _control(rows[:start])
        read = [_payout_line(row) for row in rows[start + 1 : close]]
        lines = pl.DataFrame(read, schema=PAYOUT_LINES, orient="row")
        closing = (int(rows[close][COUNT_AT]), _fen(rows[close][AMOUNT_AT]))
    except (ValueError, KeyError, IndexError, InvalidOperation) as fault:
        raise unreadable(place, "a count, a day or an amount cannot be read") from fault
    counted = (lines.height, int(lines["amount_fen"].sum()))
    if not (control.count, control.total_fen) == closing == counted:
        raise _totals_differ(place, control, counted)
    return PayoutTable(control, lines)


def unreadable(place: str, what: str) -> MianshenError:
    """Return the error for a file that is not laid out as ours."""
    remedy = "take the file as it was written; do not save it anew from another program"
    return DeliveryError.one(DeliveryCode.FILE_UNREADABLE, place, f"not a payout file of ours: {what}", remedy)


def _control(rows: Sequence[Sequence[str]]) -> Control:
    found = dict(_pairs(rows))
    batch_id, policy, title, payer, pay_day, count, total, content_hash = (found[label] for label in _LABELS)
    return Control(
        batch_id=batch_id,
        policy=policy,
        title=title,
        payer=payer,
        pay_day=dt.date.fromisoformat(pay_day),
        count=int(count),
        total_fen=_fen(total),
        content_hash=content_hash,
    )


def _pairs(rows: Sequence[Sequence[str]]) -> Iterator[tuple[str, str]]:
    """Give labels with their values: in each row, what is not empty, two by two."""
    for row in rows:
        cells = [cell for cell in row if cell]
        yield from zip(cells[::2], cells[1::2], strict=False)


def _payout_line(row: Sequence[str]) -> tuple[object, ...]:
    """Return the values of one row of `PAYOUT_LINES`."""
    number, reference, name, account, bank, amount, period, summary, item_id = row[: len(HEADINGS)]
    return int(number), reference, name, account, bank, _fen(amount), period, summary, item_id


def _fen(yuan: str) -> int:
    fen = Decimal(yuan.replace(",", "")) * FEN_PER_YUAN
    if fen != fen.to_integral_value():
        raise InvalidOperation
    return int(fen)


def _totals_differ(place: str, control: Control, counted: tuple[int, int]) -> MianshenError:
    message = (
        f"expected {control.count} payments of `{yuan_plain(control.total_fen)}` yuan, "
        f"found {counted[0]} of `{yuan_plain(counted[1])}`"
    )
    return DeliveryError.one(DeliveryCode.TOTALS_DIFFER, place, message, "the file was cut or changed: write it anew")
