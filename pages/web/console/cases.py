"""Money that went out without being due: the cases by what they wait for, one case whole, and what is done on it."""

import datetime as dt
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from typing import Final

from starlette.responses import Response

from core.money import yuan_text
from core.roles import Role
from engine.desks import CASES
from engine.overpayments import case_words, deciding, giving_up
from engine.overpayments.case_book import write_case_book
from engine.overpayments.contacts import keep_contact, open_contact
from engine.overpayments.deciding import Decision
from engine.overpayments.instalments import INSTALMENTS_MAX, agree_plan, equal_instalments
from engine.overpayments.recovering import recover
from engine.overpayments.setting_off import decide_set_off
from engine.overpayments.signing import Signed
from engine.overpayments.views import CaseLine, CaseView, list_cases, view_case
from pages.web.console.deeds import (
    BASIS,
    REASON,
    Ask,
    Asks,
    Deed,
    deed_routes,
    done,
    given_among,
    given_count,
    given_day,
    given_fen,
    open_deeds,
)
from pages.web.downloads import XLSX, sent_file
from pages.web.routes import For, Route, deed, page
from pages.web.visits import Visit, missing
from store.case_receipts import Receipt
from store.states.cases import CLOSED_CASE, COLLECTED_CASE, LIVE_CASE, CaseState, ReliefKind

PLACE: Final = "/console/cases"
_OFFICERS, _APPROVERS, _PAYMASTERS = ({Role.OFFICER}, {Role.APPROVER}, {Role.PAYMASTER})

GROUPS: Final[Mapping[str, tuple[str, AbstractSet[CaseState]]]] = {
    "decide": ("待告知、待决定", LIVE_CASE - COLLECTED_CASE),
    "collect": ("追回中", COLLECTED_CASE),
    "over": ("已了结", CLOSED_CASE),
}
"""How the list is cut: what people have to decide, what has to come back, and what is over."""


def routes() -> list[Route]:
    """Return the routes."""
    return [
        page(PLACE, listed, For.OFFICER, CASES),
        deed(PLACE + "/workbook", workbook, For.OFFICER, CASES, is_sensitive=True),
        page(PLACE + "/{case}", sheet, For.OFFICER, CASES),
        deed(PLACE + "/{case}/whom", whom, For.OFFICER, _OFFICERS),
        *deed_routes(PLACE + "/{case}", DEEDS),
    ]


def listed(visit: Visit) -> Response:
    """Show the cases of a group, what is late first."""
    lines = _every(visit)
    chosen = _group(visit)
    shown = _of_group(lines, chosen)
    return visit.page(
        "console/cases.html",
        lines=shown,
        groups=GROUPS,
        counts={name: len(_of_group(lines, name)) for name in GROUPS},
        chosen=chosen,
        total_fen=sum(line.case.amount_fen for line in shown),
        overdue_fen=sum(line.overdue_fen for line in shown),
        words=case_words,
    )


def workbook(visit: Visit) -> Response:
    """Give the cases of a group as a workbook with names; the opening is recorded."""
    lines = _of_group(_every(visit), visit.given("group"))
    return sent_file("cases.xlsx", XLSX, lambda path: write_case_book(visit.deployment, lines, path, by=visit.by))


def sheet(visit: Visit, *, contact: str | None = None) -> Response:
    """Show everything about a case, with the deeds that it stands open to."""
    view = view_case(visit.deployment, _named(visit))
    return visit.page(
        "console/case.html",
        view=view,
        case=view.line.case,
        contact=contact,
        deeds=open_deeds(visit, DEEDS, view),
        words=case_words,
        done=visit.asked("done"),
    )


def whom(visit: Visit) -> Response:
    """Show whom to speak with; the opening is recorded."""
    return sheet(visit, contact=open_contact(visit.deployment, _named(visit), by=visit.by) or "")


def notify(visit: Visit) -> Response:
    """Tell the subject what is claimed."""
    reason = visit.given("reason") or None
    told = deciding.notify(visit.deployment, _named(visit), by=visit.by, reason=reason)
    return done(
        visit,
        "已告知 %(amount)s 元，异议期至 %(through)s",
        amount=yuan_text(told.amount_fen),
        through=told.object_through,
    )


