"""Notices and a contact made into the words that are sent: as a letter, or as a text message.

Several notices for one subject become one message: a letter with a part for each, a text message with their subjects.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from core.errors import DeliveryError
from core.ids import text_digest
from core.ledger import Notice, NoticeKind
from delivery.codes import DeliveryCode
from delivery.contacts import Contact
from delivery.masks import shows_number
from delivery.notice_templates import RECIPIENT, Template
from delivery.notice_values import check_values
from delivery.payees import one_line

SIGN = "免申即享"  # stands before the subject of every letter
_NUMERALS = "一二三四五六七八九十"
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
    parts = [_part(notice, contact, templates[notice.kind]) for notice in notices]
    used = [templates[notice.kind] for notice in notices]
    message = Message(
        template_id="+".join(dict.fromkeys(each.template_id for each in used)),
        template_digest=used[0].digest if len(used) == 1 else text_digest(*dict.fromkeys(each.digest for each in used)),
        subject=f"【{SIGN}】{_subject(parts, contact)}",
        body=f"{contact.greeting}：\n\n{_body(parts)}",
        text=parts[0].text if len(parts) == 1 else f"{_subject(parts, contact)}。详情请联系各主管部门。",
        values=parts[0].values if len(parts) == 1 else _together(parts, contact),
        text_names=used[0].named(used[0].sms) if len(parts) == 1 else ("you", "count", "subjects"),
    )
    published = {part.values["contact"] for part in parts}  # by the rule: an office's own phone is no secret
    if any(_shows_number(text, published) for text in (message.subject, message.body, message.text)):
        text = f"the words of `{message.template_id}` would show a number of twelve digits or a mobile phone"
        remedy = "take it out of the template or the rule's labels"
        raise DeliveryError.one(DeliveryCode.NUMBER_SHOWN, notices[0].notice_id, text, remedy)
    return message


def _shows_number(text: str, published: Collection[str]) -> bool:
    for each in published:
        text = text.replace(each, "")
    return shows_number(text)


@dataclass(frozen=True, slots=True)
class _Part:
    """What one notice says."""

    subject: str
    body: str
    text: str
    owner: str
    values: Mapping[str, str]


def _part(notice: Notice, contact: Contact, template: Template) -> _Part:
    values = {name: one_line(value) for name, value in notice.values}
    check_values(notice.kind, values, notice.notice_id)
    values |= dict(zip(RECIPIENT, (contact.greeting, contact.you), strict=True))
    subject, body, text = (template.filled(each, values) for each in (template.subject, template.body, template.sms))
    return _Part(one_line(subject), body.strip("\n"), one_line(text), values["owner"], values)


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
