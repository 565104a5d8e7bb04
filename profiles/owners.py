"""Whose the subjects of a kind are that belong to others: a loan's borrower, a hire's employer."""

import datetime as dt
from dataclasses import replace

import polars as pl

from core.days import DayRange
from profiles.answering import Knowledge
from profiles.asking import Asking, Fact, FactState
from profiles.catalogue import Relation
from profiles.known import Known
from profiles.picking import pick_spans
from profiles.relating import Ask, related_subjects
from profiles.relation_timelines import by_subject
from profiles.relations import drawn_relation
from profiles.timeline import STATE, State, Timeline, coalesce
from profiles.universe import Universe


def owner_timeline(knowledge: Knowledge, relation: Relation, universe: Universe, ask: Ask) -> Timeline:
    """Return the id of the one subject to whom each of a universe belongs.

    Nulls: nobody, somebody unknown, or two at a time: nobody may guess whom to pay.
    """
    related = related_subjects(knowledge, relation, universe, ask)
    pairs = by_subject(related.pairs).select(
        "key", "end_key", "own", place=pl.lit(0), value=pl.when("sure").then(pl.col("other_no").cast(pl.Int64))
    )
    least, greatest = pick_spans(pairs, "min"), pick_spans(pairs, "max")
    is_one = least["value"].eq_missing(greatest["value"]) & least["value"].is_not_null()
    ids = pl.lit(related.others.ids)
    state = pl.when(is_one).then(State.KNOWN.value).otherwise(State.SILENT.value)
    spans = least.select(
        "key", "end_key", value=pl.when(is_one).then(ids.gather(pl.col("value"))), state=state.cast(STATE)
    )
    blocked = related.blocked.with_columns(pl.col("value").cast(pl.String))
    return Timeline(knowledge.days, coalesce(pl.concat([spans, blocked]).sort("key")), related.defaults)


def owner_of_one(known: Known, relation: Relation, subject_id: str, *, day: dt.date) -> Fact:
    """Return to whom one subject belongs on a day, as `owner_timeline`: the plain reference for it."""
    related = Asking(known).related(relation, subject_id, day)
    if related.state is not FactState.KNOWN:
        return replace(related, value=None)
    others = {other for _, other, _ in related.value}
    is_sure = all(any(sure for _, other, sure in related.value if other == each) for each in others)
    if len(others) == 1 and is_sure:
        return replace(related, value=next(iter(others)))
    return replace(related, value=None, state=FactState.RELATED)


def owned_by(known: Known, *, relation: Relation, owner_id: str, days: DayRange) -> list[str]:
    """Return the ids of all that belonged to somebody on one of some days, sorted."""
    universe = Universe.of_ids(pl.Series([owner_id], dtype=pl.String), known.present)
    knowledge = Knowledge(known.catalogue, known.loads, known.present, days)
    for step in reversed([known.catalogue.relations[code] for code in relation.steps] or [relation]):
        related = drawn_relation(knowledge, step.turned, universe)
        universe = Universe.of_ids(related.others.ids.gather(related.pairs["other_no"].unique()), known.present)
    return universe.ids.to_list()
