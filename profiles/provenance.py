"""Where a subject's facts come from: for explanations, pages and the report of a run.

Says of each fact the resource, the load, its data date, and why it is unknown; names no other subject.
"""

import datetime as dt
from collections.abc import Mapping, Sequence

import polars as pl

from core.days import DayRange
from core.loads import Loads
from profiles.answering import Knowledge
from profiles.asking import Asking, Fact, OutcomeOf
from profiles.attribute_timelines import source_timelines_of
from profiles.catalogue import Catalogue
from profiles.known import Known
from profiles.merging import present_ids
from profiles.population import everyone
from profiles.timeline import State, Timeline, first_and_changes
from profiles.universe import Universe


def facts_of(
    known: Known,
    *,
    kind: str,
    subject_id: str,
    attributes: Sequence[str],
    day: dt.date,
    outcome_of: OutcomeOf | None = None,
) -> dict[str, Fact]:
    """Return facts about one subject on one day, by attribute code.

    Nulls: a fact whose value is None is unknown; its state says why.
    """
    assert all(known.catalogue.attributes[code].subject == kind for code in attributes), "one subject is of one kind"
    asking = Asking(known, outcome_of)
    return {code: asking.fact(code, subject_id, day) for code in attributes}


def disagreements(  # a question has this many parts
    catalogue: Catalogue,
    loads: Loads,
    *,
    kind: str,
    day: dt.date,
    known_at: dt.datetime,
    subjects: pl.Series | None = None,
) -> Mapping[str, int]:
    """Return, for each attribute with several sources, of how many subjects two of them know different values."""
    several = [each for each in catalogue.attributes.values() if each.subject == kind and len(each.sources) > 1]
    if not several:
        return {}
    known = loads.known_at(known_at)
    present = present_ids(known.merges)
    universe = Universe.of_ids(everyone(catalogue, known, kind) if subjects is None else subjects, present)
    knowledge = Knowledge(catalogue, known, present, DayRange(day, day))
    said = source_timelines_of(knowledge, several, universe)
    return {code: _different(timelines, universe.count) for code, timelines in sorted(said.items())}


def _different(timelines: Sequence[Timeline], subject_count: int) -> int:
    keys = first_and_changes(subject_count, timelines[0].days.first, [])
    said = [timeline.at(keys) for timeline in timelines]
    values = [
        frame.select(pl.when(pl.col("state") == State.KNOWN.value).then("value").alias(str(number)))
        for number, frame in enumerate(said)
    ]
    side_by_side = pl.concat(values, how="horizontal")
    different = pl.any_horizontal(pl.all() != pl.coalesce(pl.all()))  # Nulls: who knows nothing agrees with everyone
    return int(side_by_side.select(different.sum()).item())
