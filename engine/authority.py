"""Whether somebody may do something: by the roles they have at this moment, or by anybody's where roles are open.

The setting `[access] roles` says which. Open serves a trial by one person; then every name is taken at its word, and
`open_access` is what approval sheets and lists say about that.
"""

from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass

from core.errors import RefusedError
from core.findings import Finding, Place, Severity
from core.remits import WHOLE, Remit
from core.roles import EVERYTHING, Role, Scope, ScopeKind
from engine.deployment import Deployment
from engine.remits import owned, remit_of, takes_in
from store.access_codes import AccessCode
from store.audit import record
from store.belonging import OF_NONE, policies_named
from store.opening import Reading
from store.roles import roles_of


@dataclass(frozen=True, slots=True)
class _Wish:
    """What somebody wants to do: as one of some roles, to all of some policies, to a department's, or to everything."""

    by: str
    roles: tuple[Role, ...]
    policies: tuple[str, ...]
    department: str | None

    @property
    def about(self) -> str:
        """Return it in a word."""
        return ", ".join(self.policies) or self.department or str(EVERYTHING)


def authorised(
    deployment: Deployment,
    by: str,
    role: Role | Collection[Role],
    about: str | Iterable[str] | None = None,
    *,
    department: str | None = None,
) -> None:
    """Check that somebody has a role, or one of several, over a policy, each of several, a department, or everything.

    What is revoked, or over, counts from the next request: nothing is remembered.
    Fails: RefusedError, which is recorded, where roles are required and none of theirs is enough, or where they act in
           another name than they logged in with.
    """
    if not is_required(deployment):
        return
    policies = (about,) if isinstance(about, str) else tuple(sorted(set(about or ())))
    wish = _Wish(by, tuple(sorted({role} if isinstance(role, Role) else set(role))), policies, department)
    with deployment.store.reading() as rx:
        refusal = _refusal(rx, deployment, wish)
    _refuse(deployment, wish, refusal)


def remit_at(deployment: Deployment, by: str, roles: Collection[Role]) -> Remit:
    """Return over what somebody looks in some roles, or in any of them: what a list is cut down to before it is shown.

    Fails: RefusedError, which is recorded, where roles are required and they have none of these, or where they look in
           another name than they logged in with.
    """
    if not is_required(deployment):
        return WHOLE
    wish = _Wish(by, tuple(sorted(roles)), (), None)
    with deployment.store.reading() as rx:
        is_one = any(each.role in roles for each in roles_of(rx, by))
    _refuse(deployment, wish, _other_login(deployment, by) or (None if is_one else _lacking(wish, "")))
    return remit_of(deployment, by, roles)


def look_at(deployment: Deployment, by: str, roles: Collection[Role], name: str) -> None:
    """Check that somebody's roles take in the thing of a name, by the policies that it belongs to.

    What lies outside and what is not there are refused alike; whoever reaches everything is told more by who looks.
    Fails: RefusedError, which is recorded, as `remit_at`, or where it lies outside.
    """
    remit = remit_at(deployment, by, roles)
    if remit.covers(name):
        return
    with deployment.store.reading() as rx:
        owners = policies_named(rx, name)
    if remit.covers(*owners):
        return
    record_beyond(deployment, by, roles, owners)
    raise beyond(by, name)


def record_beyond(deployment: Deployment, by: str, roles: Collection[Role], owners: frozenset[str]) -> None:
    """Keep that somebody asked for what lies outside; what belongs to no policy is nobody's to record."""
    if owners - {OF_NONE}:
        with suppress(RefusedError):  # which records it
            authorised(deployment, by, roles, owners - {OF_NONE})


def beyond(by: str, name: str) -> RefusedError:
    """Return what refuses something outside, or nowhere: nobody can tell which."""
    message = f"nothing that `{by}` may see is called `{name}`"
    return RefusedError.one(AccessCode.NOT_ALLOWED, by, message, "name something that is on the list")


def _refuse(deployment: Deployment, wish: _Wish, refusal: RefusedError | None) -> None:
    """Raise a refusal, where there is one, with its entry in the audit chain."""
    if refusal is None:
        return
    with deployment.store.writing() as tx:
        said = {"as": wish.by, "roles": [str(each) for each in wish.roles]}
        record(tx, "role.exercised", by=deployment.login or wish.by, about=wish.about, said=said)
        raise refusal


def is_required(deployment: Deployment) -> bool:
    """Say whether roles decide in a workspace."""
    return deployment.workspace.settings.access.roles == "required"


def open_access(deployment: Deployment) -> list[Finding]:
    """Return what has to be said wherever somebody signs, while roles are open: nothing otherwise."""
    if is_required(deployment):
        return []
    message = "roles are open: everybody who may open this workspace may do everything, under any name"
    remedy = 'give roles with `mianshen roles grant`, then write `roles = "required"` under [access]'
    return [Finding(AccessCode.OPEN, Place("workspace.toml"), message, remedy, Severity.WARNING)]


def _refusal(rx: Reading, deployment: Deployment, wish: _Wish) -> RefusedError | None:
    if other := _other_login(deployment, wish.by):
        return other
    scopes = {each.scope for each in roles_of(rx, wish.by) if each.role in wish.roles}
    lacking = [each for each in wish.policies if not _covers(rx, deployment, scopes, each)]
    is_own_department = wish.department is not None and Scope(ScopeKind.DEPARTMENT, wish.department) in scopes
    if EVERYTHING in scopes or is_own_department or (wish.policies and not lacking):
        return None
    return _lacking(wish, f" over `{lacking[0] if lacking else wish.about}`" if scopes else "")


def _other_login(deployment: Deployment, by: str) -> RefusedError | None:
    if deployment.login in {None, by}:
        return None
    message = f"`{deployment.login}` is logged in, and may not act as `{by}`"
    return RefusedError.one(AccessCode.OTHER_LOGIN, by, message, "log in as that person; leave `--by` out")


def _lacking(wish: _Wish, over: str) -> RefusedError:
    message = f"`{wish.by}` is not {' or '.join(wish.roles)}{over}"
    remedy = f"an operator gives the role: `mianshen roles grant {wish.by} {wish.roles[0]}`"
    return RefusedError.one(AccessCode.NOT_ALLOWED, wish.by, message, remedy)


def _covers(rx: Reading, deployment: Deployment, scopes: Collection[Scope], policy: str) -> bool:
    """Say whether one of some scopes takes in a policy; its text is read only where a scope asks for it."""
    if EVERYTHING in scopes or Scope(ScopeKind.POLICY, policy) in scopes:
        return True
    if all(each.kind is ScopeKind.POLICY for each in scopes):
        return False
    measured = owned(rx, deployment, policy)
    return any(takes_in(scope, measured) for scope in scopes)
