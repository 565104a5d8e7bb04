"""Whose work a claim is: officers tell and agree, approvers decide and give up, paymasters take money in."""

from core.roles import Role
from engine.authority import authorised
from engine.deployment import Deployment
from store.case_steps import case_of

MAY_LOOK = (Role.OFFICER, Role.APPROVER, Role.PAYMASTER, Role.SUPERVISOR, Role.AUDITOR)
"""Who may see names beside claims."""


def claim_work(deployment: Deployment, case_id: str, by: str, role: Role) -> None:
    """Check that somebody may do their part of the work on a case, by its policy.

    Fails: RefusedError where nothing goes by the id, or roles are required and theirs are not enough.
    """
    with deployment.store.reading() as rx:
        case = case_of(rx, case_id)
    authorised(deployment, by, role, case.policy)
