"""Where every grant stands after a night: new ones, and the states of those there are."""

import datetime as dt
from collections.abc import Collection

import polars as pl

from core.days import MONTHS_OF, add_days
from core.grant_steps import ONCE_ACTIVE
from core.ledger import GrantState
from engine.acts import waived_now
from engine.decide import Decision
from engine.grace import Standing
from engine.night import NightPolicy
from engine.people import Present
from engine.units import UNIT_ID
from rules.version import Lane
from store.grants import GRANT_DAYS, GRANT_MOVES, GRANTS

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
