"""How things stand with each resource on a day: what came, how fresh it is, what is missing.

Records for `mianshen data check`, `list` and `show`, and for the report of a run. Where two sources disagree about a
fact is counted by `profiles.provenance`.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from core.days import add_days
from core.findings import Finding, Place, Severity
from core.loads import LoadInfo, Loads
from profiles.catalogue import Catalogue, Resource
from profiles.codes import ProfileCode

REFRESH_DAYS = {"daily": 1, "weekly": 7, "monthly": 31, "quarterly": 92, "yearly": 366}
"""After how many days the next delivery is due; `irregular` promises nothing."""

NEARLY_DAYS_MOST = 7  # a week is enough to ask a department, and short enough not to be a habit


class Freshness(StrEnum):
    """How far the newest load reaches."""

    NEVER = "never"  # nothing ever came
    STALE = "stale"
    NEARLY_STALE = "nearly_stale"
    FRESH = "fresh"


@dataclass(frozen=True, slots=True)
class ResourceState:
    """One resource on one day; `latest` is the load that answers that day, None where there is none."""

    resource: Resource
    on: dt.date
    latest: LoadInfo | None
    load_count: int
    freshness: Freshness
    fresh_through: dt.date | None
    due_on: dt.date | None

    @property
    def is_late(self) -> bool:
        """Say whether the delivery that `refresh` promises has not come."""
        return self.due_on is not None and self.due_on < self.on

    @property
    def days_left(self) -> int | None:
        """Return for how many days after this one the load still answers; negative where it no longer does."""
        return None if self.fresh_through is None else (self.fresh_through - self.on).days


def load_state(catalogue: Catalogue, loads: Loads, day: dt.date) -> tuple[ResourceState, ...]:
    """Return the state of every resource on a day, by code.

    Expects: `loads` holds what was known at the instant that is asked about.
    """
    resources = sorted(catalogue.resources.values(), key=lambda resource: resource.resource)
    return tuple(_state(resource, loads.of(resource.resource), day) for resource in resources)


def state_findings(states: Iterable[ResourceState]) -> Iterator[Finding]:
    """Give what a data steward has to see to, resource by resource."""
    for state in states:
        place = Place(state.resource.resource)
        yield from _freshness_findings(state, place)
        if state.latest is not None:
            yield from _load_findings(state, state.latest, place)


def _state(resource: Resource, known: tuple[LoadInfo, ...], day: dt.date) -> ResourceState:
    latest = max(
        (info for info in known if info.data_date <= day),
        key=lambda info: (info.data_date, info.loaded_at, info.load_id),
        default=None,
    )
    if latest is None:
        return ResourceState(resource, day, None, len(known), Freshness.NEVER, None, None)
    fresh_through = add_days(latest.data_date, resource.fresh_days)
    refresh_days = REFRESH_DAYS.get(resource.refresh)
    return ResourceState(
        resource=resource,
        on=day,
        latest=latest,
        load_count=len(known),
        freshness=_freshness(resource, (fresh_through - day).days),
        fresh_through=fresh_through,
        due_on=None if refresh_days is None else add_days(latest.data_date, refresh_days),
    )


def _freshness(resource: Resource, days_left: int) -> Freshness:
    if days_left < 0:
        return Freshness.STALE
    nearly = min(NEARLY_DAYS_MOST, resource.fresh_days // 4)
    return Freshness.NEARLY_STALE if days_left < nearly else Freshness.FRESH


def _freshness_findings(state: ResourceState, place: Place) -> Iterator[Finding]:
    ask = f"ask {state.resource.owner}"
    if state.latest is None:
        message = f"`{state.resource.label}` never arrived"
        help_line = f"{ask}; until then everything drawn from it is unknown"
        yield Finding(ProfileCode.NEVER_ARRIVED, place, message, help_line)
        return
    day = state.latest.data_date
    if state.freshness is Freshness.STALE:
        message = f"stale since {add_days(state.fresh_through or day, 1)}: the last data date is {day}"
        help_line = f"{ask}; what is drawn from it is unknown from that day on"
        yield Finding(ProfileCode.STALE, place, message, help_line)
    elif state.freshness is Freshness.NEARLY_STALE:
        message = f"stale after {state.fresh_through}: the last data date is {day}"
        yield Finding(ProfileCode.NEARLY_STALE, place, message, ask, Severity.WARNING)
    elif state.is_late:
        message = f"expected {state.resource.refresh}, due on {state.due_on}: the last data date is {day}"
        yield Finding(ProfileCode.LATE, place, message, ask, Severity.WARNING)


def _load_findings(state: ResourceState, latest: LoadInfo, place: Place) -> Iterator[Finding]:
    owner = state.resource.owner
    if latest.incomplete_because is not None:
        message = f"incomplete on {latest.data_date}: {latest.incomplete_because}"
        help_line = f"ask {owner}, or confirm the file if it is right"
        yield Finding(ProfileCode.INCOMPLETE, place, message, help_line)
    if latest.regions_missing:
        regions = ", ".join(f"`{code}`" for code in latest.regions_missing)
        message = f"incomplete on {latest.data_date}: no rows for {regions}"
        count = len(latest.regions_missing)
        yield Finding(ProfileCode.INCOMPLETE, place, message, f"ask {owner}", Severity.WARNING, count)
    if latest.quarantined_count:
        message = f"{latest.quarantined_count:,} of {latest.row_count:,} rows in quarantine"
        help_line = f"`mianshen data show {state.resource.resource}` says why; return them to {owner}"
        count = latest.quarantined_count
        yield Finding(ProfileCode.QUARANTINED, place, message, help_line, Severity.WARNING, count)
