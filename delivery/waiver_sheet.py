"""The waiver register on paper: one line for each waiver, with who gave it, why, before whom, and whether it still stands."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from delivery.identities import Identity
from delivery.printed_sheets import PrintedSheet, render_sheet

_HEADINGS = (
    ("序号", 6), ("事项", 26), ("姓名（名称）", 16), ("号码", 22), ("放弃日", 12), ("自何时起", 12), ("理由", 30),
    ("本人或者代为签字人", 20), ("经办人", 14), ("见证人", 14), ("撤回日", 12), ("撤回经办人", 14), ("状态", 8), ("签字", 16),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class WaiverLine:
    """One line; `is_assisted`: a clerk recorded it for the subject (帮办代办)."""

    title: str
    who: Identity
    waived_on: dt.date
    waived_from: dt.date
    reason: str
    by: str
    is_assisted: bool
    witness: str = ""
    signed_by: str = field(default="", repr=False)
    revoked_on: dt.date | None = None
    revoked_by: str = ""


def render_register(lines: Sequence[WaiverLine], *, on: dt.date, by: str) -> bytes:
    """Return the register as a workbook that prints on A4, for the files of the department."""
    standing = sum(line.revoked_on is None for line in lines)
    above = [
        f"打印日期 {on}　打印人 {by}　共 {len(lines)} 条，其中有效 {standing} 条",
        "本表有姓名，只供存档，不得公示。",
    ]
    rows = [_cells(number, line) for number, line in enumerate(lines, start=1)]
    return render_sheet(PrintedSheet("自愿放弃登记", above, _HEADINGS, rows, below=["负责人签字：", "日期："]))


def _cells(number: int, line: WaiverLine) -> list[str]:
    return [
        str(number),
        line.title,
        line.who.name,
        line.who.masked_number,
        str(line.waived_on),
        str(line.waived_from),
        line.reason,
        line.signed_by or "本人",
        f"{line.by}（帮办代办）" if line.is_assisted else line.by,
        line.witness,
        str(line.revoked_on or ""),
        line.revoked_by,
        "有效" if line.revoked_on is None else "已撤回",
        "",
    ]
