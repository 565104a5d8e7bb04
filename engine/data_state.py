"""What a data steward has to see to: late, stale and incomplete resources, quarantine, departments that disagree."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from core.findings import Finding, Place, Severity
from core.loads import LoadInfo, Loads
from engine.data_reach import DataReach
from engine.deployment import Deployment
from engine.loading import resource_named
from engine.night import NightPolicy, published_policies
from profiles.catalogue import Attribute, Catalogue
from profiles.codes import ProfileCode
from profiles.provenance import disagreements
from profiles.state import ResourceState, load_state, state_findings
from store.loads import read_loads

_EVERYTHING = DataReach()
ROWS_NAMED = 5  # enough to find the cause by hand


@dataclass(frozen=True, slots=True)
class KeptBack:
    """Rows of one load that were kept back for the same fault of the same column; the first few by number."""

    code: ProfileCode
    column: str
    row_count: int
    rows: tuple[int, ...]


def data_findings(
    catalogue: Catalogue,
    loads: Loads,
    policies: Iterable[NightPolicy],
    *,
    on: dt.date,
    known_at: dt.datetime,
    reach: DataReach = _EVERYTHING,
) -> list[Finding]:
    """Return every finding about the shared data of a reach as known at an instant, resource by resource, then by attribute.

    A resource that never arrived is one only where a published policy draws something from it. That departments disagree
    is for whoever reaches all of them.
    """
    known = loads.known_at(known_at)
    awaited = catalogue.resources_behind({code for policy in policies for code in policy.attributes})
    states = [each for each in load_state(catalogue, known, on) if reach.covers(each.resource.resource)]
    findings = list(state_findings(each for each in states if each.load_count or each.resource.resource in awaited))
    for kind in sorted(catalogue.kinds):
        counts = disagreements(catalogue, known, kind=kind, day=on, known_at=known_at)
        findings += [
            _disagreement(catalogue.attributes[code], catalogue, count)
            for code, count in counts.items()
            if count and reach.covers(*catalogue.resources_behind([code]))
        ]
    return findings


def known_findings(deployment: Deployment, on: dt.date, *, reach: DataReach = _EVERYTHING) -> list[Finding]:
    """Return every finding about a day and the data of a reach by all that is known now."""
    catalogue, known_at = deployment.catalogue, deployment.clock.now()
    with deployment.store.reading() as rx:
        loads = read_loads(rx, deployment.workspace.root)
        policies = published_policies(rx, catalogue, business_date=on, known_at=known_at)
    return data_findings(catalogue, loads, policies, on=on, known_at=known_at, reach=reach)


def known_states(deployment: Deployment, on: dt.date, *, reach: DataReach = _EVERYTHING) -> tuple[ResourceState, ...]:
    """Return how every resource of a reach stands on a day by all that is known now."""
    every = load_state(deployment.catalogue, _loads(deployment), on)
    return tuple(each for each in every if reach.covers(each.resource.resource))


def known_resource(
    deployment: Deployment, name: str, on: dt.date
) -> tuple[ResourceState, tuple[LoadInfo, ...], tuple[KeptBack, ...]]:
    """Return one resource: how it stands, its loads, and which rows of the newest were kept back, by reason.

    Fails: ProfileError where no such resource is declared.
    """
    resource = resource_named(deployment, name)
    (state,) = (each for each in known_states(deployment, on) if each.resource is resource)
    loads = _loads(deployment)
    return state, loads.of(name), () if state.latest is None else _kept_back(loads.root / state.latest.quarantine_path)


def _loads(deployment: Deployment) -> Loads:
    with deployment.store.reading() as rx:
        return read_loads(rx, deployment.workspace.root)


def _kept_back(quarantine: Path) -> tuple[KeptBack, ...]:
    """Return what was kept back by code and column, most first."""
    if not quarantine.exists():
        return ()
    groups = (
        pl.read_parquet(quarantine)
        .group_by("code", "column")
        .agg(pl.len().alias("count"), pl.col("row_number").sort().head(ROWS_NAMED).alias("rows"))
        .sort("count", "code", "column", descending=[True, False, False])
    )
    return tuple(
        KeptBack(ProfileCode(code), column, count, tuple(rows)) for code, column, count, rows in groups.iter_rows()
    )


def _disagreement(attribute: Attribute, catalogue: Catalogue, count: int) -> Finding:
    owners = [catalogue.resources[source.resource].owner for source in attribute.sources]
    subjects = "1 subject" if count == 1 else f"{count:,} subjects"
    return Finding(
        ProfileCode.DISAGREE,
        Place(attribute.code),
        f"{' and '.join(dict.fromkeys(owners))} know different values of `{attribute.label}` for {subjects}",
        f"the value of {owners[0]} is taken; ask the departments to agree",
        Severity.WARNING,
        count,
    )
