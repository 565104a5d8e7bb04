"""自愿放弃登记: who gave up what, when and before whom, without names; each waiver can be taken back."""

from typing import Final

from starlette.responses import Response

from engine.desks import LISTS
from engine.lanes.acting import MAY_RECORD
from engine.lanes.waiver_register import write_register
from engine.lanes.waivers import Waiving, register, revoke, waive
from engine.overpayments.views import titles_told
from pages.web.console.deeds import REASON, Ask, Asks, Deed, deed_routes, given_day, open_deeds
from pages.web.downloads import XLSX, sent_file
from pages.web.routes import For, Route, deed, page
from pages.web.visits import Visit

PLACE: Final = "/console/waivers"


def routes() -> list[Route]:
    """Return the routes."""
    return [
        page(PLACE, listed, For.OFFICER, LISTS),
        deed(PLACE + "/workbook", workbook, For.OFFICER, LISTS, is_sensitive=True),
        *deed_routes(PLACE, DEEDS),
    ]


def listed(visit: Visit) -> Response:
    """Show every waiver there ever was, the newest first; no identity is opened."""
    with visit.deployment.store.reading() as rx:
        found, titles = register(rx, remit=visit.remit), titles_told(rx, remit=visit.remit)
    return visit.page(
        "console/waivers.html",
        waivers=found[::-1],
        standing=sum(each.stands for each in found),
        titles=titles,
        deeds=open_deeds(visit, DEEDS, None),
        done=visit.asked("done"),
    )


def workbook(visit: Visit) -> Response:
    """Give the register to print, with names; the opening is recorded."""
    return sent_file(
        "waivers.xlsx", XLSX, lambda path: write_register(visit.deployment, path, by=visit.by, remit=visit.remit)
    )


def add(visit: Visit) -> Response:
    """Record that a subject gives a benefit up from the next month on."""
    waive(visit.deployment, visit.given("policy"), visit.given("subject"), _how(visit))
    return visit.say(PLACE, "已登记自愿放弃，自下月起不再发放；已告知本人，可以随时撤回")


def take_back(visit: Visit) -> Response:
    """Record that a subject takes its waiver back."""
    revoke(visit.deployment, visit.given("policy"), visit.given("subject"), _how(visit))
    return visit.say(PLACE, "已登记撤回，自本月起恢复")


_ABOUT: Final = (
    Ask("policy", "事项编码", longest=100),
    Ask("subject", "对象编号、证件号码或认定编号", longest=100),
)
_SIGNED: Final = (
    Ask("on", "签署的日子（不填即今天）", Asks.DAY, is_needed=False),
    Ask("signed_by", "代签人（本人签署的不填，密封）", is_needed=False, longest=100),
    Ask("witness", "见证的经办人", is_needed=False, longest=100),
)
DEEDS: Final[tuple[Deed[None], ...]] = (
    Deed("add", "登记自愿放弃", MAY_RECORD, add, asks=(*_ABOUT, REASON, *_SIGNED), note="只登记本人的意愿，不得要求放弃。"),
    Deed(
        "revoke", "登记撤回", MAY_RECORD, take_back,
        asks=(*_ABOUT, Ask("reason", "理由（可不填）", is_needed=False), *_SIGNED),
    ),
)  # fmt: skip


def _how(visit: Visit) -> Waiving:
    return Waiving(
        visit.by,
        visit.given("reason") or None,
        visit.given("witness") or None,
        visit.given("signed_by") or None,
        given_day(visit, "on"),
    )
