"""What a subject raises itself, on its page or by a portal: a fact that is wrong, an outcome, a claim; and going on with it."""

import datetime as dt

from engine.explaining.examination import ExaminedFact
from engine.grievances.intake import Intake
from store.states.grievances import GrievanceKind, GrievanceSource


def disputed(fact: ExaminedFact, should: str, why: str) -> str:
    """Say that a fact is wrong, with who tells it, what is held and what it should be; nothing where that is not said."""
    source = f"{fact.owner}《{fact.source}》" if fact.source else fact.owner
    if not should.strip():
        return ""
    return f"数据更正：{fact.label}（{source}）现为“{fact.words}{fact.unit}”，认为应为“{should}”。{why}"


def about_policy(subject_id: str, policy: str, said: str, today: dt.date, *, contact: str = "") -> Intake:
    """Return an objection to the outcome or the amount of a policy, or to a fact that it is decided by."""
    kind, source = GrievanceKind.ENTITLEMENT, GrievanceSource.PAGE
    return Intake(kind, source, said, today, subject=subject_id, policy=policy, contact=contact or None)


def about_claim(case_id: str, said: str, today: dt.date) -> Intake:
    """Return an objection to what is claimed back."""
    return Intake(GrievanceKind.CLAIM, GrievanceSource.PAGE, said, today, case_id=case_id)


def going_on(said: str, today: dt.date) -> Intake:
    """Return what goes on with something that was decided, before another person."""
    return Intake(GrievanceKind.SERVICE, GrievanceSource.PAGE, said, today)
