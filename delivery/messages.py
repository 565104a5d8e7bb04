"""A notice and a contact made into the words that are sent."""

from dataclasses import dataclass, field

from core.errors import DeliveryError
from core.ids import text_digest
from core.ledger import Notice
from delivery.codes import DeliveryCode
from delivery.contacts import Contact
from delivery.masks import shows_number
from delivery.notice_templates import RECIPIENT, Template
from delivery.notices import VARIABLES
from delivery.payees import one_line


@dataclass(frozen=True, slots=True)
class Message:
    """One letter, ready to send; `template_id` and `digest` are what the outbox keeps of it."""

    template_id: str
    subject: str = field(repr=False)
    body: str = field(repr=False)

    @property
    def digest(self) -> str:
        """Return the SHA-256 of what is said."""
        return text_digest(self.subject, self.body)


def compose(notice: Notice, contact: Contact, template: Template) -> Message:
    """Return the message of a notice.

    Fails: `DeliveryError` where the notice lacks a value of its kind, or the words would show somebody's
           number, account or phone.
    """
    values = dict(zip(RECIPIENT, (contact.greeting, contact.you), strict=True))
    values |= {name: one_line(value) for name, value in notice.values}
    absent = [name for name in VARIABLES[notice.kind] if not values.get(name)]
    if absent:
        words = ", ".join(f"`{name}`" for name in absent)
        message = f"a notice of kind `{notice.kind.value}` comes without {words}"
        raise DeliveryError.one(DeliveryCode.VALUE_MISSING, notice.notice_id, message, "see what the run gave it")
    subject = template.filled(template.subject, values)
    body = template.filled(template.body, values)
    if shows_number(subject) or shows_number(body):
        message = f"the words of `{template.template_id}` would show a number of twelve digits or a mobile phone"
        raise DeliveryError.one(
            DeliveryCode.NUMBER_SHOWN, notice.notice_id, message, "take it out of the template or the rule's labels"
        )
    return Message(template.template_id, one_line(subject), body)
