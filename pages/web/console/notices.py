"""告知: what was told over which channel, what needs a person, and each message with everything that is known of it."""

from collections.abc import Callable, Mapping
from typing import Final

from starlette.responses import Response

from core.errors import RefusedError
from engine.desks import NOTICES
from engine.notice_desk import (
    DESK,
    QUEUE,
    Choice,
    Shown,
    count_by_state,
    list_notices,
    replay_notices,
    resolve_notice,
    show_notice,
)
from pages.notice_words import BECAUSE, KINDS
from pages.terminal.notices import CATEGORIES, STATES
from pages.web.console.deeds import REASON, Ask, Asks, Deed, deed_routes, done, given_among, open_deeds
from pages.web.routes import For, Route, page
from pages.web.visits import Visit, missing
from store.states.notices import DoubtVerdict, NoticeState, ReceiptOutcome

PLACE: Final = "/console/notices"
SHOWN_MAX: Final = 200

GROUPS: Final = {
    "queue": ("待处理", frozenset(QUEUE)),
    "waiting": (
        "待发",
        frozenset(
            {
                NoticeState.PLANNED,
                NoticeState.QUEUED,
                NoticeState.DEFERRED,
                NoticeState.SENDING,
                NoticeState.TEMP_FAILED,
            }
        ),
    ),
    "sent": ("已发出", frozenset({NoticeState.ACCEPTED, NoticeState.DELIVERED})),
    "every": ("全部", frozenset(NoticeState)),
}
"""What a list shows, by its word in the address: what people call it, and the states."""

TONES: Final = {
    NoticeState.DELIVERED: "available",
    NoticeState.ACCEPTED: "available",
    NoticeState.UNKNOWN: "near",
    NoticeState.EXPIRED: "near",
    NoticeState.DEAD: "bad",
    NoticeState.UNDELIVERABLE: "bad",
}
VERDICTS: Final[Mapping[str, str]] = {
    DoubtVerdict.ARRIVED.value: "已查明送达",
    DoubtVerdict.LOST.value: "已查明没有送达，重发",
    DoubtVerdict.GIVEN_UP.value: "无法查明，改用其他方式告知",
}
RECEIPTS: Final = {
    ReceiptOutcome.ACCEPTED: "已收下",
    ReceiptOutcome.DELIVERED: "已送达",
    ReceiptOutcome.UNDELIVERABLE: "不能送达",
}


def routes() -> list[Route]:
    """Return the routes."""
    return [
        page(PLACE, listed, For.OFFICER, NOTICES),
        page(PLACE + "/{notice}", sheet, For.OFFICER, NOTICES),
        *deed_routes(PLACE + "/{notice}", DEEDS),
    ]


def listed(visit: Visit) -> Response:
    """Show the messages of a group, newest first; what needs a person comes first."""
    counts = count_by_state(visit.deployment, remit=visit.remit)
    totals = {
        name: sum(count for row in counts.values() for state, count in row.items() if state in states)
        for name, (_, states) in GROUPS.items()
    }
    chosen = visit.asked("group") or ("queue" if totals["queue"] else "every")
    if chosen not in GROUPS:
        raise missing()
    found = list_notices(visit.deployment, Choice(GROUPS[chosen][1], remit=visit.remit), count_max=SHOWN_MAX)
    return visit.page(
        "console/notices.html",
        notices=found,
        titles={each.notice.notice_id: dict(each.notice.values).get("title", each.notice.policy) for each in found},
        groups=GROUPS,
        totals=totals,
        chosen=chosen,
        states=[state for state in NoticeState if any(state in row for row in counts.values())],
        counts=counts,
        state_words=STATES,
        tones=TONES,
        kinds=KINDS,
        reasons=BECAUSE,
    )


def sheet(visit: Visit) -> Response:
    """Show one message: its words but for the recipient's name, every try, every receipt, and what people did."""
    try:
        shown = show_notice(visit.deployment, visit.named("notice"))
    except RefusedError:
        raise missing() from None
    return visit.page(
        "console/notice.html",
        shown=shown,
        kept=shown.history.kept,
        notice=shown.history.kept.notice,
        category=CATEGORIES[shown.category],
        deeds=open_deeds(visit, DEEDS, shown),
        state_words=STATES,
        tones=TONES,
        kinds=KINDS,
        reasons=BECAUSE,
        receipts=RECEIPTS,
        done=visit.asked("done"),
    )


def send_again(visit: Visit) -> Response:
    """Put a message that was given up back into the queue."""
    replay_notices(visit.deployment, [visit.named("notice")], by=visit.by, reason=visit.given("reason"))
    return done(visit, "已放回待发，下一次发送时发出")


def settle(visit: Visit) -> Response:
    """Say what became of a message in doubt."""
    verdict = given_among(visit, "verdict", DoubtVerdict)
    resolve_notice(visit.deployment, visit.named("notice"), verdict, by=visit.by, reason=visit.given("reason"))
    return done(visit, "已记录")


def _is_in(*states: NoticeState) -> Callable[[Shown], bool]:
    return lambda shown: shown.history.kept.state in states


DEEDS: Final[tuple[Deed[Shown], ...]] = (
    Deed("again", "重新发送", DESK, send_again, fits=_is_in(NoticeState.DEAD), asks=(REASON,)),
    Deed(
        "settle", "查明存疑的告知", DESK, settle, fits=_is_in(NoticeState.UNKNOWN),
        asks=(Ask("verdict", "查明的情况", Asks.CHOICE, choices=VERDICTS), REASON),
        note="渠道没有说清是否已经收下；先向渠道查询，以免同一件事告知两次。",
    ),
)  # fmt: skip
