"""Notices and a contact made into the words that are sent: as a letter, or as a text message.

Several notices for one subject become one message: a letter with a part for each, a text message with their subjects.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from core.errors import DeliveryError
from core.ids import text_digest
from core.ledger import Notice, NoticeKind
from delivery.codes import DeliveryCode
from delivery.contacts import Contact
from delivery.masks import shows_number
from delivery.notice_templates import RECIPIENT, Template
from delivery.notice_values import ACCOUNT, absent_values, check_values
from delivery.payees import one_line

SIGN = "免申即享"  # stands before the subject of every letter
_NUMERALS = "一二三四五六七八九十"
_ACCOUNT_UNNAMED = "登记的收款账户"
_SEVERAL = "{you}有{count}项政策告知：{subjects}"

Templates = Mapping[NoticeKind, Template]


@dataclass(frozen=True, slots=True)
class Message:
    """One message, ready to send; `template_id`, `template_digest` and `digest` are what the outbox keeps of it.

    `text` is what it says in a text message, without the signature: with the `values` by the names in `text_names`.
    """

    template_id: str
    template_digest: str
    subject: str = field(repr=False)
    body: str = field(repr=False)
    text: str = field(repr=False)
    values: Mapping[str, str] = field(repr=False)
    text_names: Sequence[str] = ()

    @property
    def digest(self) -> str:
        """Return the SHA-256 of what is said."""
        return text_digest(self.subject, self.body, self.text)


def compose(notices: Sequence[Notice], contact: Contact, templates: Templates) -> Message:
    """Return the message of notices to one subject.

    Fails: `DeliveryError` where a notice lacks a value of its kind, or the words would show somebody's
           number, account or phone.
    """
    name, you = contact.greeting, contact.you
    used = [templates[notice.kind] for notice in notices]
    parts = [
        _part(template, notice.kind, _told(notice, contact), name if template.names_recipient else "", you)
        for notice, template in zip(notices, used, strict=True)
    ]
    for notice, part in zip(notices, parts, strict=True):
        if part.is_lame:
            check_values(notice.kind, part.values, notice.notice_id)
    message = Message(
        template_id="+".join(dict.fromkeys(each.template_id for each in used)),
        template_digest=used[0].digest if len(used) == 1 else text_digest(*dict.fromkeys(each.digest for each in used)),
        subject=f"【{SIGN}】{_subject(parts, contact)}",
        body=f"{name}：\n\n{_body(parts)}",
        text=parts[0].text if len(parts) == 1 else f"{_subject(parts, contact)}。详情请联系各主管部门。",
        values=parts[0].values if len(parts) == 1 else _together(parts, contact),
        text_names=used[0].named(used[0].sms) if len(parts) == 1 else ("you", "count", "subjects"),
    )
    if shows_number(name) or any(part.shows_number for part in parts):
        text = f"the words of `{message.template_id}` would show a number of twelve digits or a mobile phone"
        remedy = "take it out of the template or the rule's labels"
        raise DeliveryError.one(DeliveryCode.NUMBER_SHOWN, notices[0].notice_id, text, remedy)
    return message


def _told(notice: Notice, contact: Contact) -> tuple[tuple[str, str], ...]:
    """Return the words of a notice, with an account by its end; one that the contact does not know is not named."""
    if all(word != ACCOUNT for word, _ in notice.values):
        return notice.values
    return tuple(
        (word, contact.accounts.get(value, _ACCOUNT_UNNAMED) if word == ACCOUNT and value else value)
        for word, value in notice.values
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """What one notice says."""

    subject: str
    body: str
    text: str
    owner: str
    values: Mapping[str, str]
    shows_number: bool
    is_lame: bool  # a word of its kind is missing


@lru_cache(maxsize=4096)  # a night has many letters and few things to say
def _part(template: Template, kind: NoticeKind, told: tuple[tuple[str, str], ...], name: str, you: str) -> _Part:
    values = {word: one_line(value) for word, value in told} | dict(zip(RECIPIENT, (name, you), strict=True))
    if absent_values(kind, values):
        return _Part("", "", "", "", values, shows_number=False, is_lame=True)
    subject, body, text = (template.filled(each, values) for each in (template.subject, template.body, template.sms))
    published = values["contact"]  # by the rule: an office's own phone is no secret
    is_shown = any(shows_number(each.replace(published, "")) for each in (subject, body, text))
    return _Part(one_line(subject), body.strip("\n"), one_line(text), values["owner"], values, is_shown, is_lame=False)


def _subject(parts: Sequence[_Part], contact: Contact) -> str:
    return parts[0].subject if len(parts) == 1 else _SEVERAL.format(**_together(parts, contact))


def _together(parts: Sequence[_Part], contact: Contact) -> dict[str, str]:
    subjects = "；".join(part.subject for part in parts)
    return {"name": contact.greeting, "you": contact.you, "count": str(len(parts)), "subjects": subjects}


def _body(parts: Sequence[_Part]) -> str:
    if len(parts) == 1:
        return f"{parts[0].body}\n\n{parts[0].owner}\n"
    return "\n".join(
        f"{_numeral(number)}、{part.subject}\n\n{part.body}\n\n{part.owner}\n"
        for number, part in enumerate(parts, start=1)
    )


def _numeral(number: int) -> str:
    return _NUMERALS[number - 1] if number <= len(_NUMERALS) else str(number)
