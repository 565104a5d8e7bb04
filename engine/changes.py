"""What subjects are told about what a night made different."""

from collections.abc import Collection, Mapping, Sequence

import polars as pl

from core.grant_steps import ONCE_ACTIVE
from core.ledger import Act, ActKind, GrantState, NoticeKind
from delivery.notice_values import contact_of
from delivery.notices import CHANGES
from engine.decide import Decision, labels_of
from engine.named_days import NAMED
from engine.netting.comparison import Comparison
from engine.people import Present
from engine.units import NO_EVENT, UNIT_ID
from rules.version import Lane

_DEFAULT_REASONS: Mapping[NoticeKind, tuple[str, ...]] = {
    NoticeKind.ENDED: ("政策已停止执行",),  # nothing was asked: no version stands any longer
    NoticeKind.HELD: ("有关数据尚未更新",),  # nothing is missing today: it was on another day of the period
    NoticeKind.ASKED: ("是否申领本事项，以及收款账户",),  # everything is known; only the wish to have it is not
}
"""What is said where no single condition or fact can be named."""

_DISPUTED = ("是否仍然符合享受条件（收到反映，正在核查）",)
"""What is said to whom somebody has reported; nobody is told by whom."""

_EVERYBODY = "本事项不设条件"  # a rule without a single criterion

_AMOUNT_CHANGED = NoticeKind.AMOUNT_CHANGED.value
_NOTHING_DUE = ("条件仍然符合，但已没有应享的部分（如已享满规定的期限）",)
"""What is said to whom meets everything and is due nothing more."""

_TOLD: Mapping[GrantState, NoticeKind] = {
    GrantState.ACTIVE: NoticeKind.STARTED,
    GrantState.OFFERED: NoticeKind.OFFERED,
    GrantState.ASKED: NoticeKind.ASKED,
    GrantState.LAPSED: NoticeKind.LAPSED,
    GrantState.ENDED: NoticeKind.ENDED,
    GrantState.HELD: NoticeKind.HELD,
}
"""What is told when a grant enters a state; what only a department or the public has to do with is told nobody."""

_KNOWS_OF_IT = frozenset({GrantState.OFFERED, GrantState.ASKED, GrantState.CONFIRMED, GrantState.ANSWERED})
"""States before money of which the subject was told, or which it brought about: their end is told too."""


def amount_changes(comparison: Comparison) -> pl.DataFrame:
    """Return the grants whose due changed, with what was due before.

    Shape:  `grant_id`, `before_fen`; one row per grant whose due for a period already written differs now, or whose
            newest period differs from the one before it.
    """
    written = comparison.units.filter(pl.col("is_new").not_())
    corrected = written.filter(
        (pl.col("at_least_fen") != pl.col("due_at_least_fen"))
        & (pl.col("at_least_fen") > 0)
        & (pl.col("due_at_least_fen") > 0)
    ).select("grant_id", before_fen="due_at_least_fen")
    begun = comparison.units.filter("is_new").select("grant_id").unique()  # of no other grant a period is stepped into
    looked_at = comparison.units.join(begun, on="grant_id", how="semi").select(
        "grant_id", "period", "at_least_fen", "is_new"
    )
    settled = comparison.settled.select(
        "grant_id", "period", at_least_fen="due_at_least_fen", is_new=pl.lit(value=False)
    )
    by_period = (
        pl.concat([looked_at, settled])
        .group_by("grant_id", "period")
        .agg(pl.col("at_least_fen").sum(), pl.col("is_new").all())
    )
    previous = pl.col("at_least_fen").shift(1).over("grant_id")
    stepped = (
        by_period.sort("grant_id", "period")
        .with_columns(before_fen=previous)
        .filter(pl.col("is_new") & (pl.col("before_fen") > 0) & (pl.col("at_least_fen") != pl.col("before_fen")))
        .select("grant_id", "before_fen")
    )
    return pl.concat([corrected, stepped]).group_by("grant_id").agg(pl.col("before_fen").last()).sort("grant_id")


