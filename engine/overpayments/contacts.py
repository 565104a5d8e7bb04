"""Whom to speak with about a case: the heirs of somebody who died, a liquidator. Nothing is collected from them by itself."""

from core.errors import RefusedError
from core.roles import Role
from engine.deployment import Deployment
from engine.overpayments.codes import CaseCode
from engine.overpayments.roles import claim_work
from store.case_steps import CaseDeed, case_of, take_case_step
from store.sealed_notes import keep_note, open_note
from store.states.cases import CaseAction

FIELD = "contact"


def keep_contact(deployment: Deployment, case_id: str, text: str, *, by: str) -> None:
    """Keep whom to speak with, sealed; it takes the place of what stood there.

    Fails: RefusedError where nothing is said.
    """
    if not text.strip():
        raise RefusedError.one(
            CaseCode.NOTHING_SAID, case_id, "no contact is given", "write whom to speak with, and how"
        )
    claim_work(deployment, case_id, by, Role.OFFICER)
    with deployment.store.writing() as tx:
        case = case_of(tx, case_id)
        keep_note(tx, deployment.seals, about=case_id, field=FIELD, text=text.strip(), by=by)
        take_case_step(tx, case, CaseDeed(CaseAction.NOTED, by), case.state)


def open_contact(deployment: Deployment, case_id: str, *, by: str) -> str | None:
    """Return whom to speak with, or None; the opening is recorded."""
    claim_work(deployment, case_id, by, Role.OFFICER)
    with deployment.store.writing() as tx:
        case = case_of(tx, case_id)
        return open_note(
            tx, deployment.seals, about=case_id, field=FIELD, subject_id=case.subject_id, by=by, why="overpayment case"
        )
