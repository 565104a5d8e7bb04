"""名单确认: who waits for a department, confirmed as it was shown or struck line by line; names only for who opens them."""

from typing import Final

from starlette.responses import Response

from core.roles import Role
from engine.desks import LISTS
from engine.explaining.state_words import GRANT_WORDS
from engine.lanes.acting import MAY_RECORD
from engine.lanes.list_file import record_decisions, write_list
from engine.lanes.lists import WaitingList, confirm_list, restore, strike, waiting_list, waiting_lists, with_identities
from pages.web.console.deeds import REASON, REMARK, Ask, Deed, deed_routes, done, open_deeds
from pages.web.downloads import XLSX, sent_file
from pages.web.routes import For, Route, deed, page
from pages.web.uploads import kept_file
from pages.web.visits import Visit

PLACE: Final = "/console/lists"
SHOWN_MAX: Final = 200  # lines on a page; the workbook has all of them


def routes() -> list[Route]:
    """Return the routes."""
    return [
        page(PLACE, listed, For.OFFICER, LISTS),
        page(PLACE + "/{policy}", sheet, For.OFFICER, LISTS),
        deed(PLACE + "/{policy}/names", names, For.OFFICER, MAY_RECORD),
        deed(PLACE + "/{policy}/workbook", workbook, For.OFFICER, MAY_RECORD, is_sensitive=True),
        deed(PLACE + "/{policy}/decisions", take_decisions, For.OFFICER, {Role.APPROVER}),
        *deed_routes(PLACE + "/{policy}", (_CONFIRM, *DEEDS)),
    ]


def listed(visit: Visit) -> Response:
    """Show every list that waits; no identity is opened."""
    return visit.page("console/waiting_lists.html", lists=waiting_lists(visit.deployment, remit=visit.remit))


def sheet(visit: Visit) -> Response:
    """Show one list, without names."""
    return _shown(visit, _found(visit))


def names(visit: Visit) -> Response:
    """Show the same list with names and numbers masked; the opening is recorded."""
    return _shown(visit, with_identities(visit.deployment, _found(visit), by=visit.by), is_opened=True)


def workbook(visit: Visit) -> Response:
    """Give the list as a workbook to decide in, with names; the opening is recorded."""
    found = with_identities(visit.deployment, _found(visit), by=visit.by)
    return sent_file("list.xlsx", XLSX, lambda path: write_list(found, path))


def take_decisions(visit: Visit) -> Response:
    """Take the workbook back with a decision for each line that was looked at."""
    with kept_file(visit) as path:
        came = record_decisions(visit.deployment, visit.named("policy"), path, by=visit.by)
    said = "已确认 %(confirmed)s 行，剔除 %(struck)s 行，留待以后 %(open)s 行"
    return done(visit, said, confirmed=came.confirmed_count, struck=came.struck_count, open=came.open_count)


def confirm(visit: Visit) -> Response:
    """Confirm the list whose fingerprint stood on the page that was read."""
    policy, fingerprint = visit.named("policy"), visit.given("fingerprint")
    found = confirm_list(visit.deployment, policy, by=visit.by, fingerprint=fingerprint)
    return done(visit, "已确认 %(count)s 人", count=len(found.lines))


def strike_line(visit: Visit) -> Response:
    """Take one line off the list."""
    policy, whom = visit.named("policy"), visit.given("grant")
    grant = strike(visit.deployment, policy, whom, by=visit.by, reason=visit.given("reason"))
    return done(visit, "已剔除 %(grant)s", grant=grant.grant_id)


def restore_line(visit: Visit) -> Response:
    """Put back what was struck."""
    policy, whom, reason = visit.named("policy"), visit.given("grant"), visit.given("reason") or None
    grant = restore(visit.deployment, policy, whom, by=visit.by, reason=reason)
    return done(visit, "已恢复 %(grant)s，下一晚重新列入", grant=grant.grant_id)


_LINE: Final = Ask("grant", "认定编号（或对象编号、证件号码）", longest=100)

DEEDS: Final[tuple[Deed[WaitingList], ...]] = (
    Deed(
        "strike", "剔除一行", MAY_RECORD, strike_line, lambda found: bool(found.lines), (_LINE, REASON),
        "剔除后不再发放，直到部门恢复。",
    ),
    Deed("restore", "恢复已剔除的", MAY_RECORD, restore_line, lambda _: True, (_LINE, REMARK)),
)  # fmt: skip
_CONFIRM: Final[Deed[WaitingList]] = Deed(
    "confirm", "确认这一名单", {Role.APPROVER}, confirm, lambda found: bool(found.lines)
)


def _found(visit: Visit) -> WaitingList:
    with visit.deployment.store.reading() as rx:
        return waiting_list(rx, visit.deployment, visit.named("policy"))


def _shown(visit: Visit, found: WaitingList, *, is_opened: bool = False) -> Response:
    return visit.page(
        "console/waiting_list.html",
        found=found,
        shown=found.lines[:SHOWN_MAX],
        is_opened=is_opened,
        may_confirm=bool(open_deeds(visit, [_CONFIRM], found)),
        deeds=open_deeds(visit, DEEDS, found),
        words=visit.words.table(GRANT_WORDS),
        done=visit.asked("done"),
    )
