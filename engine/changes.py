"""What became different for grants: new ones, the states of those there are, and what is told about it."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

import polars as pl

from core.days import MONTHS_OF, add_days
from core.grant_steps import ONCE_ACTIVE
from core.ledger import Act, ActKind, GrantState, NoticeKind
from delivery.notice_values import contact_of
from delivery.notices import CHANGES
from engine.acts import waived_now
from engine.decide import Decision, labels_of
from engine.grace import Standing
from engine.named_days import NAMED
from engine.netting.comparison import Comparison
from engine.night import NightPolicy
from engine.people import Present
from engine.units import NO_EVENT, UNIT_ID
from rules.version import Lane
from store.grants import GRANT_DAYS, GRANT_MOVES, GRANTS

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

_ASKING = frozenset({GrantState.OFFERED, GrantState.ASKED})

_DECIDED = frozenset({GrantState.DECLINED, GrantState.LAPSED, GrantState.OBJECTED, GrantState.WITHDRAWN})
"""What a person decided, or did not: it stays, whatever the facts say, until a person moves it."""

STATES = pl.Schema(
    {
        "policy": pl.String(),
        "subject_id": pl.String(),
        "event": pl.String(),
        "grant_id": pl.String(),
        "discovered_on": pl.Date(),
        "cause": pl.String(),
        "before": pl.String(),  # null: a new grant
        "state": pl.String(),
        "is_through": pl.Boolean(),  # may be paid, or could be if it were money
        "reply_through": pl.Date(),  # the last day for an answer
        "is_met": pl.Boolean(),  # on the business date
        "period": pl.String(),
        "amount_fen": pl.Int64(),  # null: not known yet
        "due_fen": pl.Int64(),
    }
)
"""Every grant of a policy with its state before and after the night and what is due for the current period."""


def states_of(present: Present, decision: Decision) -> pl.DataFrame:
    """Return the state of every grant of a policy after the night: `STATES`.

    Source: design §6 and `delivery` §10.3: active while the current period is met or on grace, held when nothing
            is certain, ended when it is not met, waived while a waiver stands; before money it is where its acts have
            brought it, and withdrawn when it is no longer met. While what stands today is suspended, every grant stays
            where it is.
    """
    policy, date = decision.policy, present.night.business_date
    before = present.grants_of(policy.policy).select("grant_id", before="state")
    current = (
        _of_standing_period(decision, date)
        .group_by("grant_id")
        .agg(
            pl.col("period").first(),
            is_held=(pl.col("standing") == str(Standing.HELD)).all(),
            is_due=((pl.col("at_most_fen").is_null()) | (pl.col("at_most_fen") > 0)).any(),
            is_open=pl.col("is_open").any(),
            due_fen=pl.col("at_least_fen").sum(),
        )
    )
    on_date = decision.outcomes.select("outcome", unit_id="subject_id", on_date_fen="amount_fen")
    joined = (
        decision.standing.join(before, on="grant_id", how="left", validate="1:1")
        .join(decision.coming.frame, on="grant_id", how="left", validate="1:1")
        .join(current, on="grant_id", how="left", validate="1:1")
        .join(on_date, left_on=UNIT_ID, right_on="unit_id", how="left", validate="m:1")
    )
    standing = _paying_state(present) if policy.pays else _met_state()
    after = (
        pl.when("is_through")
        .then(_unless_waived(present, decision, standing))
        .otherwise(_before_money(policy.current.written.lane, date))
    )
    return (
        joined.select(
            pl.lit(policy.policy).alias("policy"),
            "subject_id",
            "event",
            "grant_id",
            "discovered_on",
            "cause",
            "before",
            _as_it_was(policy, after).alias("state"),
            "is_through",
            "reply_through",
            (pl.col("outcome") == "met").fill_null(value=False).alias("is_met"),
            pl.col("period").fill_null(_period_name(decision, date)),
            pl.when(pl.col("due_fen").is_null())
            .then("on_date_fen")
            .when(pl.col("is_open").not_())
            .then("due_fen")
            .alias("amount_fen"),
            pl.col("due_fen").fill_null(0),
        )
        .sort("grant_id")
        .cast(STATES)
    )


def _of_standing_period(decision: Decision, date: dt.date) -> pl.DataFrame:
    """Return the dues by which grants stand on a date: of its period, or of the one before while nobody is asked yet.

    Where a period goes by its last day or a census day, that day may lie ahead: until then nothing has changed.
    """
    policy, dues = decision.policy, decision.dues
    if policy.timetable.is_own and policy.terms.counts == "last_day":
        return _of_own_period_over(dues, MONTHS_OF[policy.terms.period], date)
    on = (pl.col("period_first") <= date) & (date <= pl.col("period_last"))
    period = policy.timetable.of(date)
    asked = {"last_day": period.days.last, "census_day": period.census}.get(policy.terms.counts)
    if asked is None or date >= asked:
        return dues.filter(on)
    before = add_days(period.days.first, -1)
    return dues.filter((pl.col("period_first") <= before) & (before <= pl.col("period_last")))


def _of_own_period_over(dues: pl.DataFrame, months: int, date: dt.date) -> pl.DataFrame:
    """Return the dues of each grant's last period of its own that is over on a date; none where nothing is due for it.

    The next one begins on the day after, and the one after that on the day of the month on which the grant's periods
    begin, or on the last day of a month that lacks it.
    """
    begins = pl.col("period_last").dt.offset_by("1d").dt.month_start().dt.offset_by(f"{months}mo")
    day = pl.min_horizontal(pl.col("period_first").dt.day().max().over("grant_id"), begins.dt.month_end().dt.day())
    next_last = begins.dt.offset_by("-2d") + pl.duration(days=day)
    return dues.filter((pl.col("period_last") <= date) & (next_last > date))


def _as_it_was(policy: NightPolicy, after: pl.Expr) -> pl.Expr:
    """Return the state that a grant comes to, or the one that it keeps while its policy is suspended.

    One that is new then, found by an earlier version, has no more than begun: it is told once the policy goes on.
    """
    return pl.col("before").fill_null(GrantState.PROPOSED.value) if policy.is_suspended else after


def _paying_state(present: Present) -> pl.Expr:
    """Return the state of a grant that makes items: by what is due for the current period."""
    waiting = pl.Series(sorted(present.waiting), dtype=pl.String)
    return (
        pl.when(pl.col("is_due").not_().fill_null(value=True))
        .then(pl.lit(GrantState.ENDED.value))
        .when(pl.col("is_held") | pl.col("grant_id").is_in(waiting.implode()))
        .then(pl.lit(GrantState.HELD.value))
        .otherwise(pl.lit(GrantState.ACTIVE.value))
    )


def _met_state() -> pl.Expr:
    """Return the state of a grant of a benefit that is not paid: by the outcome on the business date."""
    return (
        pl.when(pl.col("outcome") == "met")
        .then(pl.lit(GrantState.ACTIVE.value))
        .when(pl.col("outcome") == "unknown")
        .then(pl.when(_was_active()).then("before").otherwise(pl.lit(GrantState.ACTIVE.value)))
        .otherwise(pl.lit(GrantState.ENDED.value))
    )


def _unless_waived(present: Present, decision: Decision, state: pl.Expr) -> pl.Expr:
    """Return the state, or that it is waived: the subject could have it and does not want it."""
    waived = waived_now(present.acts_of(decision.standing["grant_id"]))
    if not waived:
        return state
    is_waived = pl.col("grant_id").is_in(pl.Series(sorted(waived), dtype=pl.String).implode())
    could_have = pl.col("outcome").is_in(["met", "unknown"]).fill_null(value=False)
    return pl.when(is_waived & could_have).then(pl.lit(GrantState.WAIVED.value)).otherwise(state)


def _before_money(lane: Lane, date: dt.date) -> pl.Expr:
    """Return the state of a grant that may not be paid yet, or any longer here.

    Source: `delivery` §10.3: no longer met before it became active, it is withdrawn. An offer stands through the last day
            that was promised for an answer: what was due until then is the subject's all the same.
    """
    reached = pl.col("reached")
    is_promised = reached.is_in(_values(_ASKING)) & (pl.col("reply_through") >= date).fill_null(value=False)
    return (
        pl.when(_was_active() & pl.lit(lane is Lane.INFORM))
        .then(pl.lit(GrantState.ENDED.value))
        .when(reached.is_in(_values(_DECIDED)) | is_promised | pl.col("outcome").is_in(["met", "unknown"]))
        .then(reached)
        .otherwise(pl.lit(GrantState.WITHDRAWN.value))
    )


def _was_active() -> pl.Expr:
    return pl.col("before").is_in(_values(ONCE_ACTIVE)).fill_null(value=False)


def _values(states: Collection[GrantState]) -> list[str]:
    return sorted(state.value for state in states)


def _period_name(decision: Decision, date: dt.date) -> str:
    return decision.policy.timetable.of(date).name


def new_grants(states: pl.DataFrame) -> pl.DataFrame:
    """Return the grants to write: `store.grants.GRANTS`."""
    return states.filter(pl.col("before").is_null()).select(*GRANTS.names())


def grant_moves(states: pl.DataFrame) -> pl.DataFrame:
    """Return the grants that change their state: `store.grants.GRANT_MOVES`."""
    moved = states.filter(pl.col("before").is_not_null() & (pl.col("before") != pl.col("state")))
    return moved.select("grant_id", source="before", target="state").cast(GRANT_MOVES)


def grant_days(present: Present, policy: str, states: pl.DataFrame) -> pl.DataFrame:
    """Return the provisional grants whose day or cause is another by now: `store.grants.GRANT_DAYS`."""
    written = present.grants_of(policy).filter("is_provisional").select(GRANT_DAYS.names())
    anew = states.join(written, on="grant_id", how="inner", suffix="_written", maintain_order="left")
    is_other = [pl.col(name).ne_missing(pl.col(f"{name}_written")) for name in ("discovered_on", "cause")]
    return anew.filter(pl.any_horizontal(is_other)).select(GRANT_DAYS.names())


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
    by_period = (
        comparison.units.join(begun, on="grant_id", how="semi")
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
    asked = _asked_tonight(acts)
    parts = [
        _of_policy(
            present,
            decision,
            states[decision.policy.policy]
            .join(changed, on="grant_id", how="left", validate="1:1")
            .join(payable, on="grant_id", how="left", validate="1:1")
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
            period=pl.when(is_started).then(pl.coalesce("first_period", "period")).otherwise("period"),
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
    known = pl.col("before").is_in(_values(_KNOWS_OF_IT)) | (informs & pl.col("before").is_not_null())
    return (
        pl.when(informs & (pl.col("state") == GrantState.PROPOSED.value))
        .then(pl.lit(NoticeKind.INFORMED.value))
        .when(known & (pl.col("state") == GrantState.WITHDRAWN.value))
        .then(pl.lit(NoticeKind.ENDED.value))
        .otherwise(told)
    )


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
