"""For whom a bond over a relation holds: all who share the other end of it while a period lasts.

A household is known by its members, not by its number: who is related to one number in one period and to another in the
next, within one span, joins both. Somebody related to nobody stands alone.
"""

from collections.abc import Sequence

import polars as pl

from core.days import DayRange
from engine.netting.sharing import HOLDERS
from engine.people import Present
from profiles.answering import Knowledge
from profiles.attribute_timelines import attribute_timelines
from profiles.catalogue import Relation
from profiles.day_keys import DAYS_MAX, day_numbers
from profiles.relating import related_subjects
from profiles.timeline import Default, State
from profiles.universe import Universe


def holders_of(present: Present, relation: Relation, rows: pl.DataFrame) -> pl.DataFrame:
    """Return for whom each obligation counts.

    Shape:   `obligation_id`, `subject_id`, `span`, `first`, `last` (the days of its period) in; `HOLDERS` out, by id.
    Source:  the relation as known at the night's instant, on the days of the period up to the business date; a period
             that lies ahead has the relation of that date. A row that may not count relates, but not surely. Who is
             related to nobody stands alone, unless nothing is known of the last of the days; who may be related on that day
             to somebody whom nobody knows is blocked too.
    """
    night = present.night
    if rows.is_empty():
        return HOLDERS.to_frame()
    today = pl.lit(night.business_date)
    asked = rows.with_columns(first=pl.min_horizontal("first", today), last=pl.min_horizontal("last", today))
    first, last = min(asked["first"].to_list()), night.business_date
    knowledge = Knowledge(night.catalogue, night.loads, dict(present.ids), DayRange(min(first, last), last))
    universe = Universe.of_ids(asked["subject_id"], dict(present.ids))
    related = related_subjects(knowledge, relation, universe, attribute_timelines)
    numbered = universe.number(asked, "subject_id").with_columns(
        first_no=day_numbers(pl.col("first")), last_no=day_numbers(pl.col("last"))
    )
    is_known = pl.col("other_no").is_not_null()
    pairs = _during(numbered, related.pairs.filter(is_known)).select("obligation_id", "other_no", "sure")
    on_last_day = numbered.with_columns(first_no="last_no")
    unheard = _during(on_last_day, related.blocked)["obligation_id"]
    lost = _during(on_last_day, related.pairs.filter(is_known.not_()))["obligation_id"]
    linked = _linked(numbered, pairs)
    has_pair = pl.col("obligation_id").is_in(pairs["obligation_id"].implode())
    is_unheard = pl.col("obligation_id").is_in(unheard.implode()) | _is_silent(related.defaults)
    return (
        linked.with_columns(is_blocked=(has_pair.not_() & is_unheard) | pl.col("obligation_id").is_in(lost.implode()))
        .select(*HOLDERS.names())
        .sort("obligation_id")
        .cast(HOLDERS)
    )


def _is_silent(defaults: Sequence[Default]) -> pl.Expr:
    """Say whether nobody is known to be related or not on a row's last day."""
    found = pl.lit(value=False)
    for each in defaults:
        found = pl.when(pl.col("last_no") >= each.from_no).then(pl.lit(each.state is State.BLOCKED)).otherwise(found)
    return found


def _during(numbered: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """Return the spans of each row's subject that share a day with its period."""
    days = spans.with_columns(
        subject_no=(pl.col("key") // DAYS_MAX).cast(pl.UInt32),
        from_no=pl.col("key") % DAYS_MAX,
        through_no=pl.col("end_key") % DAYS_MAX,
    ).drop("key", "end_key")
    return numbered.join(days, on="subject_no", how="inner").filter(
        (pl.col("from_no") <= pl.col("last_no")) & (pl.col("through_no") >= pl.col("first_no"))
    )


def _linked(numbered: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Join, within a span, subjects that share another and others that share a subject.

    Adds: `holder`: the smallest obligation of those joined; `is_sure`: false where a row that may not count joins them.
    """
    ends = numbered.select("obligation_id", "span", "subject_no").join(pairs, on="obligation_id", how="left")
    links = ends.with_columns(holder="obligation_id")
    while True:
        spread = links.with_columns(holder=pl.col("holder").min().over("span", "subject_no")).with_columns(
            holder=pl.when(pl.col("other_no").is_null())
            .then("holder")
            .otherwise(pl.col("holder").min().over("span", "other_no"))
        )
        if spread["holder"].equals(links["holder"]):
            break
        links = spread
    is_sure = pl.col("sure").fill_null(value=True).all().over("span", "holder")
    found = links.with_columns(is_sure=is_sure).group_by("obligation_id").agg(pl.col("holder", "is_sure").first())
    return numbered.select("obligation_id", "last_no").join(found, on="obligation_id", how="left", validate="1:1")
