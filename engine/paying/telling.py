"""Who is told that money came, or came back: planned with what the bank said, so that both are kept or neither."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

import polars as pl

from core.clock import civil_day
from core.ledger import NoticeKind
from core.money import yuan_text
from delivery.notice_values import ACCOUNT, policy_values
from delivery.notices import TOLD, plan_told, told_values
from delivery.period_words import day_words, periods_words
from engine.deployment import Deployment
from engine.night import published_policies
from store.activation_steps import read_activations
from store.opening import Reading, Writing
from store.states.paying import AttemptState

_CAME_BACK = (AttemptState.CONFIRMED_FAILED.value, AttemptState.RETURNED.value)
_REASON = "银行未能入账"
_ANY_ACCOUNT = "<the digest of the account>"  # where it will stand; policies have no such word
_BETWEEN = " "  # periods have none
_OF_ONE = frozenset({"subject_id", "event", "account_digest"})  # the rest of what is told, others are told too
_REMEDY = "核对本人收款账户的户名、账号是否正确、可用；有误的，向提供账户的部门更正"


def tell_paid(tx: Writing, deployment: Deployment, paid: pl.DataFrame) -> int:
    """Plan a notice for everybody whose money came; return how many rows are new.

    Shape: `ATTEMPTS` that are paid by now, and `booked_on`. A payment is paid once, so it is told once; those of one policy
           on one day to one account are told together, by the first of them.
    Nulls: without a day of the bank's, it came on the day on which it is known.
    """
    if paid.is_empty():
        return 0
    together = (
        paid.with_columns(pl.col("booked_on").fill_null(civil_day(tx.now)))
        .sort("reference")
        .group_by("policy", "subject_id", "booked_on", "account_digest", maintain_order=True)
        .agg(
            pl.col("amount_fen").sum(),
            pl.col("period").unique().sort(),
            event=pl.format("payment {}", pl.col("reference").first()),
        )
    )
    return _plan(
        tx,
        deployment,
        NoticeKind.PAID,
        together,
        lambda row: {"paid_on": day_words(row["booked_on"]), ACCOUNT: _ANY_ACCOUNT},
    )


def tell_answers(  # all by name; an answer has this many parts
    tx: Writing,
    deployment: Deployment,
    judged: pl.DataFrame,
    *,
    attempts: pl.DataFrame,
    event: str,
    reasons: Mapping[str, str],
) -> int:
    """Plan the notices of what the bank said: that money came, or came back; return how many rows are new.

    Shape: `store.bank_lines.BANK_LINES` and `ATTEMPTS`; `reasons` are the bank's result codes in words. What a later attempt
           pays already is not told to have come back.
    """
    said = judged.select("reference", "target", "moves_item", "booked_on", "reason_code").drop_nulls("target")
    moved = attempts.join(said, on="reference", how="inner", validate="1:1")
    paid = moved.filter(pl.col("target") == AttemptState.CONFIRMED_PAID.value)
    back = moved.filter(pl.col("target").is_in(_CAME_BACK) & pl.col("moves_item"))
    return tell_paid(tx, deployment, paid) + _tell_returned(tx, deployment, back, event, reasons)


def _tell_returned(
    tx: Writing, deployment: Deployment, back: pl.DataFrame, event: str, reasons: Mapping[str, str]
) -> int:
    if back.is_empty():
        return 0
    reason = pl.col("reason_code").replace_strict(dict(reasons), default=_REASON, return_dtype=pl.String)
    together = (
        back.with_columns(reason=reason)
        .sort("reference")
        .group_by("policy", "subject_id", maintain_order=True)
        .agg(pl.col("amount_fen").sum(), pl.col("period").unique().sort(), pl.col("reason").unique().sort())
        .with_columns(pl.col("reason").list.join("；"), event=pl.lit(event), account_digest=pl.lit(_ANY_ACCOUNT))
    )
    return _plan(
        tx,
        deployment,
        NoticeKind.PAYMENT_RETURNED,
        together,
        lambda row: {"reasons": row["reason"], "remedy": _REMEDY},
    )


def _plan(
    tx: Writing,
    deployment: Deployment,
    kind: NoticeKind,
    together: pl.DataFrame,
    more: Callable[[Mapping[str, Any]], Mapping[str, str]],
) -> int:
    """Plan a notice for each row: `subject_id`, `policy`, `event`, `amount_fen`, `period`, and what its own words need.

    Many are told, and few things said: words are made once for each, and the account is put in where it stands.
    """
    titles = _values(tx, deployment, together["policy"].unique())
    said = together.with_columns(pl.col("period").list.join(_BETWEEN))
    by = [name for name in said.columns if name not in _OF_ONE]
    contents = said.unique(by, maintain_order=True)
    values = [
        told_values(
            kind,
            {
                **titles[row["policy"]],
                "amount": yuan_text(row["amount_fen"]),
                "periods": periods_words(row["period"].split(_BETWEEN)),
                **more(row),
            },
        )
        for row in contents.iter_rows(named=True)
    ]
    worded = contents.select(by).with_columns(pl.Series("values", values, dtype=pl.String))
    told = said.join(worded, on=by, how="left", validate="m:1", maintain_order="left").select(
        "subject_id",
        "policy",
        "event",
        pl.col("values").str.replace(_ANY_ACCOUNT, pl.col("account_digest"), literal=True),
        kind=pl.lit(kind.value),
        business_date=pl.lit(civil_day(tx.now)),
    )
    return plan_told(tx, deployment.routes, told.select(TOLD.names()))


def _values(rx: Reading, deployment: Deployment, of: Collection[str]) -> Mapping[str, Mapping[str, str]]:
    """Return what notices say of some policies as they stand now."""
    today, now = civil_day(rx.now), rx.now
    own = [each for each in read_activations(rx, known_at=now) if each.activation.policy in of]
    policies = published_policies(rx, deployment.catalogue, business_date=today, known_at=now, as_if=own)
    return {each.policy: policy_values(each.current.written) for each in policies}
