"""Payments that look like others before they are frozen: one account under many, one name and sum twice, a group paid twice.

Only looks: a couple shares an account, and two firms may be called alike. Whether such a payment waits until somebody has
looked at it is a setting. Accounts and names come as keyed digests; neither stands here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import polars as pl

from core.findings import Code, Finding, Place, Severity
from core.ids import derive_id
from store.codes import FundsCode

DIGEST_SIGNS = 24  # 96 bits of a keyed digest: enough to tell accounts apart, and half the table


class SuspicionKind(StrEnum):
    """What is suspected."""

    ACCOUNT = "account"  # more receive on one account than usual
    NAME = "name"  # the same name got the same sum under another subject within some days
    GROUP = "group"  # policies of one exclusion group pay more for one period than the group may


SUSPECTS = pl.Schema({"item_id": pl.String(), "policy": pl.String(), "kind": pl.String(), "key": pl.String()})
"""Suspected payments; those of one kind with one key belong together."""

HOLDERS = pl.Schema({"account": pl.String(), "subject_id": pl.String()})
"""Who ever received on which account, by the digest's first signs."""

RECENT = pl.Schema({"name_digest": pl.String(), "amount_fen": pl.Int64(), "subject_id": pl.String()})
"""What was collected in the last days, by name and sum."""

_CODES: Mapping[SuspicionKind, tuple[Code, str, str]] = {
    SuspicionKind.ACCOUNT: (
        FundsCode.SAME_ACCOUNT,
        "an account on which more than {most} receive",
        "a couple, a home for the aged, a mistake, or a fraud",
    ),
    SuspicionKind.NAME: (
        FundsCode.SAME_NAME,
        "the name and the sum of a payment to somebody else within {days} days",
        "two firms of one name, or one under two numbers",
    ),
    SuspicionKind.GROUP: (
        FundsCode.SAME_GROUP,
        "a period for which benefits of one group pay more than the group may",
        "nights net such benefits, so this is a fault",
    ),
}


def suspicion_id(kind: SuspicionKind, key: str) -> str:
    """Return the id by which a suspicion is listed and cleared."""
    return derive_id("x", kind.value, key)


@dataclass(frozen=True, slots=True)
class Watch:
    """What new payments are compared with; nothing is suspected by default.

    `named` are the policies whose payees' names are compared. Payments of kinds in `held` wait until the suspicion is
    cleared; `cleared` are those that somebody has looked at.
    """

    holders: pl.DataFrame = field(default_factory=HOLDERS.to_frame, repr=False)
    recent: pl.DataFrame = field(default_factory=RECENT.to_frame, repr=False)
    groups: pl.DataFrame = field(default_factory=SUSPECTS.to_frame, repr=False)
    holders_most: int | None = None
    days: int = 0
    named: frozenset[str] = frozenset()
    held: frozenset[SuspicionKind] = frozenset()
    cleared: frozenset[str] = frozenset()

    def suspects(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Return what is suspected of new payments and was not cleared: `SUSPECTS`, by kind, key and item.

        Expects: `item_id`, `policy`, `subject_id`, `amount_fen`, `account_digest`, `name_digest`.
        """
        found = pl.concat([self._accounts(lines), self._names(lines), self.groups]).unique()
        keys = found.select("kind", "key").unique()
        ids = [suspicion_id(SuspicionKind(kind), key) for kind, key in keys.iter_rows()]
        open_ones = keys.filter(pl.Series([each not in self.cleared for each in ids], dtype=pl.Boolean))
        return found.join(open_ones, on=["kind", "key"], how="semi").sort("kind", "key", "item_id")

    def _accounts(self, lines: pl.DataFrame) -> pl.DataFrame:
        if self.holders_most is None:
            return SUSPECTS.to_frame()
        own = lines.with_columns(account=short(pl.col("account_digest")))
        pairs = pl.concat([own.select(HOLDERS.names()), self.holders.join(own, on="account", how="semi")]).unique()
        many = pairs.group_by("account").len().filter(pl.col("len") > self.holders_most)
        return own.join(many, on="account", how="semi").select(
            "item_id", "policy", kind=pl.lit(SuspicionKind.ACCOUNT.value), key="account"
        )

    def _names(self, lines: pl.DataFrame) -> pl.DataFrame:
        own = lines.filter(pl.col("policy").is_in(sorted(self.named)))
        seen = pl.concat([own.select(RECENT.names()), self.recent]).unique()
        twice = seen.group_by("name_digest", "amount_fen").len().filter(pl.col("len") > 1)
        found = own.join(twice, on=["name_digest", "amount_fen"], how="semi")
        key = pl.format("{} {}", short(pl.col("name_digest")), "amount_fen")
        return found.select("item_id", "policy", kind=pl.lit(SuspicionKind.NAME.value), key=key)


NO_WATCH = Watch()


def short(digest: pl.Expr) -> pl.Expr:
    """Return the signs of a digest by which equal ones are found."""
    return digest.str.slice(0, DIGEST_SIGNS)


def suspicion_findings(suspects: pl.DataFrame, watch: Watch) -> Iterable[Finding]:
    """Return what a night says of suspected payments: one finding per policy and kind."""
    counted = suspects.group_by("policy", "kind").agg(pl.col("item_id").n_unique()).sort("policy", "kind")
    for policy, kind_value, count in counted.iter_rows():
        kind = SuspicionKind(kind_value)
        code, what, who = _CODES[kind]
        items = "1 payment" if count == 1 else f"{count:,} payments"
        waits = "; left open" if kind in watch.held else ""
        message = f"{items}: {what.format(most=watch.holders_most, days=watch.days)}{waits}"
        remedy = f"{who}: look at `mianshen suspicions list`, then clear it or have the data mended"
        yield Finding(code, Place(f"payouts of {policy}"), message, remedy, Severity.WARNING, count)
