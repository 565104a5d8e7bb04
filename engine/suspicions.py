"""What new payments are compared with before they are frozen, and what is written down of what was suspected."""

from collections.abc import Collection, Sequence

import polars as pl

from core.days import add_days
from core.ledger import ItemState
from core.roles import Role
from core.settings import Suspicions
from delivery.batches import Collected
from delivery.payables import DuePayment
from delivery.suspicions import HOLDERS, SUSPECTS, SuspicionKind, Watch, short, suspicion_id
from engine.authority import authorised
from engine.compute import Computed
from engine.deployment import Deployment
from rules.version import Exclusion
from store.opening import Reading, Writing
from store.suspicions import (
    SuspicionRecord,
    clear_suspicion,
    cleared_suspicions,
    collected_since,
    keep_holders,
    keep_suspicions,
    read_holders,
    read_suspicions,
)

_PERIOD = ("subject_id", "event", "period")


def watch_for(rx: Reading, computed: Computed, payments: Collection[DuePayment], settings: Suspicions) -> Watch:
    """Return what the payments of a night are compared with.

    Expects: `subject_id` of the payments is who receives.
    """
    if not payments:
        return Watch()
    kinds = {policy.policy: policy.kind for policy in computed.night.policies}
    named = frozenset(each.terms.policy for each in payments if kinds[each.terms.policy] in settings.named)
    since = add_days(computed.night.business_date, -settings.days)
    return Watch(
        holders=read_holders(rx),
        recent=collected_since(rx, named, since),
        groups=_groups(computed, payments),
        holders_most=settings.holders_most,
        days=settings.days,
        named=named,
        held=frozenset(SuspicionKind(kind) for kind in settings.hold),
        cleared=cleared_suspicions(rx),
    )


def clear(deployment: Deployment, suspicion: str, *, by: str, reason: str) -> SuspicionRecord:
    """Say that somebody has looked at a suspicion and that all is well.

    Fails: RefusedError where there is none, it is cleared already, or whoever says so may not.
    """
    with deployment.store.reading() as rx:
        known = [each for each in read_suspicions(rx, is_open=False) if each.suspicion_id == suspicion]
    policies = [policy for each in known for policy in each.policies.split(",")]
    authorised(deployment, by, (Role.PAYMASTER, Role.SUPERVISOR), policies)
    with deployment.store.writing() as tx:
        return clear_suspicion(tx, suspicion, by=by, reason=reason)


def keep_suspected(tx: Writing, collected: Collected, known: pl.DataFrame) -> None:
    """Write down what was suspected, and who receives on which account from now on; `known` did before."""
    found = collected.suspects.group_by("kind", "key", maintain_order=True).agg(
        pl.col("policy").unique().sort().str.join(","), pl.col("item_id").n_unique()
    )
    keep_suspicions(
        tx,
        {
            suspicion_id(SuspicionKind(kind), key): (kind, key, policies, count)
            for kind, key, policies, count in found.iter_rows()
        },
    )
    lines = [batch.lines.select("subject_id", account=short(pl.col("account_digest"))) for batch in collected.batches]
    pairs = pl.concat([HOLDERS.to_frame(), *(each.select(HOLDERS.names()) for each in lines)]).unique()
    keep_holders(tx, pairs.join(known, on=HOLDERS.names(), how="anti").sort("account", "subject_id"))


def _groups(computed: Computed, payments: Collection[DuePayment]) -> pl.DataFrame:
    """Return the payments for periods for which an exclusion group comes to more than it may: `SUSPECTS`.

    Source: nights net such benefits, and a law says so; whoever pays looks once more, at the money itself.
    """
    excluding = {
        policy.policy: each
        for policy in computed.night.policies
        for each in policy.current.written.excludes
        if each.mode in {"highest", "priority", "at_most"} and each.span == "period" and each.per is None
    }
    paid = {each.terms.policy for each in payments} & excluding.keys()
    found = [SUSPECTS.to_frame()]
    for group in sorted({excluding[policy].group for policy in paid}):
        members = sorted(policy for policy, each in excluding.items() if each.group == group)
        beyond = _beyond(computed, members, [excluding[policy] for policy in members])
        if not beyond.is_empty():
            found += [_suspected(each, group, beyond) for each in payments if each.terms.policy in members]
    return pl.concat(found)


def _beyond(computed: Computed, members: Sequence[str], terms: Sequence[Exclusion]) -> pl.DataFrame:
    """Return the obligations of a group for periods for which it pays more than its largest dues: with their period."""
    count = max((each.at_most or 1) for each in terms)
    changes = computed.ledger_changes
    gone = changes.item_moves.filter(pl.col("target") == ItemState.CANCELLED)
    units = computed.comparison.units.filter(pl.col("policy").is_in(members))
    touched = gone.select("obligation_id").unique()
    opened = changes.items.group_by("obligation_id").agg(pl.col("amount_fen").sum().alias("opened_fen"))
    quiet = units.join(touched, on="obligation_id", how="anti")  # of what loses items tonight, nights have decided
    known = quiet.join(opened, on="obligation_id", how="left", validate="m:1").with_columns(
        pays_fen=pl.col("held_fen") - pl.col("on_hold_fen") - pl.col("returned_fen") + pl.col("opened_fen").fill_null(0)
    )
    sums = known.group_by(_PERIOD).agg(
        pl.col("pays_fen").sum(),
        pl.col("policy").filter(pl.col("pays_fen") > 0).n_unique().alias("paying"),
        pl.col("at_most_fen").null_count().alias("open_count"),
        pl.col("at_most_fen").sort(descending=True).head(count).sum().alias("may_fen"),
    )
    beyond = sums.filter(
        (pl.col("paying") > count) & (pl.col("open_count") == 0) & (pl.col("pays_fen") > pl.col("may_fen"))
    )
    return known.join(beyond, on=_PERIOD, how="semi").select("obligation_id", *_PERIOD)


def _suspected(payment: DuePayment, group: str, beyond: pl.DataFrame) -> pl.DataFrame:
    own = payment.payables.select("item_id", "obligation_id", "policy").join(beyond, on="obligation_id", how="inner")
    key = pl.format("{} {} {} {}", pl.lit(group), *_PERIOD)
    return own.select("item_id", "policy", kind=pl.lit(SuspicionKind.GROUP.value), key=key)
