"""Open items, and which of them are to be collected in a run: before the vault is opened for anyone."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

import polars as pl

from core.days import Period
from delivery.funds import Funds
from delivery.pay_days import collected_from, due_pay_days
from delivery.working_days import WorkingDays
from rules.version import Pay, PayeeTerm, WrittenVersion

PAYABLES = pl.Schema(
    {
        "item_id": pl.String(),
        "obligation_id": pl.String(),
        "policy": pl.String(),
        "subject_id": pl.String(),
        "period": pl.String(),
        "component": pl.String(),
        "kind": pl.String(),
        "amount_fen": pl.Int64(),
        "is_first": pl.Boolean(),  # nothing was ever instructed on its grant
        "attempt": pl.Int64(),  # from 1: which try to pay it this would be
        "is_reissue": pl.Boolean(),  # a try before came back: paid again without waiting for the pay day
    }
)
"""Open items, one row each, with what paying them needs to know."""


@dataclass(frozen=True, slots=True)
class PayTerms:
    """What one policy's current version says about paying."""

    policy: str
    title: str
    payer: str
    pay: Pay
    payee: PayeeTerm | None = None

    @classmethod
    def of(cls, version: WrittenVersion) -> Self:
        """Return the terms of a version; the owner pays where it names no payer."""
        return cls(
            version.policy, version.title, version.terms.payer or version.owner, version.terms.pay, version.terms.payee
        )


@dataclass(frozen=True, slots=True)
class DuePayment:
    """The items of one policy that are to be paid together on one pay day."""

    terms: PayTerms
    pay_day: dt.date
    payables: pl.DataFrame  # `PAYABLES`; `subject_id` is who receives from `engine.receivers` on, null: nobody may
    funds: Funds = field(default_factory=Funds)


def due_payments(
    payables: pl.DataFrame,
    terms: Mapping[str, PayTerms],
    calendar: WorkingDays,
    *,
    after: dt.date | None,
    through: dt.date,
) -> list[DuePayment]:
    """Return what is to be collected in the run for `through`, the last published one being for `after`.

    Shape:   `PAYABLES` in; by policy and pay day. What came back once is collected on any working day. Items whose pay day
             has not come, or that queue for the next year, are not in it; they stay open.
    Expects: terms for every policy that has an open item.
    """
    assert set(payables["policy"].unique()) <= terms.keys(), "an open item of a policy without terms"
    days = [
        (policy, is_first, due_pay_days(each.pay, calendar, after=after, through=through).of(is_first=is_first))
        for policy, each in terms.items()
        for is_first in (False, True)
    ]
    known = pl.DataFrame(days, schema={"policy": pl.String, "is_first": pl.Boolean, "pay_day": pl.Date}, orient="row")
    due = payables.join(known.drop_nulls(), on=["policy", "is_first"], how="inner", validate="m:1")
    due = due.join(_queues(due, terms), on=["policy", "period"], how="left", validate="m:1").filter(
        pl.col("collected_from").is_null() | (pl.col("collected_from") <= pl.col("pay_day"))
    )
    if calendar.is_working(through):
        due = pl.concat([due.filter(~pl.col("is_reissue")), _reissues(payables, through)], how="diagonal")
    parts = due.partition_by("policy", "pay_day", as_dict=True, include_key=True)
    return [
        DuePayment(terms[str(policy)], pay_day, part.select(PAYABLES.names()))
        for (policy, pay_day), part in sorted(parts.items())
    ]


def _reissues(payables: pl.DataFrame, through: dt.date) -> pl.DataFrame:
    """Return what came back and may be paid again, on the day itself."""
    return payables.filter("is_reissue").with_columns(pay_day=pl.lit(through))


def _queues(due: pl.DataFrame, terms: Mapping[str, PayTerms]) -> pl.DataFrame:
    """Return from when on what queues is collected: `policy`, `period`, `collected_from`."""
    waiting = due.filter(pl.col("policy").is_in([each.policy for each in terms.values() if each.pay.after is not None]))
    rows = [
        (policy, period, collected_from(terms[policy].pay, Period.named(period)))
        for policy, period in waiting.select("policy", "period").unique(maintain_order=True).iter_rows()
    ]
    return pl.DataFrame(rows, {"policy": pl.String, "period": pl.String, "collected_from": pl.Date}, orient="row")