def told(
    present: Present,
    decisions: Sequence[Decision],
    states: Mapping[str, pl.DataFrame],
    comparison: Comparison,
    acts: Collection[Act],
) -> pl.DataFrame:
    """Return every change that somebody is told: `delivery.notices.CHANGES`; a suspended policy promises nothing.

    `acts` are those of this very night: whoever was asked is told until when, and whoever did not answer is reminded.
    """
    changed = amount_changes(comparison)
    payable = _payable_by_grant(comparison)
    begun = _first_new_periods(comparison)
    asked = _asked_tonight(acts)
    parts = [
        _of_policy(
            present,
            decision,
            states[decision.policy.policy]
            .join(changed, on="grant_id", how="left", validate="1:1")
            .join(payable, on="grant_id", how="left", validate="1:1")
            .join(begun, on="grant_id", how="left", validate="1:1")
            .join(asked, on="grant_id", how="left", validate="1:1"),
        )
        for decision in decisions
        if not decision.policy.is_suspended
    ]
    return pl.concat([CHANGES.to_frame(), *parts])


def _asked_tonight(acts: Collection[Act]) -> pl.DataFrame:
    """Return who was asked, or asked once more, with the last day for an answer: `grant_id`, `asked_through`, `is_asked`."""
    kinds = {ActKind.OFFER, ActKind.ASK, ActKind.REMIND}
    rows = [(act.grant_id, act.through, True) for act in acts if act.kind in kinds]
    schema = {"grant_id": pl.String, "asked_through": pl.Date, "is_asked": pl.Boolean}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _payable_by_grant(comparison: Comparison) -> pl.DataFrame:
    """Return what the night's new items add up to per grant: `grant_id`, `payable_fen`."""
    items = comparison.ledger_changes.items.filter(pl.col("state") == "open")
    named = comparison.units.select("obligation_id", "grant_id").unique("obligation_id")
    return (
        items.join(named, on="obligation_id", how="inner", validate="m:1")
        .group_by("grant_id")
        .agg(pl.col("amount_fen").sum().alias("payable_fen"))
    )


def _of_policy(present: Present, decision: Decision, states: pl.DataFrame) -> pl.DataFrame:
    written = decision.policy.current.written
    why = "、".join(criterion.label for criterion in written.criteria) or _EVERYBODY
    label = present.night.catalogue.kinds[decision.policy.kind].label
    is_same = pl.col("before").eq_missing(pl.col("state"))
    is_changed = pl.col("before_fen").is_not_null() & (pl.col("state") == GrantState.ACTIVE.value)
    is_reminded = pl.col("is_asked").fill_null(value=False)
    # Paid for a time that is over: its items say so.
    is_over = pl.col("before").is_null() & (pl.col("state") == GrantState.ENDED.value)
    again = pl.when(is_reminded).then(pl.lit(NoticeKind.REMINDED.value)).when(is_changed).then(pl.lit(_AMOUNT_CHANGED))
    entered = _entered(written.lane)
    rows = states.with_columns(
        kind=pl.when(is_same).then(again.otherwise(None)).otherwise(pl.when(is_over.not_()).then(entered)),
        unit_id=UNIT_ID,
        reply_through=pl.coalesce("asked_through", "reply_through"),
    ).filter(pl.col("kind").is_not_null())
    event_days = decision.named_days.select(event="subject_id", event_day=NAMED)
    is_started = pl.col("kind") == NoticeKind.STARTED.value
    is_resumed = pl.col("before").is_in(sorted(state.value for state in ONCE_ACTIVE)).fill_null(value=False)
    since = pl.when(is_resumed).then("new_period").otherwise("first_period")  # what was paid before a gap was told then
    return (
        rows.join(_first_periods(decision), on="grant_id", how="left", validate="m:1")
        .join(_reasons(present, decision, rows["unit_id"]), on=["unit_id", "kind"], how="left", validate="m:1")
        .join(event_days, on="event", how="left", validate="m:1")
        .with_columns(
            policy=pl.lit(written.policy),
            title=pl.lit(written.title),
            owner=pl.lit(written.owner),
            subject_kind=pl.lit(decision.policy.kind),
            contact=pl.lit(contact_of(written)),
            why=pl.lit(why),
            period=pl.when(is_started).then(pl.coalesce(since, "period")).otherwise("period"),
            before_fen=pl.col("before_fen").fill_null(0),
            payable_fen=pl.col("payable_fen").fill_null(0),
            reasons=pl.when(_is_disputed(present))
            .then(pl.lit(list(_DISPUTED)))
            .otherwise(pl.coalesce("reasons", _default_reasons())),
            benefit=pl.lit(written.benefit),
            event=pl.when(pl.col("event") == NO_EVENT).then(pl.lit("")).otherwise(pl.lit(label)),
        )
        .select(pl.col(name).cast(dtype) for name, dtype in CHANGES.items())
    )


