"""异议与投诉: those that come near their deadline first, one with everything done on it, and where a clerk takes one in."""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from typing import Final

from starlette.responses import Response

from engine.authority import authorised
from engine.deployment import Deployment
from engine.desks import GRIEVANCES
from engine.grievances import handling
from engine.grievances import words as grievance_words
from engine.grievances.handling import Words
from engine.grievances.hotline_file import HotlineReport, import_hotline
from engine.grievances.intake import CONTACT, SAID, Intake, receive
from engine.grievances.roles import DECIDES, HANDLES
from engine.grievances.views import GrievanceLine, GrievanceView, list_grievances, open_words, view_grievance
from engine.overpayments.views import titles_told
from pages.web.console.deeds import (
    BASIS,
    REASON,
    REMARK,
    Ask,
    Asks,
    Deed,
    deed_routes,
    done,
    given_among,
    given_day,
    open_deeds,
    today,
)
from pages.web.routes import For, Route, deed, page
from pages.web.uploads import kept_file
from pages.web.visits import Visit
from store.grievances import Grievance
from store.states.grievances import OPEN_GRIEVANCE, GrievanceKind, GrievanceOutcome, GrievanceSource, GrievanceState

PLACE: Final = "/console/grievances"

GROUPS: Final[Mapping[str, tuple[str, Callable[[GrievanceLine], bool]]]] = {
    "open": ("在办", lambda line: line.grievance.state in OPEN_GRIEVANCE),
    "late": ("逾期与临期", lambda line: line.deadline.is_overdue or line.deadline.is_near),
    "over": ("已了结", lambda line: line.grievance.state not in OPEN_GRIEVANCE),
}
_CONTACT: Final = Ask("contact", "怎样联系（可不填，密封保存）", is_needed=False, longest=200)
_WHAT: Final = Ask("said", "诉求内容（密封保存）", Asks.WORDS, longest=4_000)
_SOURCE: Final = Ask("source", "来源", Asks.CHOICE, choices={
    str(each): grievance_words.SOURCE_WORDS[each] for each in (GrievanceSource.COUNTER, GrievanceSource.HOTLINE)
})  # fmt: skip
_CAME_ON: Final = Ask("on", "收到的日子（不填即今天）", Asks.DAY, is_needed=False)
_NUMBER: Final = Ask("number", "来源的编号（有则填，同一编号只登记一次）", is_needed=False, longest=40)
_KINDS: Final = {
    str(each): grievance_words.KIND_WORDS[each] for each in GrievanceKind if each is not GrievanceKind.DISSATISFIED
}
INTAKE: Final = (
    Ask("kind", "类别", Asks.CHOICE, choices=dict(sorted(_KINDS.items(), key=lambda each: each[0] != "undone"))),
    _SOURCE,
    Ask("subject", "关于谁（对象编号或证件号码，可不填）", is_needed=False, longest=100),
    Ask("case", "关于哪个追回案件（编号，可不填）", is_needed=False, longest=100),
    _CONTACT,
    _NUMBER,
    _CAME_ON,
)


def routes() -> list[Route]:
    """Return the routes."""
    return [
        page(PLACE, listed, For.OFFICER, GRIEVANCES),
        page(PLACE + "/new", new, For.OFFICER, HANDLES),
        deed(PLACE + "/receive", take_in, For.OFFICER, HANDLES),
        deed(PLACE + "/import", take_file, For.OFFICER, HANDLES),
        page(PLACE + "/{grievance}", sheet, For.OFFICER, GRIEVANCES),
        deed(PLACE + "/{grievance}/words", show_words, For.OFFICER, (*HANDLES, *DECIDES)),
        *deed_routes(PLACE + "/{grievance}", DEEDS),
    ]


def listed(visit: Visit) -> Response:
    """Show the grievances of a group, the nearest deadline first."""
    lines = list_grievances(visit.deployment, states=frozenset(GrievanceState), remit=visit.remit)
    chosen = visit.asked("group") if visit.asked("group") in GROUPS else next(iter(GROUPS))
    return visit.page(
        "console/grievances.html",
        lines=[line for line in lines if GROUPS[chosen][1](line)],
        groups=GROUPS,
        counts={name: sum(map(fits, lines)) for name, (_, fits) in GROUPS.items()},
        chosen=chosen,
        words=grievance_words,
    )


def new(visit: Visit, *, came: HotlineReport | None = None) -> Response:
    """Show the form with which a clerk takes one in, and where a hotline's file is handed in."""
    with visit.deployment.store.reading() as rx:
        titles = titles_told(rx, remit=visit.remit)
    return visit.page(
        "console/grievance_new.html",
        asks=INTAKE,
        said=_WHAT,
        policies=titles,
        came=came,
        rejected=visit.said(came.rejected) if came else [],
    )


def take_file(visit: Visit) -> Response:
    """Take in a hotline's file, each line once, and show which could not be."""
    with kept_file(visit) as path:
        came = import_hotline(visit.deployment, path, by=visit.by)
    return new(visit, came=came)


def take_in(visit: Visit) -> Response:
    """Take in what somebody says."""
    policy = visit.given("policy") or None
    intake = Intake(
        given_among(visit, "kind", GrievanceKind),
        given_among(visit, "source", GrievanceSource),
        visit.given("said"),
        given_day(visit, "on") or today(visit),
        visit.given("subject") or None,
        policy,
        visit.given("case") or None,
        visit.given("number") or None,
        visit.given("contact") or None,
    )
    authorised(visit.deployment, visit.by, HANDLES, policy)
    came = receive(visit.deployment, intake, by=visit.by)
    said = "这一编号此前已登记" if came.is_repeated else "已登记"
    return visit.say(f"{PLACE}/{came.grievance.grievance_id}", said)