def keep_objection(visit: Visit) -> Response:
    """Keep what the subject objects."""
    on, reason = given_day(visit, "on"), visit.given("reason")
    deciding.record_objection(visit.deployment, _named(visit), by=visit.by, reason=reason, on=on)
    return done(visit, "异议已登记；由告知人以外的人决定之前，不予追回")


def confirm(visit: Visit) -> Response:
    """Decide that the claim stands."""
    deciding.decide(visit.deployment, _named(visit), Decision.CONFIRM, _signed(visit))
    return done(visit, "已确认，决定已告知对象")


def reopen(visit: Visit) -> Response:
    """Decide that the facts are mended first."""
    deciding.decide(visit.deployment, _named(visit), Decision.REOPEN, _signed(visit))
    return done(visit, "异议成立：核实更正数据后重新核定，决定已告知对象")


def plan(visit: Visit) -> Response:
    """Keep the equal instalments that the subject agreed to."""
    first, months = given_day(visit, "first"), given_count(visit, "months")
    if first is None:
        raise missing()
    outstanding_fen = view_case(visit.deployment, _named(visit)).line.case.amount_fen
    parts = equal_instalments(outstanding_fen, min(months, max(1, outstanding_fen)), first)
    agree_plan(visit.deployment, _named(visit), parts, by=visit.by, reason=visit.given("reason"))
    return done(visit, "已登记分 %(count)s 期退还", count=len(parts))


def set_off(visit: Visit) -> Response:
    """Keep the claim back from later payments."""
    decide_set_off(visit.deployment, _named(visit), _signed(visit))
    return done(visit, "以后的发放将按规则抵扣，决定已告知对象")


def ask(visit: Visit) -> Response:
    """Ask that something be given up."""
    kind, amount_fen = given_among(visit, "kind", ReliefKind), given_fen(visit, "amount")
    asked = giving_up.ask_relief(visit.deployment, _named(visit), kind, _signed(visit), amount_fen=amount_fen)
    said = "已提出 %(amount)s 元，须 %(count)s 人批准"
    return done(visit, said, amount=yuan_text(asked.amount_fen), count=asked.approvals_needed)


def grant(visit: Visit) -> Response:
    """Grant what is asked."""
    relief, after = giving_up.grant_relief(visit.deployment, _named(visit), by=visit.by)
    if relief.approvals_lacking:
        return done(visit, "已记下您的批准；还需 %(count)s 人", count=relief.approvals_lacking)
    return done(visit, "已记下您的批准；尚待追回 %(amount)s 元", amount=yuan_text(after.amount_fen))


def refuse(visit: Visit) -> Response:
    """Refuse what is asked."""
    giving_up.refuse_relief(visit.deployment, _named(visit), by=visit.by, reason=visit.given("reason"))
    return done(visit, "不予批准，已登记")


def receive(visit: Visit) -> Response:
    """Take in money that came back, for this case first and for others where they are named."""
    on, amount_fen = given_day(visit, "on"), given_fen(visit, "amount")
    if on is None or amount_fen is None:
        raise missing()
    receipt = Receipt(visit.given("reference"), on, amount_fen)
    came = recover(visit.deployment, receipt, [_named(visit), *visit.given("others").split()], by=visit.by)
    if came.is_repeated:
        return done(visit, "该流水号此前已登记，未重复入账")
    amount, beyond = yuan_text(amount_fen), yuan_text(came.beyond_fen)
    if came.beyond_fen:
        return done(visit, "已收回 %(amount)s 元；其中 %(beyond)s 元超出待追回数", amount=amount, beyond=beyond)
    return done(visit, "已收回 %(amount)s 元", amount=amount)


def keep_whom(visit: Visit) -> Response:
    """Keep whom to speak with, sealed."""
    keep_contact(visit.deployment, _named(visit), visit.given("contact"), by=visit.by)
    return done(visit, "联系人已密封登记")


def _in(states: AbstractSet[CaseState]) -> Callable[[CaseView], bool]:
    return lambda view: view.line.case.state in states


def _is_asked(view: CaseView) -> bool:
    return view.line.asked is not None and view.line.case.is_live