def _entered(lane: Lane) -> pl.Expr:
    """Return what is told when a grant enters its state, or null."""
    told = pl.col("state").replace_strict({str(state): str(kind) for state, kind in _TOLD.items()}, default=None)
    informs = pl.lit(lane is Lane.INFORM)
    known = pl.col("before").is_in(sorted(_KNOWS_OF_IT)) | (informs & pl.col("before").is_not_null())
    return (
        pl.when(informs & (pl.col("state") == GrantState.PROPOSED.value))
        .then(pl.lit(NoticeKind.INFORMED.value))
        .when(known & (pl.col("state") == GrantState.WITHDRAWN.value))
        .then(pl.lit(NoticeKind.ENDED.value))
        .otherwise(told)
    )


def _first_new_periods(comparison: Comparison) -> pl.DataFrame:
    """Return the first period for which tonight first finds something due to each grant: `grant_id`, `new_period`."""
    new = comparison.units.filter(pl.col("is_new") & (pl.col("at_least_fen") > 0))
    return new.group_by("grant_id").agg(new_period=pl.col("period").min())


def _first_periods(decision: Decision) -> pl.DataFrame:
    """Return the first period for which something is due to each grant: `grant_id`, `first_period`."""
    due = decision.dues.filter(pl.col("at_least_fen") > 0).sort("period_no")
    return due.group_by("grant_id").agg(first_period=pl.col("period").first())


def _reasons(present: Present, decision: Decision, units: pl.Series) -> pl.DataFrame:
    """Return the labels of what fails, and of what is missing, on the business date: `unit_id`, `kind`, `reasons`.

    Nulls: where no single condition or fact can be named there is no row.
    """
    asked = decision.outcomes.filter(pl.col("subject_id").is_in(units.unique().implode()))
    catalogue = present.night.catalogue
    labels = labels_of(decision.policy)
    failing = {code: f"不再符合“{labels.get(code, code)}”" for code in _distinct(asked["failing"])}
    missing = {code: catalogue.what_is_missing(code).label for code in _distinct(asked["missing"])}
    is_met = pl.col("outcome") == "met"
    whose, nothing_due = pl.col("subject_id").alias("unit_id"), pl.lit(list(_NOTHING_DUE)).alias("reasons")
    parts = [
        asked.filter(is_met).select(whose, pl.lit(NoticeKind.ENDED.value).alias("kind"), nothing_due),
        _labelled(asked.filter(is_met.not_()), NoticeKind.ENDED, "failing", failing),
        _labelled(asked, NoticeKind.HELD, "missing", missing),
        _labelled(asked, NoticeKind.ASKED, "missing", missing),
    ]
    return pl.concat(parts)


def _labelled(outcomes: pl.DataFrame, kind: NoticeKind, column: str, words: Mapping[str, str]) -> pl.DataFrame:
    """Return the words for the codes that a column lists: `unit_id`, `kind`, `reasons`; no row where it lists none."""
    reasons = pl.col(column).list.eval(pl.element().replace(words)).alias("reasons")
    named = outcomes.filter(pl.col(column).list.len() > 0)
    return named.select(pl.col("subject_id").alias("unit_id"), pl.lit(kind.value).alias("kind"), reasons)


def _distinct(codes: pl.Series) -> pl.Series:
    return codes.explode().drop_nulls().unique()


def _is_disputed(present: Present) -> pl.Expr:
    """Say of a change that a grant is held by a grievance."""
    disputed = pl.Series(sorted(present.disputed), dtype=pl.String)
    return (pl.col("kind") == NoticeKind.HELD.value) & pl.col("grant_id").is_in(disputed.implode())


def _default_reasons() -> pl.Expr:
    """Return what is said where nothing can be named, by kind of notice."""
    chain = pl.lit([], dtype=pl.List(pl.String))
    for kind, words in _DEFAULT_REASONS.items():
        chain = pl.when(pl.col("kind") == kind.value).then(pl.lit(list(words))).otherwise(chain)
    return chain