def sheet(visit: Visit, *, said: Mapping[str, str] | None = None) -> Response:
    """Show everything about a grievance, with the deeds that it stands open to."""
    view = view_grievance(visit.deployment, _named(visit))
    departments = [step.department for step in view.steps if step.department]
    return visit.page(
        "console/grievance.html",
        view=view,
        own=view.line.grievance,
        said=None if said is None else (said.get(SAID, "—"), said.get(CONTACT) or visit.words("没有留下")),
        mends=departments[-1] if departments else "",
        deeds=open_deeds(visit, DEEDS, view),
        words=grievance_words,
        done=visit.asked("done"),
    )


def show_words(visit: Visit) -> Response:
    """Show what was said and how to reach whoever said it; the opening is recorded."""
    return sheet(visit, said=open_words(visit.deployment, _named(visit), by=visit.by))


_Handling = Callable[[Deployment, str, Words], Grievance]


def _step(handle: _Handling, words: str) -> Callable[[Visit], Response]:
    """Return the view of a step that asks for a reason and perhaps a basis."""

    def view(visit: Visit) -> Response:
        handle(visit.deployment, _named(visit), Words(visit.by, visit.given("reason"), visit.given("basis")))
        return done(visit, words)

    return view


def decide(visit: Visit) -> Response:
    """Decide on it; no amount is edited, the next night says what is due."""
    words = Words(visit.by, visit.given("reason"), visit.given("basis"), visit.given("department"))
    handling.decide(visit.deployment, _named(visit), given_among(visit, "outcome", GrievanceOutcome), words)
    return done(visit, "已决定；金额由下一晚按更正后的数据重新核定")


def reappeal(visit: Visit) -> Response:
    """Go on with what was decided, before another person."""
    intake = Intake(
        GrievanceKind.SERVICE,
        given_among(visit, "source", GrievanceSource),
        visit.given("said"),
        given_day(visit, "on") or today(visit),
        external_id=visit.given("number") or None,
        contact=visit.given("contact") or None,
    )
    anew = handling.reappeal(visit.deployment, _named(visit), intake, by=visit.by)
    return visit.say(f"{PLACE}/{anew.grievance_id}", "再次申诉已登记，由其他人员办理")


def _in(*states: GrievanceState) -> Callable[[GrievanceView], bool]:
    return lambda view: view.line.grievance.state in states


_STATE: Final = GrievanceState
_GOES_ON: Final[AbstractSet[GrievanceState]] = frozenset(
    {_STATE.DECIDED, _STATE.EXECUTED, _STATE.CLOSED, _STATE.NOT_ACCEPTED}
)
_OUTCOMES: Final = {str(each): word for each, word in grievance_words.OUTCOME_WORDS.items()}
_MENDS: Final = Ask("department", "由哪个部门更正数据（成立的必填）", is_needed=False)


def _is_to_do(view: GrievanceView) -> bool:
    own = view.line.grievance
    return own.state is _STATE.DECIDED and own.outcome is not GrievanceOutcome.REJECTED


def _may_close(view: GrievanceView) -> bool:
    own = view.line.grievance
    is_rejected = own.state is _STATE.DECIDED and own.outcome is GrievanceOutcome.REJECTED
    return own.state is _STATE.EXECUTED or is_rejected


DEEDS: Final[tuple[Deed[GrievanceView], ...]] = (
    Deed("accept", "受理", HANDLES, _step(handling.accept, "已受理，办理期限已告知"), _in(_STATE.RECEIVED)),
    Deed(
        "refuse", "不予受理", DECIDES, _step(handling.refuse, "不予受理，已告知"), _in(_STATE.RECEIVED), (REASON, BASIS)
    ),
    Deed(
        "investigate", "开始核查", HANDLES, _step(handling.investigate, "核查中"), _in(_STATE.ACCEPTED), (REMARK,)
    ),
    Deed(
        "answered", "申请人已补充，继续核查", HANDLES, _step(handling.investigate, "核查中，期限继续计算"),
        _in(_STATE.WAITING), (REMARK,),
    ),
    Deed(
        "decide", "作出决定", DECIDES, decide, _in(_STATE.INVESTIGATING),
        (Ask("outcome", "是否成立", Asks.CHOICE, choices=_OUTCOMES), _MENDS, REASON, BASIS),
        "须由此前没有作过决定的人决定；决定即告知。",
    ),
    Deed(
        "ask", "请申请人补充", HANDLES, _step(handling.ask, "已请申请人补充，期限停计"), _in(_STATE.INVESTIGATING),
        (Ask("reason", "补充什么"),), "答复之前期限停计。",
    ),
    Deed("execute", "登记落实情况", HANDLES, _step(handling.execute, "已落实"), _is_to_do, (Ask("reason", "做了什么"),)),
    Deed("close", "办结", HANDLES, _step(handling.close, "已办结"), _may_close, (REMARK,)),
    Deed(
        "reappeal", "登记再次申诉", HANDLES, reappeal, lambda view: view.line.grievance.state in _GOES_ON,
        (_SOURCE, _WHAT, _CONTACT, _NUMBER, _CAME_ON),
    ),
    Deed(
        "withdraw", "申请人撤回", HANDLES, _step(handling.withdraw, "已撤回"),
        _in(_STATE.RECEIVED, _STATE.ACCEPTED, _STATE.INVESTIGATING, _STATE.WAITING), (REMARK,),
    ),
)  # fmt: skip
"""In the order in which they stand on the sheet."""


def _named(visit: Visit) -> str:
    return visit.named("grievance")
