"""A subject's inbox, and which kinds of notices it wants."""

import datetime as dt
from collections.abc import Sequence

from fastapi import Response

from core.errors import RefusedError
from core.ledger import NOTICE_CATEGORY, NoticeCategory, NoticeKind
from engine.deployment import Deployment
from engine.notice_desk import choose, inbox_of, open_item, wanted_by
from pages.api.calls import Call, Calling, not_there
from pages.api.forms import NoticeId, Said, Subject
from pages.api.once import Write, once
from pages.api.routes import Endpoint, read, write
from pages.notice_words import KINDS
from pages.web.own.inbox import CATEGORY_WORDS
from store.codes import StoreCode
from store.inbox import KeptItem, read_item
from store.opening import Reading
from store.preferences import declined
from store.states.entry import PortalScope
from store.states.notices import InboxState

_BY_PORTAL = "本人在门户上选择"


class Letter(Said):
    """A notice as the inbox lists it; nothing is opened by looking at the list."""

    notice: str
    kind: NoticeKind
    kind_words: str
    category: NoticeCategory
    title: str
    policy: str
    arrived_at: dt.datetime
    state: InboxState
    read_at: dt.datetime | None


class Inbox(Said):
    """The notices of a subject, newest first, as many as 200."""

    notices: list[Letter]


class OpenLetter(Letter):
    """A notice with its words."""

    subject: str
    body: str


class Wish(Said):
    """A category of notices: wanted or not; a mandatory one is told in any case."""

    category: NoticeCategory
    words: str
    about: str
    is_wanted: bool
    is_mandatory: bool


class Subscriptions(Said):
    """Which categories of notices a subject wants."""

    categories: list[Wish]


class Choice(Subject):
    """Whether a category is wanted."""

    is_wanted: bool


def endpoints() -> Sequence[Endpoint]:
    """Return the endpoints."""
    place, wishes = "/v1/subject/notices", "/v1/subject/subscriptions"
    return [
        read(place, inbox, Inbox, PortalScope.NOTICES, "告知 · the notices of a subject"),
        read(
            place + "/{notice}", letter, OpenLetter, PortalScope.NOTICES, "一件告知 · one notice, which counts as read"
        ),
        read(wishes, subscriptions, Subscriptions, PortalScope.SUBSCRIBE, "订阅 · which kinds of notices it wants"),
        write(
            wishes + "/{category}", subscribe, Subscriptions, PortalScope.SUBSCRIBE, "订阅或退订 · want a kind, or not"
        ),
    ]


def inbox(call: Calling, asked: Subject) -> Inbox:
    """List what a subject was told."""
    subject = call.subject(asked.number)
    return Inbox(notices=[Letter(**_letter(each)) for each in inbox_of(call.deployment, subject.subject_id)])


def letter(call: Calling, notice: NoticeId, asked: Subject) -> OpenLetter:
    """Show the words of a notice, and keep that they were shown to its subject; opened again, the first time stands."""
    subject = call.subject(asked.number)
    try:
        message = open_item(call.deployment, subject.subject_id, notice)
        with call.deployment.store.reading() as rx:
            item = read_item(rx, subject.subject_id, notice)
    except RefusedError as error:
        if error.findings[0].code is StoreCode.UNKNOWN_NAME:
            raise not_there() from None
        raise
    return OpenLetter(**_letter(item), subject=message.subject, body=message.body)


def subscriptions(call: Calling, asked: Subject) -> Subscriptions:
    """Say which kinds of notices a subject wants."""
    subject = call.subject(asked.number)
    return _subscriptions(call.deployment, wanted_by(call.deployment, subject.subject_id))


def subscribe(call: Calling, category: NoticeCategory, asked: Choice) -> Response:
    """Keep that a subject wants a kind of notices, or no longer wants it."""
    subject_id = call.subject(asked.number).subject_id

    def chosen(deployment: Deployment) -> None:
        choose(deployment, subject_id, category, is_wanted=asked.is_wanted, by=call.by, reason=_BY_PORTAL)

    return once(call, Write(chosen, lambda rx: _wishes(rx, call, subject_id)))


def _wishes(rx: Reading, call: Call, subject_id: str) -> Subscriptions:
    unwanted = declined(rx, [subject_id])
    return _subscriptions(call.deployment, {each: (subject_id, each) not in unwanted for each in NoticeCategory})


def _subscriptions(deployment: Deployment, wanted: dict[NoticeCategory, bool]) -> Subscriptions:
    mandatory = deployment.workspace.settings.notices.mandatory
    return Subscriptions(
        categories=[
            Wish(
                category=category,
                words=words,
                about=about,
                is_wanted=wanted[category] or category in mandatory,
                is_mandatory=category in mandatory,
            )
            for category, (words, about) in CATEGORY_WORDS.items()
        ]
    )


def _letter(item: KeptItem) -> dict[str, object]:
    notice = item.notice
    return {
        "notice": notice.notice_id,
        "kind": notice.kind,
        "kind_words": KINDS[notice.kind],
        "category": NOTICE_CATEGORY[notice.kind],
        "title": dict(notice.values).get("title", ""),
        "policy": notice.policy or "",
        "arrived_at": item.arrived_at,
        "state": item.state,
        "read_at": item.read_at,
    }
