"""Whose data somebody sees to: all of it, or the resources that the policies of their remit are decided by."""

from dataclasses import dataclass

from core.remits import Remit
from engine.authority import beyond
from engine.deployment import Deployment
from engine.desks import WHOLE_DATA
from rules.reading import parse_version, read_readable
from store.activations import published_versions
from store.roles import roles_of


@dataclass(frozen=True, slots=True)
class DataReach:
    """Some resources by code, or all of them.

    Nulls: `resources` None is all.
    """

    resources: frozenset[str] | None = None

    def covers(self, *resources: str) -> bool:
        """Say whether all of some resources lie within."""
        return self.resources is None or self.resources.issuperset(resources)

    def refuse_beyond(self, by: str, resource: str) -> None:
        """Refuse to show what lies outside.

        Fails: RefusedError.
        """
        if not self.covers(resource):
            raise beyond(by, resource)


def data_reach(deployment: Deployment, by: str, remit: Remit) -> DataReach:
    """Return the resources that somebody sees: whoever looks after data all, others those that their policies read.

    A policy reads what any version of it reads that was published or has a file; of a file that cannot be read nobody
    knows what it reads. A department's own resources are its own whoever reads them.
    """
    with deployment.store.reading() as rx:
        if remit.is_whole or any(each.role in WHOLE_DATA for each in roles_of(rx, by)):
            return DataReach()
        published = [each for each in published_versions(rx) if remit.covers(each.policy)]
    catalogue = deployment.catalogue
    written, _ = read_readable(deployment.workspace.policies, catalogue)
    versions = [each for each in written if remit.covers(each.policy)]
    versions += [
        parse_version(each.text, catalogue, f"policies/{each.policy}/{each.version}.yaml") for each in published
    ]
    own = {each.resource for each in catalogue.resources.values() if each.owner in remit.departments}
    return DataReach(catalogue.resources_behind({code for each in versions for code in each.attributes}) | own)
