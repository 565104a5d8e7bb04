"""Facts drawn from the facts of related subjects: what holds for them while they are related."""

from collections.abc import Sequence

import polars as pl

from profiles.answering import Knowledge
from profiles.catalogue import Attribute, Pick, RelatedPick, Via
from profiles.day_keys import DAYS_MAX, key_of, subject_numbers_of
from profiles.drawing import meets
from profiles.meeting import meet
from profiles.picking import pick_spans
from profiles.relating import Ask, related_subjects
from profiles.relations import Related
from profiles.spans import with_state
from profiles.timeline import Timeline, coalesce, stretches
from profiles.universe import Universe

BY_ROW = frozenset({"first", "latest"})  # the others go by related subject, not by row


def _swept(pick: RelatedPick) -> Pick:
    """Return how a pick is swept up: that one is not so, those who come before, those who count."""
    if pick == "all":
        return "any"
    return "sum" if pick == "rank" or pick == "count" else pick  # noqa: PLR1714  # mypy follows only this form


def related_timelines(
    knowledge: Knowledge, attributes: Sequence[Attribute], universe: Universe, ask: Ask
) -> dict[str, Timeline]:
    """Return what attributes say that are drawn through one relation, by code.

    `ask` answers for the related subjects; two rows that relate the same two subjects count once.
    """
    vias = [each.via for each in attributes if each.via is not None]
    (name,) = {via.relation for via in vias}
    related = related_subjects(knowledge, knowledge.catalogue.relations[name], universe, ask)
    held = _held(knowledge, {code for via in vias for code in _asked(via)}, related.others, ask)
    own = _held(knowledge, {via.attribute for via in vias if via.pick == "rank" and via.attribute}, universe, ask)
    return {each.code: _timeline(knowledge, related, each, _Facts(held, own, universe)) for each in attributes}


def _asked(via: Via) -> set[str]:
    return {*via.where, *([via.attribute] if via.attribute else [])}


def _held(knowledge: Knowledge, codes: set[str], universe: Universe, ask: Ask) -> dict[str, pl.DataFrame]:
    """Return facts written out by code: `key`, `end_key`, `value`, `other_no` of every subject and day."""
    said = ask(knowledge, sorted(codes), universe) if codes else {}
    return {
        code: stretches(timeline, universe.count).with_columns(other_no=subject_numbers_of(pl.col("key")))
        for code, timeline in said.items()
    }


class _Facts:
    """The facts of related subjects, and for ranks those of the subjects themselves."""

    def __init__(self, held: dict[str, pl.DataFrame], own: dict[str, pl.DataFrame], universe: Universe) -> None:
        self.held = held
        self.own = own
        self.universe = universe


def _timeline(knowledge: Knowledge, related: Related, attribute: Attribute, facts: _Facts) -> Timeline:
    via = attribute.via
    assert via is not None, "only attributes drawn through a relation come here"
    pairs = related.pairs if via.pick in BY_ROW else by_subject(related.pairs)
    rows = _valued(knowledge, related, pairs, via, facts).with_columns(place=_place(via.pick))
    picked = pick_spans(rows.select("key", "end_key", "own", "place", "value"), _swept(via.pick))
    value = pl.col("value")
    told = {"all": value.not_(), "rank": value + 1}.get(via.pick, value) if picked.height else value
    spans = with_state(picked.drop("own").with_columns(value=told), attribute)
    everything = pl.concat([spans, related.blocked.with_columns(pl.col("value").cast(spans.schema["value"]))])
    return Timeline(knowledge.days, coalesce(everything.sort("key")), related.defaults)


