"""What every list of the supervision looks at: the store at one moment, the policies by name, the newest night."""

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl

from core.clock import civil_day
from core.remits import WHOLE, Remit
from core.roles import EVERYTHING, Role, Scope, ScopeKind
from engine.deployment import Deployment
from engine.night import JOB, NightPolicy, published_policies
from profiles.catalogue import Resource
from store.opening import Reading
from store.roles import RoleHeld, read_roles
from store.runs import RunRecord, latest_published

EVERY_POLICY = "—"  # in the place of a policy, for what is about none


@dataclass(frozen=True)
class Look:
    """One look at a workspace, as far as a remit reaches: by everything that is known now, with the days counted to `on`."""

    deployment: Deployment
    rx: Reading
    on: dt.date
    remit: Remit = WHOLE

    @cached_property
    def policies(self) -> Mapping[str, NightPolicy]:
        """Return the published policies of the remit, by code."""
        found = published_policies(self.rx, self.deployment.catalogue, business_date=self.on, known_at=self.rx.now)
        return {each.policy: each for each in found if self.remit.covers(each.policy)}

    @cached_property
    def resources(self) -> frozenset[str]:
        """Return the resources that the policies read."""
        read = {code for policy in self.policies.values() for code in policy.attributes}
        return self.deployment.catalogue.resources_behind(read)

    def sees(self, resource: Resource) -> bool:
        """Say whether a resource is looked at: the remit's policies read it, or its department is the remit's."""
        is_own = self.remit.is_whole or resource.owner in self.remit.departments
        return is_own or resource.resource in self.resources

    @cached_property
    def night(self) -> RunRecord | None:
        """Return the newest published night, or None."""
        return latest_published(self.rx, JOB)

    @cached_property
    def roles(self) -> tuple[RoleHeld, ...]:
        """Return the roles that people have today."""
        return tuple(each for each in read_roles(self.rx) if each.holds_on(self.on))

    def title(self, policy: str) -> str:
        """Return what a policy is called; its code where it is published no longer."""
        return self.policies[policy].current.written.title if policy in self.policies else policy

    def owner(self, policy: str) -> str:
        """Return the department that a policy belongs to."""
        return self.policies[policy].current.written.owner if policy in self.policies else EVERY_POLICY

    def who(self, role: Role, policy: str | None = None) -> str:
        """Return who has a role over a policy, or over everything; empty where nobody has."""
        department = None if policy is None else self.owner(policy)
        covering = {EVERYTHING, Scope(ScopeKind.POLICY, policy or ""), Scope(ScopeKind.DEPARTMENT, department or "")}
        return ", ".join(sorted({each.who for each in self.roles if each.role is role and each.scope in covering}))

    def frame(self, name: str) -> pl.DataFrame | None:
        """Return the remit's rows of a frame of the newest night, or None where there is none, or its folder is gone."""
        if self.night is None or self.night.folder is None:
            return None
        path: Path = self.deployment.workspace.runs / self.night.folder / f"{name}.parquet"
        if not path.exists():
            return None
        rows = pl.scan_parquet(path)
        if self.remit.policies is not None:
            rows = rows.filter(pl.col("policy").cast(pl.String).is_in(sorted(self.remit.policies)))
        return rows.collect()


@contextmanager
def looking(deployment: Deployment, on: dt.date | None = None, *, remit: Remit = WHOLE) -> Iterator[Look]:
    """Look at a workspace at one moment, as far as a remit reaches; without a day, as of today."""
    with deployment.store.reading() as rx:
        yield Look(deployment, rx, on or civil_day(rx.now), remit)
