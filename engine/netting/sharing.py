"""What bonds make of dues, on frames: which obligations are compared as one, and what is certain of each.

Bonds count in their order: of a group the winners keep their dues; what counts as paid is used up by the oldest period;
a ceiling is used by the oldest period first. Obligations that a bond holds together are one netting unit, and so are
units that a later bond holds together. The plain reference for one bond is `engine.netting.groups`.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from engine.netting.bonds import Bond, bound_key, rank_of
from engine.netting.distance import by_distance

ROWS = pl.Schema(
    {
        "obligation_id": pl.String(),
        "policy": pl.String(),
        "subject_id": pl.String(),
        "event": pl.String(),
        "period": pl.String(),
        "dated_on": pl.Date(),
        "component": pl.String(),
        "version": pl.Int32(),  # null: owes nothing by any version
        "at_least_fen": pl.Int64(),
        "at_most_fen": pl.Int64(),  # null: no limit
        "is_waiting": pl.Boolean(),
        "committed_fen": pl.Int64(),
    }
)
"""Obligations that may be bound, each with what its own rule says is due, and what is committed."""

HOLDERS = pl.Schema(
    {"obligation_id": pl.String(), "holder": pl.String(), "is_sure": pl.Boolean(), "is_blocked": pl.Boolean()}
)
"""For whom a bond over a relation holds; not sure: perhaps for less; blocked: nobody knows."""

MEASURES = pl.Schema(
    {
        "policy": pl.String(),
        "subject_id": pl.String(),
        "event": pl.String(),
        "period": pl.String(),
        "measure": pl.String(),
        "measure_least_fen": pl.Int64(),
        "measure_most_fen": pl.Int64(),  # null: no limit
    }
)
"""What policies measure for a period."""

_AGE = ("key", "dated_on", "period", "event", "rank", "subject_id", "component", "obligation_id")  # oldest first


def shares_of(
    rows: pl.DataFrame, bonds: Sequence[Bond], holders: Mapping[str, pl.DataFrame], measures: pl.DataFrame
) -> pl.DataFrame:
    """Return the obligations that are bound, with their unit and their share of what is certain of it.

    Shape:   `ROWS`, `HOLDERS` by the name of a bond and `MEASURES` in; the bound rows out, sorted by unit, oldest first.
    Adds:    `unit_key`, `share_fen`, `unit_least_fen` (the shares' sum), `unit_most_fen`, `unit_is_waiting`.
    Nulls:   `unit_most_fen` null: no limit.
    Expects: the measures of the bonds that name one; where there is none for a period, it says nothing.
    """
    state = rows.with_columns(
        share_fen="at_least_fen",
        node="obligation_id",
        node_most_fen="at_most_fen",
        node_is_known=(pl.col("at_least_fen") == pl.col("at_most_fen")).fill_null(value=False),
        is_paying=pl.lit(value=True),
        is_bound=pl.lit(value=False),
    )
    for bond in bonds:
        state = _bound(_keyed(state, bond, holders), bond, measures)
    unit = pl.col("node")
    return (
        state.filter(pl.col("is_bound").any().over("node"))
        .with_columns(
            unit_key=unit,
            unit_least_fen=pl.col("share_fen").sum().over(unit),
            unit_most_fen="node_most_fen",
            unit_is_waiting=(pl.col("is_paying") & pl.col("is_waiting") & (pl.col("share_fen") > 0)).any().over(unit),
        )
        .sort("unit_key", "dated_on", "period", "event", "policy", "subject_id", "component")
        .drop("node", "node_most_fen", "node_is_known", "is_paying", "is_bound")
    )


def _keyed(state: pl.DataFrame, bond: Bond, holders: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Say what each row is bound with; of a row whose relation nobody knows, nothing is certain.

    Adds: `key` (null: not bound), `rank`, `is_sure`.
    """
    own = pl.col("policy").is_in(list(bond.policies))
    if bond.relation is None:
        placed = state.with_columns(holder="subject_id", is_sure=pl.lit(value=True), is_blocked=pl.lit(value=False))
    else:
        placed = state.join(holders[bond.name], on="obligation_id", how="left", validate="1:1").with_columns(
            pl.col("holder").fill_null(pl.col("subject_id")),
            pl.col("is_sure").fill_null(value=True),
            is_blocked=own & pl.col("is_blocked").fill_null(value=False),
        )
    blocked = pl.col("is_blocked")
    return placed.with_columns(
        key=pl.when(blocked.not_()).then(bound_key(bond)),
        rank=rank_of(bond),
        share_fen=pl.when(blocked).then(pl.lit(0, dtype=pl.Int64)).otherwise("share_fen"),
        node_is_known=pl.col("node_is_known") & blocked.any().over("node").not_(),
        is_bound=pl.col("is_bound") | blocked,
    ).drop("holder", "is_blocked")


def _bound(keyed: pl.DataFrame, bond: Bond, measures: pl.DataFrame) -> pl.DataFrame:
    """Return the state after a bond, its rows' nodes joined."""
    if bond.kind == "group":
        after = _of_group(keyed, bond)
    else:
        measured = _measured(keyed, bond, measures)
        after = _of_paid(measured) if bond.kind == "paid" else _of_cap(measured)
    return _joined(after.with_columns(is_bound=pl.col("is_bound") | pl.col("key").is_not_null())).drop(
        "key", "rank", "is_sure", "key_most_fen", "key_is_known"
    )


def _of_group(keyed: pl.DataFrame, bond: Bond) -> pl.DataFrame:
    """Let the winners keep their dues; a key with a single contender binds nothing.

    Source: semantics §5, groups; the same as `engine.netting.groups.group_unit`.
    """
    is_by_policy = bond.relation is None and bond.mode != "apart"
    parts = ["policy"] if is_by_policy else ["policy", "subject_id", "event"]
    several = pl.col("contender").n_unique().over("key") > 1
    named = keyed.with_columns(contender=pl.concat_str(parts, separator="\x1f")).with_columns(
        key=pl.when(several).then("key")
    )
    contenders = (
        named.filter(pl.col("key").is_not_null())
        .group_by("key", "contender")
        .agg(
            pl.col("rank").first(),
            pl.col("is_sure").all(),
            least=pl.col("share_fen").sum(),
            most=_sum_or_null(pl.col("at_most_fen")),
            committed=pl.col("committed_fen").sum(),
            dated_on=pl.col("dated_on").min(),
        )
    )
    decided = _decided(contenders, bond)
    every_most = _sum_or_null(pl.col("most")).over("key")
    is_sure = pl.col("is_sure").all().over("key")
    results = decided.select(
        "key",
        "contender",
        "wins",
        key_most_fen=pl.when(is_sure).then("key_most_fen").otherwise(every_most),
        key_is_known=is_sure,
    )
    wins = pl.col("wins").fill_null(value=True)
    return (
        named.join(results, on=["key", "contender"], how="left", validate="m:1")
        .with_columns(
            share_fen=pl.when(wins).then("share_fen").otherwise(pl.lit(0, dtype=pl.Int64)),
            is_paying=pl.col("is_paying") & wins,
        )
        .drop("contender", "wins")
    )


def _decided(contenders: pl.DataFrame, bond: Bond) -> pl.DataFrame:
    match bond.mode:
        case "priority":
            return _by_priority(contenders)
        case "apart":
            return by_distance(contenders, bond.count)
        case _:
            return _by_height(contenders, bond.count)


def _by_height(contenders: pl.DataFrame, count: int) -> pl.DataFrame:
    """Say who wins by what is certain; ties keep the incumbent, who has most committed."""
    order = ("key", "least", "committed", "rank", "contender")
    ranked = contenders.sort(order, descending=[False, True, True, False, False])
    place = pl.int_range(pl.len()).over("key")
    highest = pl.col("most").sort(descending=True).head(count).sum().over("key")
    return ranked.with_columns(
        wins=(place < count) & (pl.col("least") > 0),
        key_most_fen=pl.when(pl.col("most").is_null().any().over("key").not_()).then(highest),
    )


def _by_priority(contenders: pl.DataFrame) -> pl.DataFrame:
    """Say who surely comes first; while someone before might, nothing is certain, for that may be less."""
    ranked = contenders.sort("key", "rank", "committed", "contender", descending=[False, False, True, False])
    is_certain = (pl.col("least") > 0).cast(pl.Int32)
    nobody_before = is_certain.cum_sum().over("key") == is_certain
    reached = nobody_before & pl.col("most").ne_missing(0)
    marked = ranked.with_columns(is_reached=reached)
    reaching = pl.col("is_reached")
    no_limit = (reaching & pl.col("most").is_null()).any().over("key")
    most = pl.when(reaching).then("most").otherwise(0).max().over("key")
    return marked.with_columns(
        wins=reaching & (reaching.sum().over("key") == 1) & (pl.col("least") > 0),
        key_most_fen=pl.when(no_limit.not_()).then(most),
    )


def _measured(keyed: pl.DataFrame, bond: Bond, measures: pl.DataFrame) -> pl.DataFrame:
    """Add a bond's measure over its key: the largest that any of its periods has; where none has, it says nothing.

    Adds: `measure_least_fen`, `measure_most_fen` (null: no limit), `has_measure`.
    """
    on = ["policy", "subject_id", "event", "period"]
    own = (
        measures.filter(pl.col("measure") == bond.measure).drop("measure").with_columns(is_measured=pl.lit(value=True))
    )
    found = keyed.join(own, on=on, how="left", validate="m:1")
    is_measured = pl.col("is_measured").fill_null(value=False)
    no_limit = (is_measured & pl.col("measure_most_fen").is_null()).any().over("key")
    return found.with_columns(
        has_measure=is_measured.any().over("key"),
        measure_least_fen=pl.col("measure_least_fen").max().over("key").fill_null(0),
        measure_most_fen=pl.when(no_limit.not_()).then(pl.col("measure_most_fen").max().over("key")),
    ).drop("is_measured")


def _of_paid(measured: pl.DataFrame) -> pl.DataFrame:
    """Let the oldest periods use up what counts as paid; what may count as paid is not certain to be due."""
    paid_most = pl.when("has_measure").then("measure_most_fen").otherwise(pl.lit(0, dtype=pl.Int64))
    ordered = measured.sort(_AGE).with_columns(paid_most=paid_most)
    after = pl.col("share_fen").cum_sum().over("key")
    due = pl.when(pl.col("paid_most").is_not_null()).then(
        (after - pl.col("paid_most")).clip(0) - (after - pl.col("share_fen") - pl.col("paid_most")).clip(0)
    )
    most = (_node_most() - pl.col("measure_least_fen")).clip(0)
    return _with_key(ordered, due, most).drop("paid_most")


def _of_cap(measured: pl.DataFrame) -> pl.DataFrame:
    """Let the oldest periods use the ceiling first; a key without a ceiling owes nothing."""
    before = pl.col("share_fen").cum_sum().over("key") - pl.col("share_fen")
    left = (pl.col("measure_least_fen") - before).clip(0)
    most = pl.min_horizontal(_node_most(), "measure_most_fen")
    return _with_key(measured.sort(_AGE), pl.min_horizontal(left, "share_fen"), most)


def _with_key(ordered: pl.DataFrame, due: pl.Expr, most: pl.Expr) -> pl.DataFrame:
    is_known = pl.col("has_measure").not_() | (pl.col("measure_least_fen") == pl.col("measure_most_fen"))
    return ordered.with_columns(
        key_most_fen=most,
        key_is_known=pl.col("key").is_null() | is_known.fill_null(value=False),
        share_fen=pl.when(pl.col("key").is_not_null()).then(due.fill_null(0)).otherwise("share_fen"),
    ).drop("has_measure", "measure_least_fen", "measure_most_fen")


def _node_most() -> pl.Expr:
    """Return the most that a key's nodes may come to together."""
    once = pl.col("obligation_id") == pl.col("obligation_id").min().over("key", "node")
    no_limit = pl.col("node_most_fen").is_null().any().over("key")
    return pl.when(no_limit.not_()).then(pl.when(once).then("node_most_fen").otherwise(0).sum().over("key"))


def _joined(after: pl.DataFrame) -> pl.DataFrame:
    """Join the nodes that a key holds together, and say what the new ones may come to.

    Source: a key that holds whole nodes knows its most; one that cuts through them leaves theirs, unless everything is
            known: then it is what is certain.
    """
    once = pl.col("obligation_id") == pl.col("obligation_id").min().over("node")
    label = _labels(after)
    joined = after.with_columns(label=label, own_most=pl.when(once).then("node_most_fen").otherwise(0))
    new = "label"
    touched = pl.col("key").is_not_null().any().over(new)
    is_whole = pl.col("key").is_not_null().all().over(new) & (pl.col("key").n_unique().over(new) == 1)
    is_known = (pl.col("node_is_known") & pl.col("key_is_known").fill_null(value=True)).all().over(new)
    no_limit = (once & pl.col("node_most_fen").is_null()).any().over(new)
    most = (
        pl.when(is_known)
        .then(pl.col("share_fen").sum().over(new))
        .when(is_whole)
        .then("key_most_fen")
        .when(no_limit.not_())
        .then(pl.col("own_most").sum().over(new))
    )
    certain = pl.col("share_fen").sum().over(new)
    return (
        joined.with_columns(node_most_fen=pl.when(touched).then(most).otherwise("node_most_fen"), node="label")
        .with_columns(node_is_known=(certain == pl.col("node_most_fen")).fill_null(value=False))
        .drop("label", "own_most")
    )


def _labels(after: pl.DataFrame) -> pl.Series:
    """Return the smallest obligation that each row is held together with, over keys and nodes."""
    labels = after.select("key", "node", label="node")
    while True:
        spread = labels.with_columns(
            label=pl.when(pl.col("key").is_null()).then("label").otherwise(pl.col("label").min().over("key"))
        ).with_columns(label=pl.col("label").min().over("node"))
        if spread["label"].equals(labels["label"]):
            return labels["label"]
        labels = spread


def _sum_or_null(amount: pl.Expr) -> pl.Expr:
    """Return a sum that is null where one of its parts is."""
    return pl.when(amount.is_null().any().not_()).then(amount.sum())
