"""Who is related to whom on which days, as a relation's resource says."""

from dataclasses import dataclass

import polars as pl

from core.loads import LoadInfo
from profiles.answering import Knowledge, standing_of
from profiles.catalogue import Relation, Resource, ResourceKind, Source
from profiles.day_keys import day_no
from profiles.drawing import conditions_read, row_counts
from profiles.lists import hold_back, lists_of, quarantined_keys, spread_lists
from profiles.quarantine import held_back
from profiles.resource_timelines import may_hold, on_data_dates, spread
from profiles.row_reading import Wanted, read_rows
from profiles.spans import block, clip, expire, no_spans, without
from profiles.timeline import STATE, Default, State
from profiles.universe import Universe


@dataclass(frozen=True, slots=True)
class Related:
    """The related subjects of everyone, over days.

    `pairs` has `key` and `end_key` of the subject, `own`, `other_no` in `others` (null: somebody of whom nothing more
    is known), and `sure`: false where nobody knows whether the row counts. `blocked` are spans of subjects of whose relations nothing is
    known; `defaults` say what it means to have none.
    """

    pairs: pl.DataFrame
    others: Universe
    blocked: pl.DataFrame
    defaults: tuple[Default, ...]


def drawn_relation(knowledge: Knowledge, relation: Relation, universe: Universe) -> Related:
    """Return who is related to the subjects of a universe, as the rows of the relation's resource say."""
    assert relation.resource is not None, "other forms of relations do not come here"
    resource = knowledge.catalogue.resources[relation.resource]
    if resource.kind is ResourceKind.SNAPSHOT:
        return _from_lists(knowledge, relation, resource, universe)
    return _from_standing(knowledge, relation, resource, universe)


def _from_standing(knowledge: Knowledge, relation: Relation, resource: Resource, universe: Universe) -> Related:
    """Return what spells or events say; a row of events relates two subjects from its day on."""
    days, standing = knowledge.days, standing_of(knowledge.loads, resource)
    if standing is None:
        return nobody(knowledge, (Default(day_no(days.first), State.BLOCKED),))
    wanted = _wanted(relation, resource, standing.infos, may_hold(resource, days))
    coded, others = _coded(read_rows(knowledge, resource, universe, wanted), relation, resource, knowledge.present)
    held = clip(spread(coded, resource, Source(resource=resource.resource)), days)
    unheard = held_back(knowledge, resource, standing.infos, universe, column=wanted.who)
    held = without(expire(held, day_no(standing.fresh_through)), unheard)
    return Related(_decoded(held), others, block(no_spans(pl.Int64()), unheard, days), standing.absence(days))


def _from_lists(knowledge: Knowledge, relation: Relation, resource: Resource, universe: Universe) -> Related:
    """Return what whole lists say; in a gap between two, the subjects on whose relations both agree keep them."""
    lists = lists_of(knowledge.loads, resource, knowledge.days)
    if not lists.infos:
        return nobody(knowledge, lists.defaults(knowledge.days))
    wanted = _wanted(relation, resource, lists.infos)
    coded, others = _coded(read_rows(knowledge, resource, universe, wanted), relation, resource, knowledge.present)
    sets = on_data_dates(coded, lists).group_by("key").agg(pl.col("value").unique().sort())
    heard = sets.with_columns(state=pl.lit(State.KNOWN.value, STATE))
    unheard = quarantined_keys(knowledge, lists, universe, wanted.who)
    spans = clip(spread_lists(lists, hold_back(heard, unheard), pl.lit(False)), knowledge.days)
    known = pl.col("state") == State.KNOWN.value
    pairs = spans.filter(known).explode("value", empty_as_null=False)
    blocked = spans.filter(~known).select("key", "end_key", value=pl.lit(None, pl.Int64), state="state")
    return Related(_decoded(pairs), others, blocked, lists.defaults(knowledge.days))


def nobody(knowledge: Knowledge, defaults: tuple[Default, ...]) -> Related:
    """Return that nobody has anybody, and what that means."""
    others = Universe.of_ids(pl.Series(dtype=pl.String), knowledge.present)
    none = no_spans(pl.Int64())
    return Related(_decoded(none.with_columns(own=pl.lit(0, pl.Int32))), others, none, defaults)


def _wanted(
    relation: Relation, resource: Resource, infos: tuple[LoadInfo, ...], condition: pl.Expr | None = None
) -> Wanted:
    who, other = ("other_id", "subject_id") if relation.reverse else ("subject_id", "other_id")
    return Wanted(infos, frozenset({other, *conditions_read(resource, relation.where)}), who, condition)


def _coded(
    rows: pl.DataFrame, relation: Relation, resource: Resource, present: dict[str, str]
) -> tuple[pl.DataFrame, Universe]:
    """Leave out rows that do not count; number the related subjects.

    Adds: `value`: twice the related subject's number, plus one if the row surely counts.
    """
    other = "subject_id" if relation.reverse else "other_id"
    counted = rows.with_columns(sure=row_counts(resource, relation.where)).filter(pl.col("sure").fill_null(value=True))
    others = Universe.of_ids(counted[other], present)
    sure = pl.col("sure").fill_null(value=False).cast(pl.Int64)
    numbered = others.number(counted, other, into="other_no")
    return numbered.with_columns(value=pl.col("other_no").cast(pl.Int64) * 2 + sure), others


def _decoded(held: pl.DataFrame) -> pl.DataFrame:
    return held.select(
        "key",
        "end_key",
        "own",
        other_no=(pl.col("value") // 2).cast(pl.UInt32),
        sure=pl.col("value") % 2 == 1,
    )
