"""The desk's menu: its parts in a row, and under the part that somebody is in, its pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pages.web.console import (
    audit,
    bank_files,
    batches,
    budget,
    cases,
    data,
    errands,
    grievances,
    lists,
    nights,
    notices,
    policies,
    publicity,
    roles,
    supervision,
    suspicions,
    waivers,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A place of the menu; a part leads to the first of its pages."""

    place: str
    label: str
    is_here: bool = False


PARTS: Final[tuple[tuple[str, tuple[Entry, ...]], ...]] = (
    ("待办", (Entry("/console", "待办"),)),
    ("政策事项", (Entry(policies.PLACE, "政策事项"),)),
    (
        "资金发放",
        (
            Entry(batches.PLACE, "发放批次"),
            Entry(bank_files.PLACE, "银行回单"),
            Entry(cases.PLACE, "追回案件"),
            Entry(suspicions.PLACE, "发放疑点"),
            Entry(budget.PLACE, "资金指标"),
        ),
    ),
    (
        "名单公示",
        (Entry(lists.PLACE, "名单确认"), Entry(publicity.PLACE, "公示"), Entry(waivers.PLACE, "自愿放弃")),
    ),
    ("异议投诉", (Entry(grievances.PLACE, "异议与投诉"),)),
    (
        "夜间与数据",
        (
            Entry(nights.PLACE, "夜间作业"),
            Entry(notices.PLACE, "告知"),
            Entry(data.PLACE, "数据健康"),
            Entry(errands.PLACE, "后台作业"),
        ),
    ),
    (
        "监察审计",
        (Entry(supervision.PLACE, "电子监察"), Entry(audit.PLACE, "审计查询"), Entry(roles.PLACE, "岗位权限")),
    ),
)
"""The console's parts, in the order of its menu."""


def menu_at(path: str) -> tuple[Sequence[Entry], Sequence[Entry]]:
    """Return the parts, and the pages of the part that an address belongs to; those that it belongs to are marked."""
    rows = [(label, [_marked(each, path) for each in pages]) for label, pages in PARTS]
    parts = [Entry(pages[0].place, label, any(each.is_here for each in pages)) for label, pages in rows]
    own = next((pages for _, pages in rows if any(each.is_here for each in pages)), [])
    return parts, own if len(own) > 1 else []


def _marked(entry: Entry, path: str) -> Entry:
    return Entry(
        entry.place,
        entry.label,
        path == entry.place or (path.startswith(f"{entry.place}/") and entry.place != "/console"),
    )