def _valued(knowledge: Knowledge, related: Related, pairs: pl.DataFrame, via: Via, facts: _Facts) -> pl.DataFrame:
    """Give each pair what it adds to the pick.

    Adds:  `value`.
    Nulls: what nobody knows of the related subject, or whether it counts at all.
    """
    rows, codes = pairs, sorted(_asked(via))
    for code in codes:
        rows = meet(rows, facts.held[code], {code: "value"})
    if codes:  # somebody unknown has no facts
        rows = pl.concat([rows, pairs.filter(pl.col("other_no").is_null())], how="diagonal_relaxed")
    attributes = knowledge.catalogue.attributes
    conditions = [meets(pl.col(code), attributes[code].fact_type, limits) for code, limits in sorted(via.where.items())]
    counts = pl.all_horizontal(pl.when("sure").then(pl.lit(True)), *conditions)
    fact = pl.col(via.attribute) if via.attribute else pl.lit(True)
    match via.pick:
        case "count":
            return rows.with_columns(value=counts.cast(pl.Int64))
        case "any" if via.attribute is None or via.where:
            return rows.with_columns(value=counts & fact)
        case "all":
            is_sure = pl.when("sure").then(pl.lit(True))
            holds = counts.not_() | fact if via.attribute else is_sure.not_() | pl.all_horizontal(conditions)
            return rows.with_columns(value=holds.not_())
        case "rank":
            assert via.attribute is not None, "the catalogue's reader asks for it"
            return _before(related, rows, via, facts).with_columns(value=(counts & pl.col("before")).cast(pl.Int64))
        case _:
            counted = rows.with_columns(counts=counts).filter(pl.col("counts").fill_null(value=True))
            return counted.with_columns(value=pl.when("counts").then(fact))


def _before(related: Related, rows: pl.DataFrame, via: Via, facts: _Facts) -> pl.DataFrame:
    """Say who comes before the subject by its own fact.

    Adds:  `before`.
    Nulls: a fact that nobody knows, or a tie that is not declared.
    """
    assert via.attribute is not None, "the catalogue's reader asks for it"
    others, universe = related.others, facts.universe
    placed = rows.rename({"other_no": "their_no"}).with_columns(other_no=subject_numbers_of(pl.col("key")))
    met = meet(placed, facts.own[via.attribute], {"own_fact": "value"})
    is_self = pl.lit(others.ids).gather(pl.col("their_no")) == pl.lit(universe.ids).gather(pl.col("other_no"))
    theirs, own = pl.col(via.attribute), pl.col("own_fact")
    tied = (theirs == own) if via.ties == "unknown" else pl.lit(value=False)
    before = pl.when(is_self).then(pl.lit(value=False)).when(tied).then(None).otherwise(theirs < own)
    return met.with_columns(before=before)


def _place(pick: str) -> pl.Expr:
    """Order related subjects whose relation began on one day by their ids; a row that surely counts decides."""
    preferred = pl.col("sure") if pick == "latest" else ~pl.col("sure")
    return pl.col("other_no").cast(pl.Int64).fill_null(0) * 2 + preferred.cast(pl.Int64)


def by_subject(pairs: pl.DataFrame) -> pl.DataFrame:
    """Make one span of rows that relate the same two subjects at the same time; sure if one of them is."""
    subject = subject_numbers_of(pl.col("key"))
    numbered = pairs.with_columns(subject_no=subject).with_columns(
        pair_no=pl.struct("subject_no", "other_no").rank("dense").cast(pl.Int64) - 1
    )
    rows = numbered.select(
        key=key_of(pl.col("pair_no"), pl.col("key") % DAYS_MAX),
        end_key=key_of(pl.col("pair_no"), pl.col("end_key") % DAYS_MAX),
        own="own",
        place=pl.lit(0),
        value=pl.when("sure").then(pl.lit(True)),
    )
    names = numbered.select("pair_no", "subject_no", "other_no").unique()
    spans = pick_spans(rows, "any").with_columns(pair_no=pl.col("key") // DAYS_MAX)
    return spans.join(names, on="pair_no", how="left", maintain_order="left").select(
        key=key_of(pl.col("subject_no"), pl.col("key") % DAYS_MAX),
        end_key=key_of(pl.col("subject_no"), pl.col("end_key") % DAYS_MAX),
        own="own",
        other_no="other_no",
        sure=pl.col("value").fill_null(value=False),
    )
