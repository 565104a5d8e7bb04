"""Who is told that money came, or came back: planned with what the bank said, so that both are kept or neither."""

from collections.abc import Callable, Mapping
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
from store.bank_lines import payments_of
from store.opening import Reading, Writing
from store.states import AttemptState

_CAME_BACK = (AttemptState.CONFIRMED_FAILED.value, AttemptState.RETURNED.value)
_REASON = "银行未能入账"
_REMEDY = "核对本人收款账户的户名、账号是否正确、可用；有误的，向提供账户的部门更正"


def tell_paid(tx: Writing, deployment: Deployment, paid: pl.DataFrame) -> int:
    """Plan a notice for everybody whose money came; return how many rows are new.

    Shape: `reference` and `booked_on` of attempts that are paid by now. A payment is paid once, so it is told once; those of one
           policy on one day to one account are told together, by the first of them.
    Nulls: without a day of the bank's, it came on the day on which it is known.
    """
    if paid.is_empty():
        return 0
    together = (
        payments_of(tx, paid["reference"])
        .join(paid.select("reference", "booked_on"), on="reference", how="inner", validate="1:1")
        .with_columns(pl.col("booked_on").fill_null(civil_day(tx.now)))
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
        lambda row: {"paid_on": day_words(row["booked_on"]), ACCOUNT: row["account_digest"]},
    )


def tell_answers(
    tx: Writing, deployment: Deployment, judged: pl.DataFrame, event: str, *, reasons: Mapping[str, str]
) -> int:
    """Plan the notices of what the bank said: that money came, or came back; return how many rows are new.

    Shape: `store.bank_lines.BANK_LINES`; `reasons` are the bank's result codes in words. What a later attempt pays already
           is not told to have come back.
    """
    paid = judged.filter(pl.col("target") == AttemptState.CONFIRMED_PAID.value)
    return tell_paid(tx, deployment, paid) + _tell_returned(tx, deployment, judged, event, reasons)


def _tell_returned(
    tx: Writing, deployment: Deployment, judged: pl.DataFrame, event: str, reasons: Mapping[str, str]
) -> int:
    back = judged.filter(pl.col("target").is_in(_CAME_BACK) & pl.col("moves_item"))
    if back.is_empty():
        return 0
    together = (
        payments_of(tx, back["reference"])
        .join(back.select("reference", "reason_code"), on="reference", how="inner", validate="1:1")
        .with_columns(
            reason=pl.col("reason_code").replace_strict(dict(reasons), default=_REASON, return_dtype=pl.String)
        )
        .group_by("policy", "subject_id", maintain_order=True)
        .agg(pl.col("amount_fen").sum(), pl.col("period").unique().sort(), pl.col("reason").unique().sort())
        .with_columns(event=pl.lit(event))
    )
    return _plan(
        tx,
        deployment,
        NoticeKind.PAYMENT_RETURNED,
        together,
        lambda row: {"reasons": "；".join(row["reason"]), "remedy": _REMEDY},
    )


def _plan(
    tx: Writing,
    deployment: Deployment,
    kind: NoticeKind,
    together: pl.DataFrame,
    more: Callable[[Mapping[str, Any]], Mapping[str, str]],
) -> int:
    """Plan a notice for each row: `subject_id`, `policy`, `event`, `amount_fen`, `period`, and what its own words need."""
    titles = _values(tx, deployment)
    values = [
        told_values(
            kind,
            {
                **titles[row["policy"]],
                "amount": yuan_text(row["amount_fen"]),
                "periods": periods_words(row["period"]),
                **more(row),
            },
        )
        for row in together.iter_rows(named=True)
    ]
    told = together.select("subject_id", "policy", "event").with_columns(
        kind=pl.lit(kind.value), business_date=pl.lit(civil_day(tx.now)), values=pl.Series(values, dtype=pl.String)
    )
    return plan_told(tx, deployment.routes, told.select(TOLD.names()))


def _values(rx: Reading, deployment: Deployment) -> Mapping[str, Mapping[str, str]]:
    """Return what notices say of every policy as it stands now."""
    today, now = civil_day(rx.now), rx.now
    policies = published_policies(rx, deployment.catalogue, business_date=today, known_at=now)
    return {each.policy: policy_values(each.current.written) for each in policies}
