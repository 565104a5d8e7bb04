"""What the sources of one resource say of everyone: rows read once, then one timeline per source."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from core.days import DayRange, add_days
from profiles.answering import Knowledge, standing_of
from profiles.catalogue import Attribute, Effect, Resource, ResourceKind, Source, Window
from profiles.day_keys import day_no, day_numbers, key_of
from profiles.drawing import columns_read, last_counted, reaches_back, row_counts, row_value
from profiles.lists import Lists, hold_back, lists_of, quarantined_keys, spread_lists
from profiles.picking import pick_spans
from profiles.quarantine import held_back
from profiles.row_reading import Wanted, read_rows
from profiles.spans import age, block, clip, expire, lasts, nothing_said, with_state
from profiles.timeline import Timeline, coalesce
from profiles.universe import Universe


@dataclass(frozen=True, slots=True)
class Drawn:
    """A source with the attribute that is drawn from it."""

    attribute: Attribute
    source: Source


def source_timelines(
    knowledge: Knowledge, resource: Resource, drawn: Sequence[Drawn], universe: Universe
) -> list[Timeline]:
    """Return what each source drawn from a resource says, in the order given."""
    if resource.kind is ResourceKind.SNAPSHOT:
        return _from_lists(knowledge, resource, drawn, universe)
    days, standing = knowledge.days, standing_of(knowledge.loads, resource)
    if standing is None:
        return [nothing_said(days, each.attribute.fact_type.dtype) for each in drawn]
    windows = [each.source.window for each in drawn]
    may = may_hold(resource, days, windows, [each.source.effect for each in drawn])
    wanted = Wanted(standing.infos, _columns(resource, drawn), condition=may)
    rows = read_rows(knowledge, resource, universe, wanted)
    unheard = held_back(knowledge, resource, standing.infos, universe)
    timelines = []
    for each in drawn:
        held = clip(spread(count_rows(rows, resource, each), resource, each.source), days)
        spans = age(with_state(_picked(held, each), each.attribute), each.attribute)
        spans = expire(spans, day_no(standing.fresh_through), lasts(each.attribute))
        timelines.append(Timeline(days, coalesce(block(spans, unheard, days)), standing.absence(days)))
    return timelines


def _from_lists(knowledge: Knowledge, resource: Resource, drawn: Sequence[Drawn], universe: Universe) -> list[Timeline]:
    """Return what sources drawn from whole lists say."""
    days, lists = knowledge.days, lists_of(knowledge.loads, resource, knowledge.days)
    if not lists.infos:
        return [nothing_said(days, each.attribute.fact_type.dtype) for each in drawn]
    rows = read_rows(knowledge, resource, universe, Wanted(lists.infos, _columns(resource, drawn)))
    unheard = quarantined_keys(knowledge, lists, universe)
    timelines = []
    for each in drawn:
        listed = on_data_dates(count_rows(rows, resource, each), lists)
        heard = with_state(_picked(listed, each), each.attribute).select("key", "value", "state")
        spans = age(spread_lists(lists, hold_back(heard, unheard), lasts(each.attribute)), each.attribute)
        timelines.append(Timeline(days, coalesce(clip(spans, days).sort("key")), lists.defaults(days)))
    return timelines


def _picked(rows: pl.DataFrame, drawn: Drawn) -> pl.DataFrame:
    """Return what the source's pick makes of rows; their age is looked at only where it is limited."""
    return pick_spans(rows, drawn.source.pick, with_own=drawn.attribute.max_age_days is not None)


def _columns(resource: Resource, drawn: Sequence[Drawn]) -> frozenset[str]:
    return frozenset().union(*(columns_read(resource, each.source) for each in drawn))


_HANDED_DAYS_MOST: Mapping[Effect, int] = {"same_day": 0, "next_day": 1, "next_month": 31, "next_year": 366}
"""For how many days after its end a row may hold, until the one that follows on it counts."""


def may_hold(
    resource: Resource, days: DayRange, windows: Sequence[Window | None] = (), effects: Iterable[Effect] = ()
) -> pl.Expr:
    """Return a condition that no row fails which may hold on one of the days."""
    if resource.kind is ResourceKind.SPELL:
        handed = max((_HANDED_DAYS_MOST[each] for each in effects), default=0)
        return (pl.col("valid_from") <= days.last) & (pl.col("valid_through") >= add_days(days.first, -handed))
    happened = pl.col("day") <= days.last
    earliest = reaches_back(days.first, windows)
    return happened if earliest is None else happened & (day_numbers(pl.col("day")) >= earliest)


def on_data_dates(rows: pl.DataFrame, lists: Lists) -> pl.DataFrame:
    """Return rows of lists as holding on the lists' data dates alone, as `profiles.picking` wants them."""
    dates = pl.Series([day_no(info.data_date) for info in lists.infos], dtype=pl.Int32)
    own = pl.lit(dates.gather(rows["load_no"]))
    key = key_of(pl.col("subject_no"), own)
    return rows.select(key=key, end_key=key, own=own, place="place", value="value")


def count_rows(rows: pl.DataFrame, resource: Resource, drawn: Drawn) -> pl.DataFrame:
    """Leave out rows that do not count, and give each its value.

    Adds:  `value`.
    Nulls: null also where nobody knows whether the row counts.
    """
    counts = row_counts(resource, drawn.source.where)
    valued = rows.with_columns(counts=counts, value=row_value(resource, drawn.source, drawn.attribute))
    return valued.filter(pl.col("counts").fill_null(value=True)).with_columns(value=pl.when("counts").then("value"))


def spread(rows: pl.DataFrame, resource: Resource, source: Source) -> pl.DataFrame:
    """Return on which days rows of spells or events hold, as `profiles.picking` wants them."""
    effect = source.effect
    if resource.kind is ResourceKind.EVENT:
        own, end = pl.col("day"), last_counted(pl.col("day"), source.window)
    else:
        own, end = pl.col("valid_from"), day_numbers(pl.col("valid_through"))
        if effect != "same_day":
            until = _counts_from(effect, pl.col("valid_through").dt.offset_by("1d")) - 1
            end = pl.when(_is_followed(rows)).then(until).otherwise(end)
    return rows.select(
        key=key_of(pl.col("subject_no"), _counts_from(effect, own).clip(0)),
        end_key=key_of(pl.col("subject_no"), end.clip(-1)),  # ended before days are counted: never holds
        own=day_numbers(own),
        place="place",
        value="value",
    )


def _counts_from(effect: Effect, start: pl.Expr) -> pl.Expr:
    """Return the number of the day from which on what begins on a day counts."""
    match effect:
        case "same_day":
            return day_numbers(start)
        case "next_day":
            return day_numbers(start) + 1
        case "next_month":
            return day_numbers(start.dt.month_start().dt.offset_by("1mo"))
        case "next_year":
            return day_numbers(start.dt.truncate("1y").dt.offset_by("1y"))


def _is_followed(rows: pl.DataFrame) -> pl.Series:
    """Say of each row whether another one follows on it directly.

    A change that takes effect later leaves the days until then to the row before; without this a prisoner who is moved
    would be free for a day.
    """
    follows = key_of(pl.col("subject_no"), day_numbers(pl.col("valid_from")))
    ended = key_of(pl.col("subject_no"), day_numbers(pl.col("valid_through")) + 1)
    return rows.select(ended.is_in(rows.select(follows).to_series().implode())).to_series()
