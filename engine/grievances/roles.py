"""Whose work a grievance is: officers and supervisors take it in and look into it, approvers decide."""

from core.roles import Role
from engine.authority import authorised
from engine.deployment import Deployment
from store.grievances import grievance_of

HANDLES = (Role.OFFICER, Role.SUPERVISOR)
DECIDES = (Role.APPROVER,)


def grievance_work(deployment: Deployment, grievance_id: str, by: str, roles: tuple[Role, ...] = HANDLES) -> None:
    """Check that somebody may do their part of the work on a grievance, by the policy that it is about.

    Fails: RefusedError where nothing goes by the id, or roles are required and theirs are not enough.
    """
    with deployment.store.reading() as rx:
        grievance = grievance_of(rx, grievance_id)
    authorised(deployment, by, roles, grievance.policy)
