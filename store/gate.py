"""The last gate before a commit: where roles are required, nobody's deed is kept without a role that allows it.

Whatever path led there, command, page or file, a deed that the audit chain is told of is looked up here by its event, in
the very transaction that does it. Which policies a role is over is asked before (`engine.authority`); this asks whether
there is such a role at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from core.errors import RefusedError
from core.roles import Machine, Role
from store.access_codes import AccessCode
from store.audit_chain import Said
from store.opening import Writing
from store.roles import roles_of

_OFFICERS = frozenset({Role.OFFICER, Role.APPROVER})
_PAYING = frozenset({Role.PAYMASTER, Role.APPROVER})
_STOPPING = frozenset({Role.OFFICER, Role.APPROVER, Role.PAYMASTER, Role.SUPERVISOR, Role.OPERATOR})
_PAYMASTER = frozenset({Role.PAYMASTER})
_OPERATOR = frozenset({Role.OPERATOR})

MAY: Mapping[str, frozenset[Role] | None] = {
    "account": _OPERATOR,
    "activation": _OFFICERS,
    "activation.suspended": _STOPPING,
    "bank_file": _PAYMASTER,
    "bank_line": _PAYMASTER,
    "batch": _STOPPING,
    "batch.approved": _PAYING,
    "batch.exported": _PAYMASTER,
    "batch.handed_over": _PAYMASTER,
    "batch.inquired": _PAYMASTER,
    "batch.inquiry_confirmed": _PAYMASTER,
    "batch.reconciled": _PAYMASTER,
    "budget": _OFFICERS | _PAYING,
    "case": _OFFICERS | _PAYING,
    "case.objected": None,  # the subject's own right, on a page too
    "data": frozenset({Role.STEWARD, Role.APPROVER}),  # the result of a round is a load
    "grievance.decided": _OFFICERS,
    "night": _OPERATOR,
    "portal": _OPERATOR,
    "proposal": _OFFICERS,
    "proposal.approved": frozenset({Role.APPROVER}),
    "proposal.submitted": frozenset({Role.OFFICER}),
    "role": _OPERATOR,
    "round.decided": frozenset({Role.APPROVER}),
    "round.opened": frozenset({Role.OFFICER}),
    "sample": _OFFICERS,
    "vault.rotated": _OPERATOR,
    "session.revoked": _OPERATOR,
    "version": _OFFICERS,
}
"""Who may do what, by the event or the beginning of its name; what is not here needs no role."""


@dataclass(frozen=True, slots=True)
class Gate:
    """Looks at what a transaction is about to keep; `login` is who is logged in, where somebody knows."""

    login: str | None = None

    def __call__(self, tx: Writing) -> None:
        """Let a transaction pass.

        Fails: RefusedError where somebody did what no role of theirs allows, or in another name than their login's.
        """
        for said in tx.said:
            wanted = roles_for(said.event)
            if wanted is not None and not _is_own_affair(said):
                self._refuse_lacking(tx, said, wanted)

    def _refuse_lacking(self, tx: Writing, said: Said, wanted: frozenset[Role]) -> None:
        if isinstance(said.by, Machine):
            return
        if self.login not in {None, said.by}:
            message = f"`{self.login}` is logged in, and may not act as `{said.by}`"
            raise RefusedError.one(AccessCode.OTHER_LOGIN, said.by, message, "log in as that person; leave `--by` out")
        if not any(held.role in wanted for held in roles_of(tx, said.by)):
            roles = sorted(wanted)
            message = f"`{said.by}` is not {' or '.join(roles)}"
            remedy = f"an operator gives the role: `mianshen roles grant {said.by} {roles[0]}`"
            raise RefusedError.one(AccessCode.NOT_ALLOWED, said.by, message, remedy)


def roles_for(event: str) -> frozenset[Role] | None:
    """Return which roles allow an event: by its whole name, or else by its beginning; None where it needs none."""
    return MAY.get(event, MAY.get(event.split(".", maxsplit=1)[0]))


def _is_own_affair(said: Said) -> bool:
    """Say whether somebody gives up a role of their own: they have it no more when this is asked."""
    return said.event == "role.revoked" and said.by == said.about
