"""资金指标: what stands in every pot, what waits for money, and what one proposes and another confirms."""

from typing import Final

from starlette.responses import Response

from core.roles import Role
from delivery.budget_xlsx import render_budget
from engine.budgets import (
    Appropriation,
    confirm_decision,
    propose_budget,
    propose_closing,
    view_budgets,
    withdraw_decision,
)
from engine.desks import BUDGETS
from pages.terminal.budget import DECISION_WORDS, ENTRY_HEADINGS, HEADINGS, LEVEL_WORDS, entry_rows, pot_rows
from pages.web.console.deeds import (
    Ask,
    Asks,
    Deed,
    deed_routes,
    given_fen,
    given_year,
    open_deeds,
)
from pages.web.downloads import XLSX, attachment
from pages.web.routes import For, Route, deed, page
from pages.web.visits import Visit, missing
from store.journal import read_entries, verify_books
from store.states.funds import DecisionKind, DecisionState

PLACE: Final = "/console/budget"
_PROPOSES: Final = (Role.PAYMASTER,)
_CONFIRMS: Final = (Role.APPROVER,)


def routes() -> list[Route]:
    """Return the routes."""
    return [
        page(PLACE, shown, For.OFFICER, BUDGETS),
        page(PLACE + "/workbook", workbook, For.OFFICER, BUDGETS),
        deed(PLACE + "/verify", verified, For.OFFICER, BUDGETS),
        deed(PLACE + "/confirm", confirm, For.OFFICER, _CONFIRMS),
        deed(PLACE + "/withdraw", withdraw, For.OFFICER, (*_PROPOSES, *_CONFIRMS)),
        *deed_routes(PLACE, DEEDS),
    ]


def shown(visit: Visit, *, faults: list[object] | None = None) -> Response:
    """Show every pot, what waits, and the decisions, those that nobody has confirmed first."""
    view = view_budgets(visit.deployment, remit=visit.remit)
    titles = {line.pot.policy: line.title for line in view.lines}
    waiting = [each for each in view.decisions if each.state is DecisionState.PROPOSED]
    return visit.page(
        "console/budget.html",
        view=view,
        titles=titles,
        proposed=waiting,
        decided=[each for each in view.decisions if each.state is not DecisionState.PROPOSED][::-1],
        is_closing=lambda each: each.kind is DecisionKind.CLOSE,
        levels=LEVEL_WORDS,
        words=DECISION_WORDS,
        faults=faults,
        deeds=open_deeds(visit, DEEDS, None),
        done=visit.asked("done"),
    )


def workbook(visit: Visit) -> Response:
    """Give pots and every entry of the journal as a workbook."""
    view = view_budgets(visit.deployment, remit=visit.remit)
    with visit.deployment.store.reading() as rx:
        entries = read_entries(rx, remit=visit.remit)
    sheets = [("资金", HEADINGS, pot_rows(view.lines)), ("分录", ENTRY_HEADINGS, entry_rows(entries))]
    return attachment("budget.xlsx", XLSX, render_budget(sheets))


def verified(visit: Visit) -> Response:
    """Add up the whole journal, and show whether it comes to what stands in every pot."""
    with visit.deployment.store.reading() as rx:
        faults = verify_books(rx, remit=visit.remit)
    return shown(visit, faults=[*visit.said(faults)])


def propose(visit: Visit) -> Response:
    """Propose how much a purse gives to a policy in a year."""
    amount_fen = given_fen(visit, "amount")
    if amount_fen is None:
        raise missing()
    purse = visit.given("purse") or None
    asked = Appropriation(visit.given("policy"), given_year(visit), purse, amount_fen, visit.given("document"))
    propose_budget(visit.deployment, asked, by=visit.by)
    return visit.say(PLACE, "已提出，由另一人确认后生效")


def close(visit: Visit) -> Response:
    """Propose to close a year."""
    policies, document = visit.given("policy").split(), visit.given("document")
    made = propose_closing(visit.deployment, given_year(visit), policies, document=document, by=visit.by)
    return visit.say(PLACE, "已提出 %(count)s 项关账，由另一人逐项确认", count=len(made))


def confirm(visit: Visit) -> Response:
    """Confirm what somebody else proposed."""
    confirm_decision(visit.deployment, visit.given("decision"), by=visit.by)
    return visit.say(PLACE, "已确认，即时入账")


def withdraw(visit: Visit) -> Response:
    """Take a proposal back that nobody has confirmed."""
    withdraw_decision(visit.deployment, visit.given("decision"), by=visit.by)
    return visit.say(PLACE, "已撤回")


_YEAR: Final = Ask("year", "年度", Asks.YEAR)
_DOCUMENT: Final = Ask("document", "文号")

DEEDS: Final[tuple[Deed[None], ...]] = (
    Deed(
        "propose", "下达指标", _PROPOSES, propose,
        asks=(
            Ask("policy", "事项编码", longest=100), _YEAR, Ask("amount", "全年合计（元）", Asks.YUAN), _DOCUMENT,
            Ask("purse", "资金来源（只有一个的不填）", is_needed=False, longest=100),
        ),
        note="填写的是全年合计，不是增减额。",
    ),
    Deed(
        "close", "年终关账", _PROPOSES, close,
        asks=(_YEAR, _DOCUMENT, Ask("policy", "事项编码（空格分隔，不填即全部）", is_needed=False)),
        note="在途的结转，余下的收回上缴。",
    ),
)  # fmt: skip
