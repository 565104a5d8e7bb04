"""One policy as time moves: where one answer of somebody follows another, and why somebody is met no longer."""

import datetime as dt
from collections.abc import Collection
from enum import StrEnum

import polars as pl

from core.days import DayRange
from engine.answers import stretches_on
from engine.match import HELD, decide
from engine.night import Night, NightPolicy
from engine.planning.answers import answers
from engine.planning.named_turns import judged_ahead, stretches_ahead
from profiles.catalogue import Catalogue, ResourceKind
from rules.standing import StandState
from rules.tree import facts_of


class Turn(StrEnum):
    """What happens to one subject as time moves."""

    STARTS = "starts"
    ENDS = "ends"
    EXPIRES = "expires"  # ends, because something that holds from one day through another ends
    MORE = "more"
    LESS = "less"
    UNKNOWN = "unknown"  # a fact that is needed is not known any longer


TURNS = pl.Schema(
    {
        "policy": pl.String(),
        "subject_id": pl.String(),
        "day": pl.Date(),
        "turn": pl.Enum([turn.value for turn in Turn]),
        "before_fen": pl.Int64(),
        "after_fen": pl.Int64(),
        "failing": pl.List(pl.String()),
    }
)
"""One row per policy, unit and turn; `failing` are the criteria that do not hold any longer; amounts of one period."""


def turns_of(night: Night, policy: NightPolicy, profiles: pl.DataFrame, days: DayRange) -> pl.DataFrame:
    """Return every turn of one policy after the first of some days: `TURNS`.

    Shape: profiles over these days; of what is decided on a day of its own, over every day that may be named too.
    Nulls: who is unknown and becomes met starts; who is unknown and becomes not met does not turn.
    """
    if policy.current.version_by is None:
        stretches = stretches_on(night, policy, profiles, days, known_at=night.known_at)
        judged = profiles.with_columns(pl.col("day").alias(HELD[0]), pl.col("through").alias(HELD[1]))
    else:
        judged = judged_ahead(profiles, policy, days)
        stretches = stretches_ahead(night, policy, judged, days)
    turned = _turned(answers(stretches.lazy()).collect(), days)
    failing = _failing(night, policy, judged, turned.filter(pl.col("turn") == Turn.ENDS.value))
    joined = turned.join(failing, on=["subject_id", "day"], how="left", validate="m:1")
    is_expiry = pl.col("has_run_out").fill_null(value=False) & (pl.col("turn") == Turn.ENDS.value)
    turn = pl.when(is_expiry).then(pl.lit(Turn.EXPIRES.value)).otherwise("turn")
    return joined.select(
        pl.lit(policy.policy).alias("policy"),
        "subject_id",
        "day",
        turn.cast(TURNS["turn"]).alias("turn"),
        "before_fen",
        "after_fen",
        "failing",
    ).cast(TURNS)


def _turned(answered: pl.DataFrame, days: DayRange) -> pl.DataFrame:
    """Return where one answer follows another: `subject_id`, `day`, `turn`, `before_fen`, `after_fen`.

    Who has no answer on a day is not met on it.
    """
    ordered = answered.sort("subject_id", "day")
    day = pl.col("day")
    follows = (pl.col("through").shift(1).over("subject_id").dt.offset_by("1d") == day).fill_null(value=False)
    goes_on = (day.shift(-1).over("subject_id") == pl.col("through").dt.offset_by("1d")).fill_null(value=False)
    marked = ordered.with_columns(
        before=pl.when(follows).then(pl.col("outcome").shift(1)),
        before_fen=pl.when(follows).then(pl.col("at_least_fen").shift(1)).otherwise(0),
        after_fen="at_least_fen",
        goes_on=goes_on,
    )
    was_met = (pl.col("before") == "met").fill_null(value=False)
    is_met, least, most = pl.col("outcome") == "met", pl.col("before_fen"), pl.col("after_fen")
    turn = (
        pl.when(is_met & was_met.not_())
        .then(pl.lit(Turn.STARTS.value))
        .when(is_met & (most > least))
        .then(pl.lit(Turn.MORE.value))
        .when(is_met & (most < least))
        .then(pl.lit(Turn.LESS.value))
        .when(is_met.not_() & was_met)
        .then(pl.lit(Turn.UNKNOWN.value))
    )
    columns = ("subject_id", "day", "turn", "before_fen", "after_fen")
    begun = marked.filter(day > days.first).with_columns(turn=turn).filter(pl.col("turn").is_not_null())
    ended = marked.filter(is_met & pl.col("goes_on").not_() & (pl.col("through") < days.last)).select(
        "subject_id",
        pl.col("through").dt.offset_by("1d").alias("day"),
        pl.lit(Turn.ENDS.value).alias("turn"),
        pl.col("at_least_fen").alias("before_fen"),
        pl.lit(0, dtype=pl.Int64).alias("after_fen"),
    )
    return pl.concat([begun.select(columns), ended.select(columns)])


