"""Which of the accounts that departments know is paid to: the catalogue ranks departments, and a closed account is passed over.

Nobody is paid by a guess: where departments of one rank disagree nothing is taken, and nothing of a lower rank either.
"""

from dataclasses import dataclass, field
from enum import StrEnum

import polars as pl

UNRANKED = 1_000_000  # after every department that the catalogue ranks


class PassedOver(StrEnum):
    """Why an account is not that of the department which is asked first."""

    MISSING = "missing"  # it knows none
    CLOSED = "closed"  # a bank has said that it is closed


@dataclass(frozen=True, slots=True)
class Account:
    """One account, as a department delivered it."""

    number: str = field(repr=False)
    bank: str = field(repr=False)


ACCOUNT = pl.Struct({"number": pl.String(), "bank": pl.String()})
"""An `Account` in a frame."""

OFFERED = pl.Schema(
    {
        "subject_id": pl.String(),
        "number": pl.String(),
        "bank": pl.String(),
        "resource": pl.String(),  # that knows it
        "rank": pl.Int64(),  # when that is asked: 1 before 2
        "first": pl.Int64(),  # the rank that is asked first for a subject of its kind
        "is_closed": pl.Boolean(),  # a bank has said so
    }
)
"""Accounts that resources know, one row for each of each."""

CHOSEN = pl.Schema(
    {
        "subject_id": pl.String(),
        "accounts": pl.List(ACCOUNT),  # one; none; or several, of which a person has to choose
        "resource": pl.String(),  # that knows the account, the first by name where several do
        "passed_over": pl.String(),  # why another department is not paid to that is asked before
        "is_closed": pl.Boolean(),  # there were accounts, and banks have said of all of them that they are closed
    }
)
"""The accounts to pay to, one row for each subject of whom any is known."""


def choose(offered: pl.DataFrame) -> pl.DataFrame:
    """Return which accounts are to be paid to.

    Shape:   `OFFERED` in, in any order; `CHOSEN` out, by subject; accounts by number and bank, each once.
    Expects: one `first` for each subject.
    """
    is_open = ~pl.col("is_closed")
    ranks = offered.group_by("subject_id").agg(
        pl.col("first").first(), known=pl.col("rank").min(), rank=pl.col("rank").filter(is_open).min()
    )
    account = ("subject_id", "number", "bank")
    same = offered.filter(is_open).join(ranks, on=["subject_id", "rank"], how="semi").sort(*account, "resource")
    distinct = same.unique(account, keep="first", maintain_order=True)
    accounts = distinct.group_by("subject_id", maintain_order=True).agg(
        accounts=pl.struct("number", "bank"), resource=pl.col("resource").min()
    )
    because = pl.when(pl.col("known") < pl.col("rank")).then(pl.lit(PassedOver.CLOSED.value))
    return (
        ranks.join(accounts, on="subject_id", how="left", validate="1:1")
        .with_columns(
            passed_over=pl.when(pl.col("rank") > pl.col("first")).then(
                because.otherwise(pl.lit(PassedOver.MISSING.value))
            ),
            is_closed=pl.col("rank").is_null(),
            accounts=pl.col("accounts").fill_null([]),
        )
        .select(CHOSEN.names())
        .cast(CHOSEN)
        .sort("subject_id")
    )
