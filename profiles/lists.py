"""What whole lists say of everyone: each list for its days, and what lies between two lists.

A list answers from its data date until the next one, while it is fresh. Past that, in a stale gap, what
the lists on both sides agree on holds (`between: agree`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from core.days import LAST_DAY, DayRange, add_days
from core.loads import LoadInfo, Loads
from profiles.answering import Knowledge, latest_by_data_date, speaks_for_all
from profiles.catalogue import Resource
from profiles.day_keys import DAYS_MAX, day_no
from profiles.quarantine import held_back
from profiles.timeline import STATE, Default, State
from profiles.universe import Universe


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists that can matter to some days, in order of their data dates."""

    resource: Resource
    infos: tuple[LoadInfo, ...]

    def fresh_through(self, number: int) -> int:
        """Return the last day number for which a list answers by itself."""
        fresh = day_no(add_days(self.infos[number].data_date, self.resource.fresh_days))
        return min(fresh, self.through(number))

    def through(self, number: int) -> int:
        """Return the day number before the next list's data date."""
        following = number + 1 < len(self.infos)
        return day_no(self.infos[number + 1].data_date) - 1 if following else day_no(LAST_DAY)

    def can_agree(self, number: int) -> bool:
        """Say whether the gap after a list has a list on its other side that may confirm it."""
        return self.resource.between == "agree" and number + 1 < len(self.infos)

    def absence(self, number: int) -> State:
        """Return what it means not to be on a list."""
        return State.ABSENT if speaks_for_all(self.infos[number]) else State.BLOCKED

    def defaults(self, days: DayRange) -> tuple[Default, ...]:
        """Return what is said of those who are on none of the lists."""
        pieces = [(0, State.BLOCKED)]
        for number, info in enumerate(self.infos):
            here = self.absence(number)
            agreed = self.can_agree(number) and here is self.absence(number + 1) is State.ABSENT
            pieces.append((day_no(info.data_date), here))
            pieces.append((self.fresh_through(number) + 1, State.ABSENT if agreed else State.BLOCKED))
        return _defaults_within(pieces, days)


def _defaults_within(pieces: Sequence[tuple[int, State]], days: DayRange) -> tuple[Default, ...]:
    """Cut (day number, state) pieces to days; of pieces that begin on one day the later in order holds."""
    first, last = day_no(days.first), day_no(days.last)
    states = {max(number, first): state for number, state in sorted(pieces, key=lambda piece: piece[0])}
    kept: list[Default] = []
    for number, state in states.items():
        if number <= last and (not kept or kept[-1].state is not state):
            kept.append(Default(number, state))
    return tuple(kept)


def lists_of(loads: Loads, resource: Resource, days: DayRange) -> Lists:
    """Return the lists that answer for days, and the next one if the last of them goes stale before the days end."""
    infos = latest_by_data_date(loads, resource)
    before = [info for info in infos if info.data_date <= days.first]
    within = [info for info in infos if days.first < info.data_date <= days.last]
    answering = [*before[-1:], *within]
    goes_stale = answering and add_days(answering[-1].data_date, resource.fresh_days) < days.last
    after = [info for info in infos if info.data_date > days.last] if goes_stale else []
    return Lists(resource, (*answering, *after[:1]))


def quarantined_keys(knowledge: Knowledge, lists: Lists, universe: Universe, column: str = "subject_id") -> pl.Series:
    """Return the keys, on data dates, of subjects of whom a list has a row in quarantine."""
    keys = [
        held_back(knowledge, lists.resource, (info,), universe, column=column).cast(pl.Int64) * DAYS_MAX
        + day_no(info.data_date)
        for info in lists.infos
    ]
    return pl.concat([pl.Series("key", dtype=pl.Int64), *(series.rename("key") for series in keys)])


def hold_back(heard: pl.DataFrame, keys: pl.Series) -> pl.DataFrame:
    """Say of quarantined subjects that nothing is known of them, whatever else a list says.

    Shape: `key` (on a data date), `value`, `state` in; the same columns out.
    """
    if keys.is_empty():
        return heard
    unknown = keys.to_frame().with_columns(
        value=pl.lit(None, heard.schema["value"]), state=pl.lit(State.BLOCKED.value, STATE)
    )
    return pl.concat([heard.join(unknown, on="key", how="anti"), unknown])


def spread_lists(lists: Lists, heard: pl.DataFrame, lasts: pl.Expr) -> pl.DataFrame:
    """Return on which days holds what lists say.

    Shape: `key`, `value`, `state` per subject and list in; spans (`key`, `end_key`, `own`, `value`, `state`)
           out, unsorted, of all days that the lists speak for.
    """
    subject = pl.col("key") // DAYS_MAX * DAYS_MAX
    spans = []
    for number, info in enumerate(lists.infos):
        here = heard.filter(pl.col("key") % DAYS_MAX == day_no(info.data_date))
        own = pl.lit(day_no(info.data_date), pl.Int32)
        spans.append(here.with_columns(end_key=subject + lists.fresh_through(number), own=own))
        if lists.fresh_through(number) < lists.through(number):
            gap = _gap(lists, number, heard, lasts)
            spans.append(gap.with_columns(own=own))
    if not spans:
        return heard.with_columns(end_key="key", own=pl.lit(0, pl.Int32)).clear()
    return pl.concat([span.select("key", "end_key", "own", "value", "state") for span in spans])


def _gap(lists: Lists, number: int, heard: pl.DataFrame, lasts: pl.Expr) -> pl.DataFrame:
    """Return what holds in the stale gap after a list, of those on either side of it."""
    here, there = (_said_by(lists, each, heard) for each in (number, number + 1))
    if not lists.can_agree(number):
        both = here.filter(lasts)
    else:
        sides = here.join(there, on="subject", how="full", coalesce=True, suffix="_there")
        both = _agreed(sides, lists.absence(number), lists.absence(number + 1), lasts)
    return both.select(
        key=pl.col("subject") * DAYS_MAX + lists.fresh_through(number) + 1,
        end_key=pl.col("subject") * DAYS_MAX + lists.through(number),
        value="value",
        state="state",
    )


def _said_by(lists: Lists, number: int, heard: pl.DataFrame) -> pl.DataFrame:
    if number >= len(lists.infos):
        return heard.clear().select(subject="key", value="value", state="state")
    here = heard.filter(pl.col("key") % DAYS_MAX == day_no(lists.infos[number].data_date))
    return here.select(subject=pl.col("key") // DAYS_MAX, value="value", state="state")


def _agreed(sides: pl.DataFrame, absent_here: State, absent_there: State, lasts: pl.Expr) -> pl.DataFrame:
    """Keep what both sides of a gap say; of the rest nothing is known, unless it lasts."""
    told = sides.with_columns(
        pl.col("state").fill_null(absent_here.value), pl.col("state_there").fill_null(absent_there.value)
    )
    same = (pl.col("state") == pl.col("state_there")) & pl.col("value").eq_missing(pl.col("value_there"))
    holds = (same & (pl.col("state") != State.BLOCKED.value)) | lasts
    return told.select(
        "subject",
        value=pl.when(holds).then("value"),
        state=pl.when(holds).then("state").otherwise(pl.lit(State.BLOCKED.value, STATE)).cast(STATE),
    )
