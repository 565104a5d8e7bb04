"""Giving and taking roles: who may, and over what there is to have one."""

import datetime as dt

from core.errors import RunError
from core.findings import nearest_help
from core.roles import EVERYTHING, Role, Scope, ScopeKind
from engine.authority import authorised
from engine.deployment import Deployment
from engine.lifecycle.suspending import said_reason
from rules.areas import BadCodeError, check_area
from rules.reading import written_texts
from store.access_codes import AccessCode
from store.activations import published_versions
from store.opening import Reading
from store.roles import Post, RoleHeld, grant_role, read_roles, revoke_role


def appoint(
    deployment: Deployment,
    post: Post,
    *,
    by: str,
    reason: str,
    valid_from: dt.date | None = None,
    valid_through: dt.date | None = None,
) -> RoleHeld:
    """Give somebody a role; where roles are required an operator does it, but for the very first one.

    Fails: RefusedError as `store.roles.grant_role`, or where who gives it is no operator.
    """
    said = said_reason(reason)
    if not _is_first(deployment, post):
        authorised(deployment, by, Role.OPERATOR)
    with deployment.store.writing() as tx:
        return grant_role(tx, post, by=by, reason=said, valid_from=valid_from, valid_through=valid_through)


def dismiss(deployment: Deployment, post: Post, *, by: str, reason: str) -> RoleHeld:
    """Take a role from somebody; an operator does it, or whoever gives up their own.

    Fails: RefusedError as `store.roles.revoke_role`, or where who takes it is no operator.
    """
    said = said_reason(reason)
    if by != post.who:
        authorised(deployment, by, Role.OPERATOR)
    with deployment.store.writing() as tx:
        return revoke_role(tx, post, by=by, reason=said)


def _is_first(deployment: Deployment, post: Post) -> bool:
    with deployment.store.reading() as rx:
        held = read_roles(rx)
    return post.role is Role.OPERATOR and not any(each.role is Role.OPERATOR and each.is_granted for each in held)


def scope_of(deployment: Deployment, text: str) -> Scope:
    """Return the scope that is written, once there is such a policy, department or region.

    Fails: RunError with the nearest known one.
    """
    scope = Scope.parse(text)
    if scope is None:
        remedy = "write `everything`, `policy:CODE`, `department:NAME` or `region:CODE`"
        raise RunError.one(AccessCode.BAD_SCOPE, "--over", f"`{text}` is no scope", remedy)
    match scope.kind:
        case ScopeKind.REGION:
            _check_region(scope.name)
        case ScopeKind.POLICY:
            with deployment.store.reading() as rx:
                _check_known(scope.name, _policies(rx, deployment), "policy")
        case ScopeKind.DEPARTMENT:
            _check_known(scope.name, {each.owner for each in deployment.catalogue.resources.values()}, "department")
        case ScopeKind.EVERYTHING:
            return EVERYTHING
    return scope


def _policies(rx: Reading, deployment: Deployment) -> set[str]:
    written = {policy for policy, _ in written_texts(deployment.workspace.policies)}
    return written | {each.policy for each in published_versions(rx)}


def _check_known(name: str, known: set[str], noun: str) -> None:
    if name not in known:
        message = f"no {noun} is called `{name}`"
        raise RunError.one(AccessCode.BAD_SCOPE, "--over", message, nearest_help(name, known, noun))


def _check_region(code: str) -> None:
    try:
        check_area(code)
    except BadCodeError as fault:
        raise RunError.one(AccessCode.BAD_SCOPE, "--over", str(fault), fault.remedy) from None
