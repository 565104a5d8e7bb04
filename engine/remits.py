"""What somebody's roles reach: the policies that their scopes take in, measured by department and region."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from core.remits import WHOLE, Remit
from core.roles import EVERYTHING, Role, Scope, ScopeKind
from engine.deployment import Deployment
from rules.areas import check_area
from rules.reading import written_texts, written_version
from store.activations import PublishedVersion, published_versions
from store.opening import Reading
from store.roles import roles_of


@dataclass(frozen=True, slots=True)
class Owned:
    """A policy as scopes measure it."""

    policy: str
    department: str | None = None
    region: str | None = None


def remit_of(deployment: Deployment, by: str, roles: Collection[Role] = ()) -> Remit:
    """Return what somebody reaches in some roles, or in any: asked anew each time, so that what is revoked counts.

    Expects: roles are required; where they are open, everybody reaches the whole.
    """
    with deployment.store.reading() as rx:
        scopes = {each.scope for each in roles_of(rx, by) if not roles or each.role in roles}
        if EVERYTHING in scopes:
            return WHOLE
        named = {each.name for each in scopes if each.kind is ScopeKind.POLICY}
        wider = [each for each in scopes if each.kind is not ScopeKind.POLICY]
        every = _every_owned(rx, deployment) if wider else {}
    taken_in = {each.policy for each in every.values() if any(takes_in(scope, each) for scope in wider)}
    departments = frozenset(each.name for each in scopes if each.kind is ScopeKind.DEPARTMENT)
    return Remit(frozenset(named | taken_in), departments)


def takes_in(scope: Scope, owned: Owned) -> bool:
    """Say whether a scope takes in a policy: a region takes in the policies of its parts, and not those above it."""
    match scope.kind:
        case ScopeKind.EVERYTHING:
            return True
        case ScopeKind.POLICY:
            return scope.name == owned.policy
        case ScopeKind.DEPARTMENT:
            return scope.name == owned.department
        case ScopeKind.REGION:
            return owned.region is not None and owned.region.startswith(check_area(scope.name))


def owned(rx: Reading, deployment: Deployment, policy: str) -> Owned:
    """Return whose a policy is, by its newest published version, or by its newest file where none is published."""
    published = _texts(published_versions(rx, policy))
    texts = published or {
        key: text for key, text in written_texts(deployment.workspace.policies).items() if key[0] == policy
    }
    return _measured(texts).get(policy, Owned(policy))


def _every_owned(rx: Reading, deployment: Deployment) -> Mapping[str, Owned]:
    """Return every policy that is published or has a file, as `owned`."""
    published = _texts(published_versions(rx))
    names = {policy for policy, _ in published}
    files = written_texts(deployment.workspace.policies)
    return _measured(published | {key: text for key, text in files.items() if key[0] not in names})


def _texts(versions: Iterable[PublishedVersion]) -> dict[tuple[str, int], str]:
    return {(each.policy, each.version): each.text for each in versions}


def _measured(texts: Mapping[tuple[str, int], str]) -> dict[str, Owned]:
    """Return whose each policy is, by its newest text."""
    newest = {policy: (number, text) for (policy, number), text in sorted(texts.items())}
    found = {}
    for policy, (number, text) in newest.items():
        written = written_version(text, f"policies/{policy}/{number}.yaml")
        found[policy] = Owned(policy, written.owner, written.region)
    return found
