"""What a notice of each kind carries: the words that its letter may show, beside those for its recipient.

A value that is missing is a fault of whoever plans the notice, found when it is planned and again before it is sent.
"""

from collections.abc import Mapping

from core.errors import DeliveryError
from core.ledger import NoticeKind
from delivery.benefit_words import ask_words
from delivery.codes import DeliveryCode
from delivery.payees import one_line
from rules.version import WrittenVersion

ABOUT = ("title", "owner", "contact")
"""What every notice carries: what it is about, who answers for it, and whom one asks."""

ACCOUNT = "account"
"""On which account money came: kept as its keyed digest, for its number stands in the vault alone; told by its end."""

VARIABLES: dict[NoticeKind, tuple[str, ...]] = {
    kind: (*ABOUT, *more)
    for kind, more in {
        NoticeKind.STARTED: ("since", "standard", "payment", "why"),
        NoticeKind.AMOUNT_CHANGED: ("since", "before", "standard", "payment"),
        NoticeKind.ENDED: ("since", "reasons"),
        NoticeKind.HELD: ("since", "reasons"),
        NoticeKind.OFFERED: ("standard", "confirmed", "reply_by", "why"),
        NoticeKind.ASKED: ("standard", "reasons", "reply_by"),
        NoticeKind.REMINDED: ("confirmed", "reply_by"),
        NoticeKind.LAPSED: ("standard",),
        NoticeKind.INFORMED: ("standard", "why"),
        NoticeKind.RECORDED: ("reasons",),
        NoticeKind.EXPIRING: ("expires_on", "benefits", "remedy"),
        NoticeKind.PUBLICISED: ("where", "through"),
        NoticeKind.PAID: ("amount", "periods", "paid_on", ACCOUNT),
        NoticeKind.PAYMENT_RETURNED: ("amount", "periods", "reasons", "remedy"),
        NoticeKind.OVERPAID: ("amount", "periods", "reasons", "reply_by"),
        NoticeKind.OVERPAYMENT_DECIDED: ("amount", "decision", "reasons"),
        NoticeKind.GRIEVANCE_RECEIVED: ("number", "reply_by"),
        NoticeKind.GRIEVANCE_DECIDED: ("number", "decision", "reasons"),
    }.items()
}
"""What a notice of each kind carries, so what its template may show beside the recipient."""

WITH_REASONS = frozenset({kind for kind, names in VARIABLES.items() if "reasons" in names})


def policy_values(written: WrittenVersion) -> dict[str, str]:
    """Return what every notice about a policy carries: its title, its owner, and whom one asks."""
    return {"title": written.title, "owner": written.owner, "contact": contact_of(written)}


def contact_of(written: WrittenVersion) -> str:
    """Return whom one asks about a policy: its contact, or its owner where none is named."""
    contact = written.contact
    return written.owner if contact is None else ask_words(contact.office, contact.phone)


def absent_values(kind: NoticeKind, values: Mapping[str, str]) -> list[str]:
    """Return the words of its kind that a notice lacks, or has empty."""
    return [name for name in VARIABLES[kind] if not one_line(values.get(name, ""))]


def check_values(kind: NoticeKind, values: Mapping[str, str], place: str) -> None:
    """Check that a notice carries every word of its kind.

    Fails: DeliveryError where one is missing or empty.
    """
    absent = absent_values(kind, values)
    if absent:
        words = ", ".join(f"`{name}`" for name in absent)
        message = f"a notice of kind `{kind.value}` comes without {words}"
        raise DeliveryError.one(DeliveryCode.VALUE_MISSING, place, message, "see what planned it")
