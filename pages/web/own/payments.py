"""Payments with where each stands and what is claimed back, the payment advice, objections, and how satisfied one is."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl
from starlette.responses import Response

from core.clock import civil_day
from core.ledger import HAD, ItemState, NoticeKind
from delivery.payment_advice import render_text, render_xlsx
from engine.explaining.books import StatementLine, statement_of
from engine.grievances.intake import receive
from engine.grievances.raising import about_claim
from engine.grievances.rating import Stars, rate
from engine.overpayments.case_words import STATE_WORDS
from engine.overpayments.views import titles_told
from engine.paying.advising import advise_self
from pages.web.routes import For, Route, deed, page
from pages.web.visits import Visit, missing
from store.cases import read_cases
from store.inbox import read_inbox
from store.merges import same_subject
from store.opening import Reading
from store.ratings import rated_by

PLACE: Final = "/payments"
_DONE: Final = {
    "rate": "感谢您的评价。",
    "sorry": "感谢您的评价。我们会在规定时限内与您联系。",
    "object": "已登记您的异议。作出决定之前，不会扣回。",
}
_KINDS: Final[Mapping[str, str]] = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "txt": "text/plain; charset=utf-8",
}
_TONES: Final[Mapping[ItemState, str]] = {
    ItemState.PAID: "enjoyed",
    ItemState.SET_OFF: "enjoyed",
    ItemState.INSTRUCTED: "available",
    ItemState.IN_BATCH: "available",
    ItemState.OPEN: "available",
    ItemState.ON_HOLD: "soon",
    ItemState.RETURNED: "bad",
    ItemState.CANCELLED: "",
}
_STARS: Final = frozenset("12345")


@dataclass(frozen=True, slots=True)
class PaidLine:
    """One payment with the title of its policy, whether it can be rated, and why it came back where it did."""

    policy: str
    title: str
    line: StatementLine
    may_rate: bool
    why: str


def routes() -> list[Route]:
    """Return the routes."""
    return [
        page(PLACE, listed, For.SUBJECT),
        deed(PLACE + "/advice", advice, For.SUBJECT),
        deed(PLACE + "/rate", give_stars, For.SUBJECT),
        deed(PLACE + "/object", object_to_claim, For.SUBJECT),
    ]


def listed(visit: Visit) -> Response:
    """Show every payment, and what is claimed back."""
    with visit.deployment.store.reading() as rx:
        lines = _lines(rx, visit)
        claims = list(_claims(rx, visit).iter_rows(named=True))
        titles = titles_told(rx)
    gone = [each.line for each in lines if each.line.state in HAD]
    years = sorted({line.pay_day.year for line in gone if line.pay_day is not None}, reverse=True)
    return visit.page(
        "own/payments.html",
        lines=lines,
        claims=claims,
        titles=titles,
        tones=_TONES,
        case_words=STATE_WORDS,
        years=years,
        paid_fen=sum(line.amount_fen for line in gone),
        done=visit.words(_DONE.get(visit.asked("done"), "")),
    )


def advice(visit: Visit) -> Response:
    """Give the payment advice of a year to the subject's accountant; that the account was looked up is recorded."""
    year, kind = visit.given("year"), visit.given("kind")
    if kind not in _KINDS or not (year.isascii() and year.isdecimal() and dt.MINYEAR <= int(year) <= dt.MAXYEAR):
        raise missing()
    days = (dt.date(int(year), 1, 1), dt.date(int(year), 12, 31))
    made = advise_self(visit.deployment, visit.subject_id, by=visit.by, since=days[0], through=days[1])
    content = render_xlsx(made) if kind == "xlsx" else render_text(made).encode()
    headers = {"Content-Disposition": f'attachment; filename="advice-{year}.{kind}"'}
    return Response(content, media_type=_KINDS[kind], headers=headers)


def give_stars(visit: Visit) -> Response:
    """Keep how satisfied somebody is with a payment of its own."""
    about, count = visit.given("about"), visit.given("stars")
    with visit.deployment.store.reading() as rx:
        own = {each.line.item_id for each in _lines(rx, visit)}
    if about not in own or count not in _STARS:
        raise missing()
    kept = rate(visit.deployment, Stars(about, int(count), visit.given("said")), by=visit.by)
    return visit.go(PLACE, done="rate" if kept.grievance is None else "sorry")


def object_to_claim(visit: Visit) -> Response:
    """Object to what is claimed back of the subject's own."""
    case_id = visit.given("case")
    with visit.deployment.store.reading() as rx:
        if case_id not in _claims(rx, visit)["case_id"]:
            raise missing()
        today = civil_day(rx.now)
    receive(visit.deployment, about_claim(case_id, visit.given("said"), today), by=visit.by)
    return visit.go(PLACE, done="object")


def _lines(rx: Reading, visit: Visit) -> list[PaidLine]:
    """Return the subject's payments, newest first."""
    titles = titles_told(rx)
    back, rated = _returned(rx, visit.subject_id), rated_by(rx, visit.subject_id)
    found = [
        PaidLine(
            policy,
            titles.get(policy, policy),
            line,
            may_rate=line.state in HAD and line.item_id not in rated,
            why=back.get(policy, "") if line.state is ItemState.RETURNED else "",
        )
        for policy, lines in statement_of(rx, visit.subject_id).items()
        for line in lines
    ]
    return sorted(found, key=lambda each: each.line.changed_on, reverse=True)


def _returned(rx: Reading, subject_id: str) -> Mapping[str, str]:
    """Return what was last told of payments that the bank sent back, by policy: why, and what to do."""
    told = [each.notice for each in read_inbox(rx, subject_id, with_archived=True)]
    newest_last = [
        (each.policy, dict(each.values)) for each in reversed(told) if each.kind is NoticeKind.PAYMENT_RETURNED
    ]
    return {policy: f"{values['reasons']}。{values['remedy']}" for policy, values in newest_last}


def _claims(rx: Reading, visit: Visit) -> pl.DataFrame:
    return read_cases(rx, subjects=same_subject(rx, visit.subject_id))
