"""What time alone will do: who starts, ends, moves to another amount, or runs out of a certificate, month by month.

Facts are those known today. They go on as they are recorded: a card ends on its last day, a birthday passes, a window
slides; nothing becomes stale, for nobody knows yet what will not be delivered. Of events that are decided on a day of their
own, a day that lies ahead comes, and what became of them since moves on.
"""

import dataclasses
import datetime as dt
import json
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from core.days import DayRange
from core.edges import DayEdge
from core.errors import RunError
from core.settings import SettingsCode
from engine.compute import Progress
from engine.deployment import Deployment
from engine.lasting import never_stale
from engine.night import Night, NightPolicy, night_of, published_policies
from engine.outcomes import PolicyOutcomes
from engine.planning.disclosure import K_LEAST, shown_cells
from engine.planning.sides import Horizon
from engine.planning.turns import TURNS, Turn, turns_of
from engine.units import Unit
from profiles.assemble import assemble
from rules.standing import resumed

FORMAT_VERSION = 1  # of the JSON form; readers may rely on its keys


@dataclass(frozen=True, slots=True)
class PolicyOutlook:
    """How many subjects of one policy make each turn: by month, and over all months; None is not shown."""

    policy: str
    title: str
    months: dict[str, dict[Turn, int | None]]
    totals: dict[Turn, int | None]


@dataclass(frozen=True)
class Outlook:
    """What time will do to everyone; `turns` name units by their opaque ids and leave only for a file."""

    day: dt.date
    months: int
    known_at: dt.datetime
    policies: tuple[PolicyOutlook, ...]
    turns: pl.DataFrame

    def as_json(self) -> str:
        """Return the counts for programs; no subject appears."""
        tree = {
            "format_version": FORMAT_VERSION,
            "day": self.day.isoformat(),
            "months": self.months,
            "known_at": self.known_at.isoformat(),
            "k_least": K_LEAST,
            "policies": [dataclasses.asdict(policy) for policy in self.policies],
        }
        return json.dumps(tree, ensure_ascii=False, indent=2, sort_keys=True)


def look_ahead(deployment: Deployment, *, day: dt.date, months: int, progress: Progress) -> Outlook:
    """Work out what time will do under every published policy."""
    known_at = deployment.clock.now()
    progress("reading the published state")
    with deployment.store.reading() as rx:
        policies = published_policies(rx, deployment.catalogue, business_date=day, known_at=known_at)
        policies = tuple(  # a suspension ends when somebody says so
            replace(policy, activations=resumed(policy.activations)) for policy in policies
        )
        codes = {policy.policy for policy in policies}
        root = deployment.workspace.root
        lasting = never_stale(deployment.catalogue)
        night = night_of(rx, root, lasting, policies, business_date=day, known_at=known_at, only=codes)
    horizon = Horizon(day, months)
    days = DayRange(day, horizon.days.last)
    found = [TURNS.to_frame()]
    for kind in sorted({policy.kind for policy in policies}):
        progress(f"assembling the profiles of everyone of the kind {kind}")
        own = [policy for policy in policies if policy.kind == kind]
        profiles = _profiles(night, kind, own, days)
        for policy in own:
            progress(f"looking ahead for {policy.current.written.title}")
            found.append(turns_of(night, policy, profiles, days))
    turns = pl.concat(found).sort("policy", "day", "subject_id")
    return Outlook(day, months, known_at, tuple(_counted(turns, each, horizon) for each in policies), turns)


def _profiles(night: Night, kind: str, policies: list[NightPolicy], days: DayRange) -> pl.DataFrame:
    versions = [version for policy in policies for version in policy.versions.values()]
    edges: dict[DayEdge, None] = dict.fromkeys(edge for version in versions for edge in version.edges)
    named = [night.days_asked(policy).first for policy in policies if policy.current.version_by is not None]
    return assemble(
        night.catalogue,
        night.loads,
        kind=kind,
        attributes=sorted(frozenset[str]().union(*(version.attributes for version in versions))),
        days=DayRange(min([days.first, *named]), days.last),
        known_at=night.known_at,
        edges=tuple(edges),
        owned_over=Unit.of(night.catalogue, kind).owned_over,
        outcomes=PolicyOutcomes(night, night.known_at),
    ).collect()


def _counted(turns: pl.DataFrame, policy: NightPolicy, horizon: Horizon) -> PolicyOutlook:
    own = turns.filter(pl.col("policy") == policy.policy).with_columns(month=pl.col("day").dt.strftime("%Y-%m"))
    counts = {(month, Turn(turn)): count for month, turn, count in own.group_by("month", "turn").len().iter_rows()}
    shown = {turn: shown_cells({month: counts.get((month, turn), 0) for month in horizon.names}) for turn in Turn}
    totals = {turn: sum(counts.get((month, turn), 0) for month in horizon.names) for turn in Turn}
    return PolicyOutlook(
        policy.policy,
        policy.current.written.title,
        {month: {turn: shown[turn][month] for turn in Turn} for month in horizon.names},
        {turn: None if 0 < total < K_LEAST else total for turn, total in totals.items()},
    )


def write_turns(outlook: Outlook, path: Path) -> None:
    """Write every turn with its opaque id to a Parquet file that only its owner may read, whole or not at all.

    Fails: RunError where the folder may not be written.
    """
    beside = path.with_name(f".{path.name}.writing")
    try:
        beside.touch(mode=0o600)
        outlook.turns.write_parquet(beside)
        beside.replace(path)
    except OSError as fault:
        beside.unlink(missing_ok=True)
        message = f"the list cannot be written: {(fault.strerror or 'unknown reason').lower()}"
        raise RunError.one(SettingsCode.NO_ACCESS, path.name, message, "name a folder that may be written") from fault