FAILING = pl.Schema(
    {"subject_id": pl.String(), "day": pl.Date(), "failing": pl.List(pl.String()), "has_run_out": pl.Boolean()}
)
"""Why somebody is met no longer from a day on, and whether something has run out."""


def _failing(night: Night, policy: NightPolicy, judged: pl.DataFrame, ended: pl.DataFrame) -> pl.DataFrame:
    """Return why each is met no longer: `FAILING`.

    Something has run out where a criterion that fails reads a fact which holds from one day through another, and which
    is another than on the day before.
    """
    spells = sorted(_spell_attributes(night.catalogue) & set(judged.columns))
    turns = ended.select("subject_id", turned_on="day")
    before = _judged_on(judged, turns, pl.col("turned_on").dt.offset_by("-1d"))
    on = _judged_on(judged, turns, pl.col("turned_on"))
    if policy.current.version_by is None:
        on = on.with_columns(day="turned_on")
    both = on.join(before.select("subject_id", "turned_on", *spells), on=["subject_id", "turned_on"], suffix=":before")
    first, last = both["day"].min(), both["day"].max()
    if both.is_empty():
        return FAILING.to_frame()
    assert isinstance(first, dt.date)
    assert isinstance(last, dt.date)
    return pl.concat(
        [
            FAILING.to_frame(),
            *(
                _failing_under(policy, stand.version, both.filter(pl.col("day").is_between(*_ends(stand.days))), spells)
                for stand in policy.stands(DayRange(first, last), night.known_at)
                if stand.state is StandState.IN_FORCE and stand.version is not None
            ),
        ]
    )


def _ends(days: DayRange) -> tuple[dt.date, dt.date]:
    return days.first, days.last


def _failing_under(policy: NightPolicy, version: int, own: pl.DataFrame, spells: Collection[str]) -> pl.DataFrame:
    """Return why the version that stands lets some no longer be met: `FAILING`."""
    decided = decide(own.lazy(), policy.compiled[version]).select("failing").collect()
    told = pl.concat(
        [own.select("subject_id", "turned_on", *(_is_another(code) for code in spells)), decided], how="horizontal"
    )
    read = {each.id: facts_of(each.node) & set(spells) for each in policy.versions[version].criteria}
    run_out = [
        pl.col("failing").list.contains(criterion) & pl.any_horizontal(sorted(codes))
        for criterion, codes in read.items()
        if codes
    ]
    return told.select(
        "subject_id",
        "failing",
        day="turned_on",
        has_run_out=pl.any_horizontal(run_out) if run_out else pl.lit(value=False),
    ).select(FAILING.names())


def _judged_on(judged: pl.DataFrame, turns: pl.DataFrame, day: pl.Expr) -> pl.DataFrame:
    """Return the row by which each is judged on a day worked out from its turn."""
    held = judged.join(turns, on="subject_id", how="inner").with_columns(day.alias(":asked"))
    return held.filter((pl.col(HELD[0]) <= pl.col(":asked")) & (pl.col(":asked") <= pl.col(HELD[1]))).drop(":asked")


def _is_another(code: str) -> pl.Expr:
    return pl.col(code).ne_missing(pl.col(f"{code}:before")).alias(code)


def _spell_attributes(catalogue: Catalogue) -> set[str]:
    """Return the attributes that hold from one day through another."""
    return {
        code
        for code, attribute in catalogue.attributes.items()
        if any(catalogue.resources[source.resource].kind is ResourceKind.SPELL for source in attribute.sources)
    }