_MAY_BE_TOLD: Final = frozenset({CaseState.OPENED, CaseState.NOTIFIED, CaseState.APPEALED})
_TOLD: Final = LIVE_CASE - {CaseState.OPENED}
_TO_DECIDE: Final = frozenset({CaseState.NOTIFIED, CaseState.APPEALED})
_DECIDE: Final = (REASON, BASIS)
_MONTHS: Final = Ask("months", f"分几个月（1 至 {INSTALMENTS_MAX}）", Asks.COUNT)
_WHOM: Final = Ask("contact", "联系谁、怎样联系", hint="例如：继承人某某，电话")

DEEDS: Final[tuple[Deed[CaseView], ...]] = (
    Deed("grant", "批准减免、核销或保留", _APPROVERS, grant, _is_asked),
    Deed("refuse", "不予批准", _APPROVERS, refuse, _is_asked, (REASON,)),
    Deed(
        "notify", "告知对象", _OFFICERS, notify, _in(_MAY_BE_TOLD),
        (Ask("reason", "为什么多发（不填则用规则的原话）", is_needed=False),),
        "告知后，对象在异议期内可以提出异议；由告知人以外的人决定。",
    ),
    Deed("confirm", "决定：应当退回", _APPROVERS, confirm, _in(_TO_DECIDE), _DECIDE, "决定即告知对象。"),
    Deed("reopen", "决定：异议成立，先更正数据", _APPROVERS, reopen, _in(_TO_DECIDE), _DECIDE, "决定即告知对象。"),
    Deed("object", "登记异议", _OFFICERS, keep_objection, _in(_TOLD), (
        Ask("reason", "对象怎么说"), Ask("on", "收到的日子（不填即今天）", Asks.DAY, is_needed=False),
    )),
    Deed("receive", "登记退款", _PAYMASTERS, receive, lambda _: True, (
        Ask("amount", "金额（元）", Asks.YUAN), Ask("on", "到账日", Asks.DAY),
        Ask("reference", "银行流水号", hint="同一流水号只入账一次", longest=40),
        Ask("others", "同一笔还用于（其他案件编号，空格分隔）", is_needed=False),
    )),
    Deed("plan", "约定分期", _OFFICERS, plan, _in(COLLECTED_CASE), (
        _MONTHS, Ask("first", "第一期的日子", Asks.DAY), Ask("reason", "约定的内容（可不填）", is_needed=False),
    ), "按月等额；新的约定代替旧的。"),
    Deed("set-off", "从以后的发放中抵扣", _OFFICERS, set_off, _in(COLLECTED_CASE), _DECIDE, "规则允许的才能抵扣。"),
    Deed(
        "ask", "申请减免、核销或保留", _OFFICERS, ask,
        lambda view: view.line.case.is_live and view.line.asked is None,
        (
            Ask("kind", "类别", Asks.CHOICE, choices={str(key): word for key, word in case_words.RELIEF_WORDS.items()}),
            Ask("amount", "金额（元，不填即全部待追回数）", Asks.YUAN, is_needed=False), *_DECIDE,
        ),
        "由其他人批准后生效；金额较大的须两人。",
    ),
    Deed("contact", "登记联系人", _OFFICERS, keep_whom, lambda _: True, (_WHOM,), "密封保存，不会自动向其追偿。"),
)  # fmt: skip
"""In the order in which they stand on the sheet."""


def _every(visit: Visit) -> tuple[CaseLine, ...]:
    return list_cases(visit.deployment, states=frozenset(CaseState), remit=visit.remit)


def _named(visit: Visit) -> str:
    return visit.named("case")


def _signed(visit: Visit) -> Signed:
    return Signed(visit.by, visit.given("reason"), visit.given("basis"))


def _group(visit: Visit) -> str:
    return visit.asked("group") if visit.asked("group") in GROUPS else next(iter(GROUPS))


def _of_group(lines: tuple[CaseLine, ...], name: str) -> list[CaseLine]:
    """Return the cases of a group: what is overdue first, then what has a day, the nearest first."""
    if name not in GROUPS:
        raise missing()
    own = [line for line in lines if line.case.state in GROUPS[name][1]]
    return sorted(own, key=lambda line: (not line.overdue_fen, line.through or dt.date.max, -line.case.amount_fen))
