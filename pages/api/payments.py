"""What was paid to a subject and where each payment stands, and what is claimed back."""

import datetime as dt
from collections.abc import Sequence

from delivery.period_words import period_words
from engine.explaining.books import statement_of
from engine.overpayments.case_words import STATE_WORDS
from engine.overpayments.views import titles_told
from pages.api.calls import Calling
from pages.api.forms import Said, Subject
from pages.api.matches import Payment
from pages.api.routes import Endpoint, read
from store.cases import read_cases
from store.merges import same_subject
from store.states.cases import CaseState
from store.states.entry import PortalScope


class PolicyPayment(Payment):
    """A payment with the policy under which it is made."""

    policy: str
    title: str


class Claim(Said):
    """What may have been overpaid; nothing is taken back before somebody decided and told."""

    case_id: str
    policy: str
    title: str
    period: str
    amount_fen: int
    state: CaseState
    state_words: str
    object_through: dt.date | None


class Payments(Said):
    """Every payment, newest first, and every claim."""

    payments: list[PolicyPayment]
    claims: list[Claim]


def endpoints() -> Sequence[Endpoint]:
    """Return the endpoints."""
    return [read("/v1/subject/payments", payments, Payments, PortalScope.PAYMENTS, "发放 · payments and claims")]


def payments(call: Calling, asked: Subject) -> Payments:
    """Say what was paid, what waits, what came back, and what is claimed back."""
    subject = call.subject(asked.number)
    with call.deployment.store.reading() as rx:
        titles, lines = titles_told(rx), statement_of(rx, subject.subject_id)
        cases = read_cases(rx, subjects=same_subject(rx, subject.subject_id))
    found = [
        PolicyPayment(**Payment.model_validate(line).model_dump(), policy=policy, title=titles.get(policy, policy))
        for policy, own in lines.items()
        for line in own
    ]
    claims = [
        Claim(
            case_id=row["case_id"],
            policy=row["policy"],
            title=titles.get(row["policy"], row["policy"]),
            period=period_words(row["period"]),
            amount_fen=row["amount_fen"],
            state=CaseState(row["state"]),
            state_words=STATE_WORDS[CaseState(row["state"])],
            object_through=row["object_through"],
        )
        for row in cases.iter_rows(named=True)
    ]
    return Payments(payments=sorted(found, key=lambda each: each.changed_on, reverse=True), claims=claims)
