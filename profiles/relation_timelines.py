"""Facts drawn from the facts of related subjects: what holds for them while they are related."""

from collections.abc import Callable, Sequence

import polars as pl

from profiles.answering import Knowledge
from profiles.catalogue import Attribute, Pick
from profiles.day_keys import DAYS_MAX, key_of, subject_numbers_of
from profiles.picking import pick_spans
from profiles.relations import Related, related_subjects
from profiles.spans import with_state
from profiles.timeline import Timeline, coalesce, stretches
from profiles.universe import Universe

Ask = Callable[[Knowledge, Sequence[str], Universe], dict[str, Timeline]]

_BY_ROW: frozenset[Pick] = frozenset({"first", "latest"})  # the others go by related subject, not by row


def related_timelines(
    knowledge: Knowledge, attributes: Sequence[Attribute], universe: Universe, ask: Ask
) -> dict[str, Timeline]:
    """Return what attributes say that are drawn through one relation, by code.

    `ask` answers for the related subjects; two rows that relate the same two subjects count once.
    """
    (name,) = {each.via.relation for each in attributes if each.via}
    related = related_subjects(knowledge, knowledge.catalogue.relations[name], universe)
    codes = sorted({each.via.attribute for each in attributes if each.via and each.via.attribute})
    facts = ask(knowledge, codes, related.others) if codes else {}
    held = {code: stretches(facts[code], related.others.count) for code in codes}
    return {each.code: _timeline(knowledge, related, each, held) for each in attributes}


def _timeline(knowledge: Knowledge, related: Related, attribute: Attribute, held: dict[str, pl.DataFrame]) -> Timeline:
    assert attribute.via is not None, "only attributes drawn through a relation come here"
    pick = attribute.via.pick
    pairs = related.pairs if pick in _BY_ROW else by_subject(related.pairs)
    if attribute.via.attribute is None:
        rows = pairs.with_columns(value=pl.lit(1, pl.Int64) if pick == "count" else pl.lit(True))
    else:
        rows = _meet(pairs, held[attribute.via.attribute])
    valued = rows.with_columns(value=pl.when("sure").then("value"), place=_place(pick))
    picked = pick_spans(valued.select("key", "end_key", "own", "place", "value"), pick)
    spans = with_state(picked.drop("own"), attribute)
    everything = pl.concat([spans, related.blocked.with_columns(pl.col("value").cast(spans.schema["value"]))])
    return Timeline(knowledge.days, coalesce(everything.sort("key")), related.defaults)


def _place(pick: Pick) -> pl.Expr:
    """Order related subjects whose relation began on one day by their ids; a row that surely counts decides."""
    preferred = pl.col("sure") if pick == "latest" else ~pl.col("sure")
    return pl.col("other_no").cast(pl.Int64) * 2 + preferred.cast(pl.Int64)


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


def _meet(pairs: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """Cut pairs to the stretches over which the related subject's fact holds, and take that fact.

    Shape: `held` has `key`, `end_key`, `value` of every related subject and day.
    """
    facts = held.select(
        other_no=subject_numbers_of(pl.col("key")),
        first=pl.col("key") % DAYS_MAX,
        last=pl.col("end_key") % DAYS_MAX,
        value="value",
    )
    subject = pl.col("key") // DAYS_MAX * DAYS_MAX
    return (
        pairs.join(facts, on="other_no", how="inner")
        .with_columns(
            key=pl.max_horizontal("key", subject + pl.col("first")),
            end_key=pl.min_horizontal("end_key", subject + pl.col("last")),
        )
        .filter(pl.col("key") <= pl.col("end_key"))
    )
