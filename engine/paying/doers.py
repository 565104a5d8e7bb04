"""Who may do what to batches, where roles decide."""

from core.roles import Role
from engine.authority import authorised
from engine.deployment import Deployment
from store.batches import batch_of

SIGNS = frozenset({Role.APPROVER, Role.PAYMASTER})
SENDS = frozenset({Role.PAYMASTER})
STOPS = frozenset({Role.SUPERVISOR, Role.APPROVER, Role.PAYMASTER})


def may(deployment: Deployment, by: str, roles: frozenset[Role], batch_id: str | None = None) -> None:
    """Check that somebody has one of some roles over the policy of a batch, or over everything.

    Fails: RefusedError, which is recorded; and where there is no such batch.
    """
    with deployment.store.reading() as rx:
        about = None if batch_id is None else batch_of(rx, batch_id).policy
    authorised(deployment, by, roles, about)
