"""公示: lists that stand in public, objections to their lines, and what is decided on them."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from starlette.responses import Response

from core.roles import Role
from engine.desks import LISTS
from engine.explaining.state_words import OBJECTION_WORDS
from engine.lanes.acting import MAY_RECORD
from engine.lanes.publicity import (
    ListState,
    Objecting,
    close_publicity,
    decide,
    object_to,
    open_publicity,
    public_lists,
    write_again,
)
from engine.night import published_policies
from pages.web.console.deeds import Ask, Asks, Deed, deed_routes, done, given_count, open_deeds, today
from pages.web.downloads import HTML, XLSX, attachment
from pages.web.routes import For, Route, deed, page
from pages.web.visits import Visit, missing
from rules.before_money import Step, steps_of

PLACE: Final = "/console/publicity"
_FILES: Final = {"html": HTML, "xlsx": XLSX}


def routes() -> list[Route]:
    """Return the routes."""
    return [
        page(PLACE, listed, For.OFFICER, LISTS),
        deed(PLACE + "/open", open_list, For.OFFICER, MAY_RECORD),
        page(PLACE + "/{list}", sheet, For.OFFICER, LISTS),
        deed(PLACE + "/{list}/file", give_file, For.OFFICER, MAY_RECORD),
        deed(PLACE + "/{list}/decide", decide_objection, For.OFFICER, {Role.APPROVER}),
        *deed_routes(PLACE + "/{list}", DEEDS),
    ]


def listed(visit: Visit) -> Response:
    """Show the public lists, the newest first, and for which policies one may be opened."""
    with visit.deployment.store.reading() as rx:
        every = published_policies(rx, visit.deployment.catalogue, business_date=today(visit), known_at=rx.now)
        lists = public_lists(rx, remit=visit.remit)
    policies = [each for each in every if visit.remit.covers(each.policy)]
    titles = {each.policy: each.current.written.title for each in policies}
    asked = {each.policy: titles[each.policy] for each in policies if Step.PUBLICITY in steps_of(each.current.written)}
    return visit.page(
        "console/publicity.html",
        lists=lists[::-1],
        on=today(visit),
        titles=titles,
        asked=asked,
        done=visit.asked("done"),
    )


def open_list(visit: Visit) -> Response:
    """Put everyone who waits for it on a public list."""
    with TemporaryDirectory(prefix="public") as folder:
        made = open_publicity(visit.deployment, visit.given("policy"), Path(folder), by=visit.by).record
    said = "%(count)s 行，公示至 %(through)s；请下载公示件张贴"
    return visit.say(f"{PLACE}/{made.list_id}", said, count=made.line_count, through=made.through)


def sheet(visit: Visit) -> Response:
    """Show one list with the objections to it; who objects is not shown."""
    state = _state(visit)
    return visit.page(
        "console/public_list.html",
        state=state,
        record=state.record,
        on=today(visit),
        words=OBJECTION_WORDS,
        deeds=open_deeds(visit, DEEDS, state),
        done=visit.asked("done"),
    )


def give_file(visit: Visit) -> Response:
    """Give the page or the workbook to post, names and numbers masked; the opening is recorded."""
    kind = visit.given("kind")
    if kind not in _FILES:
        raise missing()
    with TemporaryDirectory(prefix="public") as folder:
        made = write_again(visit.deployment, _state(visit).record.list_id, Path(folder), by=visit.by)
        path = next(each for each in made.files if each.suffix == f".{kind}")
        return attachment(path.name, _FILES[kind], path.read_bytes())


def keep_objection(visit: Visit) -> Response:
    """Receive a signed objection to a line; it is held until another person decides."""
    how = Objecting(visit.given("name"), visit.given("contact"), visit.given("words"), visit.by)
    object_to(visit.deployment, _state(visit).record.list_id, given_count(visit, "line"), how)
    return done(visit, "异议已登记，该行暂缓，待另一人决定")


def decide_objection(visit: Visit) -> Response:
    """Decide an objection, as another person than who received it."""
    outcome, state = visit.given("outcome"), _state(visit)
    own = next((each for each in state.objections if each.objection_id == visit.given("objection")), None)
    if outcome not in {"uphold", "dismiss"} or own is None:
        raise missing()
    is_upheld, reason = outcome == "uphold", visit.given("reason")
    decide(visit.deployment, own.objection_id, is_upheld=is_upheld, by=visit.by, reason=reason)
    return done(visit, "异议成立，该行已剔除" if is_upheld else "异议不成立")


def close_list(visit: Visit) -> Response:
    """Close a list after its last day."""
    through_count, held_count = close_publicity(visit.deployment, _state(visit).record.list_id, by=visit.by)
    said = "公示已结束：%(through)s 行通过，%(held)s 行待异议决定"
    return done(visit, said, through=through_count, held=held_count)


DEEDS: Final[tuple[Deed[ListState], ...]] = (
    Deed("close", "结束公示", MAY_RECORD, close_list, lambda state: state.record.closed_on is None),
    Deed(
        "object", "登记异议", MAY_RECORD, keep_objection, lambda state: state.record.closed_on is None,
        (
            Ask("line", "名单上的行号", Asks.COUNT), Ask("name", "何人（密封）", longest=100),
            Ask("contact", "怎样联系（密封）", longest=200), Ask("words", "说什么（密封）", Asks.WORDS, longest=4_000),
        ),
        "须署名；匿名的无法核实和答复，不予登记。",
    ),
)  # fmt: skip


def _state(visit: Visit) -> ListState:
    with visit.deployment.store.reading() as rx:
        own = [each for each in public_lists(rx) if each.record.list_id == visit.named("list")]
    if not own:
        raise missing()
    return own[0]
