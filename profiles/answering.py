"""Which loads answer for a resource, and whether absence from them tells anything."""

import datetime as dt
from dataclasses import dataclass

from core.days import DayRange, add_days
from core.loads import LoadInfo, Loads
from profiles.catalogue import Catalogue, Delivery, Resource
from profiles.day_keys import day_no
from profiles.outcomes import Outcomes
from profiles.timeline import Default, State


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What was known at an instant, and the days about which it is asked."""

    catalogue: Catalogue
    loads: Loads
    present: dict[str, str]  # the id that stands for a former id
    days: DayRange
    outcomes: Outcomes | None = None


def speaks_for_all(info: LoadInfo) -> bool:
    """Say whether absence from a load means that the department has no such row."""
    return info.is_complete and not info.regions_missing


def latest_by_data_date(loads: Loads, resource: Resource) -> list[LoadInfo]:
    """Return the load that counts for each data date, in order: the one that came last."""
    return list({info.data_date: info for info in loads.of(resource.resource)}.values())


@dataclass(frozen=True, slots=True)
class Standing:
    """The loads of spells or events that answer for every day: the newest full one, or all increments."""

    infos: tuple[LoadInfo, ...]
    is_complete: bool
    fresh_through: dt.date

    def absence(self, days: DayRange) -> tuple[Default, ...]:
        """Return what is said of those who have no row: nothing certain once the loads are stale."""
        fresh = Default(day_no(days.first), State.ABSENT if self.is_complete else State.BLOCKED)
        if self.fresh_through >= days.last:
            return (fresh,)
        stale_from = max(add_days(self.fresh_through, 1), days.first)
        stale = Default(day_no(stale_from), State.BLOCKED)
        return (stale,) if stale_from == days.first or fresh.state is State.BLOCKED else (fresh, stale)


def standing_of(loads: Loads, resource: Resource) -> Standing | None:
    """Return the loads that answer for a resource of spells or events, or None before its first load."""
    infos = loads.of(resource.resource)
    if not infos:
        return None
    if resource.delivery is Delivery.FULL:
        infos, decisive = infos[-1:], list(infos[-1:])
    else:
        decisive = latest_by_data_date(loads, resource)
    return Standing(
        infos,
        all(speaks_for_all(info) for info in decisive),
        add_days(infos[-1].data_date, resource.fresh_days),
    )
