"""电子监察: what waits and whose it is, what policies reached, what departments owe, what does not fit."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from core.remits import Remit
from engine.deployment import Deployment
from engine.desks import SUPERVISION
from engine.supervising.books import Fen, Sheet, render_sheets
from engine.supervising.concerns import worklist
from engine.supervising.debts import debts_of
from engine.supervising.limits import Standing
from engine.supervising.points import supervise
from engine.supervising.reach import reach_of
from engine.supervising.sheets import STANDINGS, concern_sheet, debt_sheet, point_sheets, reach_sheet
from pages.web.downloads import XLSX, attachment
from pages.web.routes import For, Route, page
from pages.web.visits import Visit, missing

PLACE: Final = "/console/supervision"
_TONES: Final = {STANDINGS[Standing.OVERDUE]: "bad", STANDINGS[Standing.NEAR]: "soon"}


@dataclass(frozen=True, slots=True)
class _List:
    title: str
    lead: str
    sheets: Callable[[Deployment, Remit], tuple[Sheet, ...]]


def _waiting(deployment: Deployment, remit: Remit) -> tuple[Sheet, ...]:
    return (concern_sheet(worklist(deployment, remit=remit)),)


def _reached(deployment: Deployment, remit: Remit) -> tuple[Sheet, ...]:
    return (reach_sheet(reach_of(deployment, remit=remit)),)


def _owed(deployment: Deployment, remit: Remit) -> tuple[Sheet, ...]:
    return (debt_sheet(debts_of(deployment, remit=remit)),)


def _compared(deployment: Deployment, remit: Remit) -> tuple[Sheet, ...]:
    return point_sheets(supervise(deployment, remit=remit))


LISTS: Final = {
    "waiting": _List("监察清单", "超期在前。每一项都有责任部门和期限。", _waiting),
    "policies": _List("事项成效", "每项政策：应享、已告知、已到账，用了多少天，花了多少钱。", _reached),
    "departments": _List("部门欠账", "各部门迟交的数据，以及因此待核的人数和金额。", _owed),
    "points": _List("双向核对", "应享未享与不应享而享；每一条是线索，须由人核实。", _compared),
}


def routes() -> list[Route]:
    """Return the routes."""
    return [
        page(PLACE, first, For.OFFICER, SUPERVISION),
        page(PLACE + "/{sheet}", shown, For.OFFICER, SUPERVISION),
        page(PLACE + "/{sheet}/workbook", workbook, For.OFFICER, SUPERVISION),
    ]


def first(visit: Visit) -> Response:
    """Lead to the first of the lists."""
    return visit.go(f"{PLACE}/{next(iter(LISTS))}")


def shown(visit: Visit) -> Response:
    """Show one of the lists."""
    name, chosen = _chosen(visit)
    sheets = chosen.sheets(visit.deployment, visit.remit)
    return visit.page(
        "console/lists.html", name=name, chosen=chosen, lists=LISTS, sheets=sheets, tones=_TONES, is_fen=_is_fen
    )


def workbook(visit: Visit) -> Response:
    """Give the same list as a workbook."""
    name, chosen = _chosen(visit)
    return attachment(f"{name}.xlsx", XLSX, render_sheets(chosen.sheets(visit.deployment, visit.remit)))


def _chosen(visit: Visit) -> tuple[str, _List]:
    name = visit.named("sheet")
    if name not in LISTS:
        raise missing()
    return name, LISTS[name]


def _is_fen(cell: object) -> bool:
    return isinstance(cell, Fen)
