"""Shared data to profiles: one row per subject and stretch of days, with the facts as known at an instant.

Asking every day by itself gives the same as the stretch that holds the day (`tests/laws/test_timelines.py`);
`profiles.asking` is the plain reference for both.
"""

import datetime as dt
from collections.abc import Sequence

import polars as pl

from core.days import DayRange
from core.edges import DayEdge
from core.loads import Loads
from profiles.answering import Knowledge
from profiles.attribute_timelines import attribute_timelines
from profiles.catalogue import Catalogue
from profiles.day_keys import DAYS_MAX, day_no, day_numbers_of, days_of, subject_numbers_of
from profiles.edge_days import edge_keys
from profiles.merging import present_ids
from profiles.outcomes import Outcomes
from profiles.owners import owner_timeline
from profiles.population import everyone
from profiles.timeline import Timeline, end_keys, first_and_changes
from profiles.universe import Universe

OWNER = "owner_id"
"""The column of those to whom subjects belong; no attribute is called so."""


def assemble(  # noqa: PLR0913  # a question has this many parts
    catalogue: Catalogue,
    loads: Loads,
    *,
    kind: str,
    attributes: Sequence[str],
    days: DayRange,
    known_at: dt.datetime,
    edges: Sequence[DayEdge] = (),
    subjects: pl.Series | None = None,
    frozen_after: dt.date | None = None,
    owned_over: str | None = None,
    outcomes: Outcomes | None = None,
) -> pl.LazyFrame:
    """Return the profiles of all subjects of a kind, or of given ones, over days.

    Shape: one row per subject and stretch of days on which no fact and no edge changes; the stretches of a
           subject tile `days`; sorted by `subject_id`, `day`.
    Adds:  `subject_id`, `day`, `through`, and a column for each attribute code, in the order given; `owner_id` where
           the subjects belong to others over the relation `owned_over`.
    Nulls: null means unknown.
    """
    known = loads.known_at(known_at)
    present = present_ids(known.merges)
    asked = everyone(catalogue, known, kind) if subjects is None else subjects
    universe = Universe.of_ids(asked, present)
    knowledge = Knowledge(catalogue, known, present, _fact_days(days, frozen_after), outcomes)
    needed = {*attributes, *(edge.attribute for edge in edges if edge.attribute is not None)}
    timelines = attribute_timelines(knowledge, sorted(needed), universe)
    columns = {code: timelines[code] for code in attributes}
    if owned_over is not None:
        columns[OWNER] = owner_timeline(knowledge, catalogue.relations[owned_over], universe, attribute_timelines)
    placed = [(edge, timelines[edge.attribute] if edge.attribute else None) for edge in edges]
    return _tile(columns, placed, days, universe).lazy()


def _fact_days(days: DayRange, frozen_after: dt.date | None) -> DayRange:
    """Return the days whose facts are asked: later days answer with those of the day they are frozen after."""
    if frozen_after is None:
        return days
    return DayRange(min(days.first, frozen_after), min(days.last, frozen_after))


def _tile(
    columns: dict[str, Timeline],
    edges: Sequence[tuple[DayEdge, Timeline | None]],
    days: DayRange,
    universe: Universe,
) -> pl.DataFrame:
    """Lay timelines side by side, broken wherever one changes or an edge lies."""
    changes = [timeline.changes(universe.count) for timeline in columns.values()]
    for edge, timeline in edges:
        stretches = None if timeline is None else _stretches(timeline, days, universe)
        changes.append(edge_keys(edge, days, universe.count, stretches))
    keys = first_and_changes(universe.count, days.first, changes)
    frame = pl.DataFrame({"key": keys}).select(
        subject_id=pl.lit(universe.ids).gather(subject_numbers_of(pl.col("key"))),
        day=days_of(day_numbers_of(pl.col("key"))),
        through=days_of(day_numbers_of(end_keys(days))),
    )
    return frame.hstack([_values(timeline, keys).rename(code) for code, timeline in columns.items()])


def _stretches(timeline: Timeline, days: DayRange, universe: Universe) -> pl.DataFrame:
    """Return the stretches of one attribute over all subjects and days: `key`, `end_key`, `value`."""
    keys = first_and_changes(universe.count, days.first, [timeline.changes(universe.count)])
    return pl.DataFrame({"key": keys, "value": _values(timeline, keys)}).with_columns(end_key=end_keys(days))


def _values(timeline: Timeline, keys: pl.Series) -> pl.Series:
    """Return an attribute on sorted keys; after the last day of its timeline, as on that day."""
    subjects = keys // DAYS_MAX * DAYS_MAX
    numbers = (keys % DAYS_MAX).clip(None, day_no(timeline.days.last))
    return timeline.at(subjects + numbers)["value"]
