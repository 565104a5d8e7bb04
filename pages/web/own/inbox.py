"""The inbox: what one was told, opened letter by letter, and which kinds of notices one wants."""

from typing import Final

from starlette.responses import Response

from core.errors import RefusedError
from core.ledger import NOTICE_CATEGORY, NoticeCategory
from engine.notice_desk import choose, inbox_of, open_item, put_away, wanted_by
from pages.notice_words import KINDS
from pages.web.routes import For, Route, deed, page
from pages.web.visits import Visit, missing
from store.inbox import KeptItem, read_item
from store.states.notices import InboxState

PLACE: Final = "/inbox"
_BY_ONESELF: Final = "本人在网页上选择"
_DONE: Final = {"away": "已归档。", "wanted": "已恢复接收这一类告知。", "unwanted": "已退订这一类告知，可以随时恢复。"}

CATEGORY_WORDS: Final = {
    NoticeCategory.BENEFIT: ("政策与待遇", "符合条件、等待确认、金额变化"),
    NoticeCategory.ADVICE: ("提醒", "证书将到期等可以提前办理的事"),
    NoticeCategory.PAYMENT: ("到账", "款项已经到账"),
    NoticeCategory.DECISION: ("决定与权利", "停止、退款、异议结果等关系到您的权利的事"),
}


def routes() -> list[Route]:
    """Return the routes."""
    return [
        page(PLACE, listed, For.SUBJECT),
        page(PLACE + "/{notice}", opened, For.SUBJECT),
        deed(PLACE + "/{notice}/away", away, For.SUBJECT),
        deed(PLACE + "/wanted", want, For.SUBJECT),
    ]


def listed(visit: Visit) -> Response:
    """Show what came, newest first; nothing is opened by looking at the list."""
    items = inbox_of(visit.deployment, visit.subject_id)
    return visit.page(
        "own/inbox.html",
        items=items,
        kinds=visit.words.table(KINDS),
        titles={each.notice.notice_id: dict(each.notice.values).get("title", "") for each in items},
        category_of=lambda item: NOTICE_CATEGORY[item.notice.kind],
        categories=CATEGORY_WORDS,
        wanted=wanted_by(visit.deployment, visit.subject_id),
        mandatory=visit.deployment.workspace.settings.notices.mandatory,
        InboxState=InboxState,
        done=visit.words(_DONE.get(visit.asked("done"), "")),
    )


def opened(visit: Visit) -> Response:
    """Show a letter, and keep that it was shown."""
    item = _item(visit)
    message = open_item(visit.deployment, visit.subject_id, item.notice.notice_id)
    category = visit.words(CATEGORY_WORDS[NOTICE_CATEGORY[item.notice.kind]][0])
    return visit.page("own/letter.html", item=item, message=message, category=category, InboxState=InboxState)


def away(visit: Visit) -> Response:
    """Put a letter away that was read."""
    item = _item(visit)
    if item.state is not InboxState.UNREAD:
        put_away(visit.deployment, visit.subject_id, item.notice.notice_id)
    return visit.go(PLACE, done="away")


def want(visit: Visit) -> Response:
    """Keep which kinds of notices are wanted."""
    word, is_wanted = visit.given("category"), visit.given("wanted") == "yes"
    if word not in set(NoticeCategory):
        raise missing()
    choose(
        visit.deployment,
        visit.subject_id,
        NoticeCategory(word),
        is_wanted=is_wanted,
        by=visit.by,
        reason=_BY_ONESELF,
    )
    return visit.go(PLACE, done="wanted" if is_wanted else "unwanted")


def _item(visit: Visit) -> KeptItem:
    with visit.deployment.store.reading() as rx:
        try:
            return read_item(rx, visit.subject_id, visit.named("notice"))
        except RefusedError:  # it is not there, or not theirs
            raise missing() from None
