"""Who is related to whom, whichever form the relation is declared in: from rows, in steps, or by region."""

from collections.abc import Callable, Sequence

import polars as pl

from core.days import LAST_DAY
from profiles.answering import Knowledge
from profiles.area_codes import declared_areas, with_closest
from profiles.catalogue import Relation
from profiles.day_keys import day_no, subject_numbers_of
from profiles.meeting import meet
from profiles.picking import pick_spans
from profiles.relations import Related, drawn_relation, nobody
from profiles.spans import no_spans
from profiles.timeline import STATE, Default, State, Timeline, end_keys, first_and_changes, stretches
from profiles.universe import Universe

Ask = Callable[[Knowledge, Sequence[str], Universe], dict[str, Timeline]]
"""Answers attributes of the subjects of a universe."""

_FIRST_OWN, _LAST_OWN = -1, day_no(LAST_DAY)


def related_subjects(knowledge: Knowledge, relation: Relation, universe: Universe, ask: Ask) -> Related:
    """Return who is related to the subjects of a universe."""
    if relation.steps:
        return _in_steps(knowledge, relation, universe, ask)
    if relation.by is not None:
        return _by_region(knowledge, relation, universe, ask)
    return drawn_relation(knowledge, relation, universe)


def _in_steps(knowledge: Knowledge, relation: Relation, universe: Universe, ask: Ask) -> Related:
    first, *rest = (knowledge.catalogue.relations[code] for code in relation.steps)
    related = related_subjects(knowledge, first, universe, ask)
    for step in rest:
        related = _then(knowledge, related, related_subjects(knowledge, step, related.others, ask))
    return related


def _then(knowledge: Knowledge, near: Related, far: Related) -> Related:
    """Go from those related on to those related to them.

    Where nothing is known of the relations of somebody in between, somebody may stand there of whom nothing is known.
    """
    led = far.pairs.select(
        "own",
        other_no=subject_numbers_of(pl.col("key")),
        key="key",
        end_key="end_key",
        far_no="other_no",
        far_sure="sure",
    )
    reached = meet(near.pairs, led, {"far_own": "own", "far_no": "far_no", "far_sure": "far_sure"}).select(
        "key",
        "end_key",
        own=pl.max_horizontal("own", "far_own"),
        other_no="far_no",
        sure=pl.col("sure") & pl.col("far_sure"),
    )
    lost = meet(near.pairs, _unheard(knowledge, far, near.others), {})
    unknown = pl.concat([lost, near.pairs.filter(pl.col("other_no").is_null()).select(lost.columns)])
    somebody = [_somebody(unknown, own) for own in (_FIRST_OWN, _LAST_OWN)]
    return Related(pl.concat([reached, *somebody]), far.others, near.blocked, near.defaults)


def _somebody(spans: pl.DataFrame, own: int) -> pl.DataFrame:
    """Return spans as pairs with somebody unknown; an own day before and after all others makes any pick unknown."""
    return spans.select(
        "key",
        "end_key",
        own=pl.lit(own, pl.Int32),
        other_no=pl.lit(None, pl.UInt32),
        sure=pl.lit(value=False),
    )


def _unheard(knowledge: Knowledge, far: Related, middle: Universe) -> pl.DataFrame:
    """Return when nothing is known of the relations of those in between: `other_no`, `key`, `end_key`."""
    rows = far.pairs.select("key", "end_key", "own", place=pl.lit(0), value=pl.lit(True))
    named = pick_spans(rows, "any").select("key", "end_key", value=pl.lit(None, pl.Int64), state=_state(State.KNOWN))
    spans = pl.concat([named, far.blocked.select(named.columns)]).sort("key")
    timeline = Timeline(knowledge.days, spans, far.defaults)
    keys = first_and_changes(middle.count, knowledge.days.first, [timeline.changes(middle.count)])
    said = pl.DataFrame({"key": keys, "state": timeline.at(keys)["state"]}).with_columns(
        end_key=end_keys(knowledge.days)
    )
    told = pl.col("state").is_in([State.KNOWN.value, State.ABSENT.value])
    return said.filter(~told).select("key", "end_key", other_no=subject_numbers_of(pl.col("key")))


def _state(state: State) -> pl.Expr:
    return pl.lit(state.value, STATE)


def _by_region(knowledge: Knowledge, relation: Relation, universe: Universe, ask: Ask) -> Related:
    """Relate subjects to the area that covers their region most closely; a region nobody knows blocks."""
    assert relation.by is not None, "other forms of relations do not come here"
    assert relation.resource is not None, "the catalogue's reader asks for it"
    assert relation.column is not None, "the catalogue's reader asks for it"
    resource = knowledge.catalogue.resources[relation.resource]
    areas = declared_areas(knowledge, resource, relation.column)
    if areas is None:
        return nobody(knowledge, (Default(day_no(knowledge.days.first), State.BLOCKED),))
    held = stretches(ask(knowledge, [relation.by], universe)[relation.by], universe.count)
    others = Universe.of_ids(areas["subject_id"], knowledge.present)
    named = others.number(with_closest(held.drop_nulls("value"), areas), "subject_id", into="other_no")
    pairs = named.select("key", "end_key", own=pl.lit(0, pl.Int32), other_no="other_no", sure=pl.lit(value=True))
    blocked = held.filter(pl.col("value").is_null()).select(
        "key", "end_key", value=pl.lit(None, pl.Int64), state=_state(State.BLOCKED)
    )
    absent = (Default(day_no(knowledge.days.first), State.ABSENT),)
    return Related(pairs.sort("key"), others, blocked if blocked.height else no_spans(pl.Int64()), absent)
