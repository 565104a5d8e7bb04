"""公示名单: a list for the public, as a page that opens offline and prints on A4, and as a workbook.

INVARIANT: nobody's name or number comes here but as `delivery.masked.Masked`; what stands in the other words is the rule's,
the day's, or an amount.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from core.money import yuan_text
from delivery.masked import PublicPerson
from delivery.period_words import day_words
from delivery.printed_sheets import PrintedSheet, render_sheet

_HEADINGS = (("序号", 8), ("姓名（名称）", 24), ("号码", 26), ("标准（元）", 16))
_STYLE = (
    "body{font-family:system-ui,'Noto Sans SC',sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#16202a}"
    "table{border-collapse:collapse;width:100%}th,td{border:1px solid #c9d2db;padding:.35rem .6rem;text-align:left}"
    "th{background:#e7eef5}td:nth-child(1),td:nth-child(4){text-align:right}caption{text-align:left;padding:.5rem 0}"
    "@media print{body{margin:0;max-width:none}tr{break-inside:avoid}}"
)


@dataclass(frozen=True, slots=True)
class PublicListLine:
    """One line; an amount that is not known yet is None."""

    who: PublicPerson
    amount_fen: int | None


@dataclass(frozen=True, slots=True)
class PublicListPage:
    """What a public list says: of which policy, by whom, on which days, and where one objects."""

    list_id: str
    title: str
    owner: str
    contact: str
    basis: Sequence[str]
    opened_on: dt.date
    through: dt.date
    working_days: int
    lines: Sequence[PublicListLine]

    @property
    def words(self) -> tuple[str, ...]:
        """Return the sentences above the list."""
        days = f"公示期 {day_words(self.opened_on)}至{day_words(self.through)}，共{self.working_days}个工作日。"
        basis = f"依据：{'；'.join(self.basis)}。" if self.basis else ""
        how = (
            f"对名单有异议的，请在公示期内向{self.contact}实名提出，写明姓名、联系方式和事实理由；"
            "单位提出的须加盖公章。匿名的不予受理，因为无法向提出人核实并答复。提出人的身份予以保密。"
        )
        return tuple(each for each in (days, basis, how, "本名单的姓名和号码已作遮掩处理。") if each)


def render_html(page: PublicListPage) -> bytes:
    """Return the page; it loads nothing from anywhere."""
    head = "".join(f"<th scope=col>{escape(name)}</th>" for name, _ in _HEADINGS)
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in _cells(number, line)) + "</tr>\n"
        for number, line in enumerate(page.lines, start=1)
    )
    words = "".join(f"<p>{escape(each)}</p>\n" for each in page.words)
    title = escape(f"{page.title}公示名单")
    text = (
        f'<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8"><meta name="robots" content="noindex">'
        f"<title>{title}</title><style>{_STYLE}</style></head>\n<body><h1>{title}</h1>\n{words}"
        f"<table><caption>{escape(page.list_id)} · 共{len(page.lines)}行</caption><thead><tr>{head}</tr></thead><tbody>\n"
        f"{rows}</tbody></table>\n<p>{escape(page.owner)}<br>{day_words(page.opened_on)}</p></body></html>\n"
    )
    return text.encode()


def render_workbook(page: PublicListPage) -> bytes:
    """Return the list as a workbook to print and to post."""
    rows = [_cells(number, line) for number, line in enumerate(page.lines, start=1)]
    title = "公示名单"
    below = [page.owner, day_words(page.opened_on), page.list_id]
    return render_sheet(PrintedSheet(title, [page.title, *page.words], _HEADINGS, rows, below))


def _cells(number: int, line: PublicListLine) -> list[str]:
    amount = "待核" if line.amount_fen is None else yuan_text(line.amount_fen)
    return [str(number), str(line.who.name), str(line.who.number), amount]
