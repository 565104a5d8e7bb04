"""Who is told that their money came back: planned with what the bank said, so that both are kept or neither."""

from collections.abc import Mapping

import polars as pl

from core.clock import civil_day
from core.ledger import NoticeKind
from core.money import yuan_text
from delivery.notice_values import policy_values
from delivery.notices import Telling, plan_notices
from delivery.period_words import period_words
from engine.deployment import Deployment
from engine.night import published_policies
from store.bank_lines import payments_of
from store.opening import Reading, Writing
from store.states import AttemptState

_CAME_BACK = (AttemptState.CONFIRMED_FAILED.value, AttemptState.RETURNED.value)
_REASON = "银行未能入账"
_REMEDY = "核对本人收款账户的户名、账号是否正确、可用；有误的，向提供账户的部门更正"


def tell_returned(
    tx: Writing, deployment: Deployment, judged: pl.DataFrame, event: str, *, reasons: Mapping[str, str]
) -> int:
    """Plan a notice for everybody whose money came back by what the bank said; return how many rows are new.

    Shape: `store.bank_lines.BANK_LINES`; `reasons` are the bank's result codes in words. What a later attempt pays already
           is not told.
    """
    back = judged.filter(pl.col("target").is_in(_CAME_BACK) & pl.col("moves_item"))
    if back.is_empty():
        return 0
    known = back.join(payments_of(tx, back["reference"]), on="reference", how="inner", validate="1:1")
    said = known.with_columns(
        period=pl.col("period").map_elements(period_words, return_dtype=pl.String),
        reason=pl.col("reason_code").replace_strict(dict(reasons), default=_REASON, return_dtype=pl.String),
    )
    together = said.group_by("policy", "subject_id", maintain_order=True).agg(
        pl.col("amount_fen").sum(), pl.col("period").unique(maintain_order=True), pl.col("reason").unique().sort()
    )
    titles = _values(tx, deployment)
    return plan_notices(
        tx,
        deployment.routes,
        [
            Telling(
                NoticeKind.PAYMENT_RETURNED,
                row["subject_id"],
                row["policy"],
                event,
                civil_day(tx.now),
                {
                    **titles[row["policy"]],
                    "amount": yuan_text(row["amount_fen"]),
                    "periods": "、".join(row["period"]),
                    "reasons": "；".join(row["reason"]),
                    "remedy": _REMEDY,
                },
            )
            for row in together.iter_rows(named=True)
        ],
    )


def _values(rx: Reading, deployment: Deployment) -> Mapping[str, Mapping[str, str]]:
    """Return what notices say of every policy as it stands now."""
    today, now = civil_day(rx.now), rx.now
    policies = published_policies(rx, deployment.catalogue, business_date=today, known_at=now)
    return {each.policy: policy_values(each.current.written) for each in policies}
