"""What the subject of an overpayment case is told: that it is claimed and how to object, and what was decided."""

import datetime as dt
from collections.abc import Mapping

from core.clock import civil_day
from core.ledger import NoticeKind
from core.money import yuan_text
from delivery.notices import Telling, plan_notices
from delivery.period_words import day_words, period_words
from engine.deployment import Deployment
from engine.overpayments.reasons import Ground
from store.case_steps import CaseRecord
from store.opening import Writing


def tell_claim(
    tx: Writing, deployment: Deployment, case: CaseRecord, ground: Ground, *, why: str, through: dt.date
) -> None:
    """Plan the letter that claims: what, why, and by which day to object."""
    values = {
        "periods": period_words(case.period),
        "reasons": why,
        "reply_by": f"{day_words(through)}前（含当日）",
    }
    _tell(tx, deployment, case, NoticeKind.OVERPAID, ground.values | values)


def tell_decision(
    tx: Writing, deployment: Deployment, case: CaseRecord, ground: Ground, values: Mapping[str, str]
) -> None:
    """Plan the letter that tells what was decided: its `decision` and its `reasons`."""
    _tell(tx, deployment, case, NoticeKind.OVERPAYMENT_DECIDED, ground.values | dict(values))


def _tell(tx: Writing, deployment: Deployment, case: CaseRecord, kind: NoticeKind, values: dict[str, str]) -> None:
    event = f"case {case.case_id} {case.moves}"  # a case that is told again is another event
    values |= {"amount": yuan_text(case.amount_fen)}
    telling = Telling(kind, case.subject_id, case.policy, event, civil_day(tx.now), values)
    plan_notices(tx, deployment.routes, [telling])
