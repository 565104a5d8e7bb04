"""Who receives by what the vault knows of a subject: the account it named itself, or that of the department asked first.

Pure, over whole columns: the vault is opened by `delivery.vault_books`.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Self

import polars as pl

from delivery.accounts import OFFERED, UNRANKED, choose
from delivery.payees import RECEIVING, account_numbers, one_lines
from profiles.catalogue import Catalogue, Role

CONFIRMED: Final = "act:account"  # under what a subject's own account is kept; no resource of a catalogue is called so
HOLDER: Final = "holder"  # whose that account is, where it is not the subject's own
FIELDS: Final = (Role.NAME, Role.ACCOUNT, Role.BANK, HOLDER)

_OF_RESOURCE = ("subject_id", "resource")


@dataclass(frozen=True, slots=True)
class Ranks:
    """Which resource is asked first for accounts, by the catalogue: 1 before 2, before those without a rank.

    `kinds` are the kinds of subjects that ranked resources speak of.
    """

    by_resource: Mapping[str, int] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of_catalogue(cls, catalogue: Catalogue) -> Self:
        """Return the ranks that a catalogue declares."""
        ranked = {
            resource.resource: (column.rank, resource.subject)
            for resource in catalogue.resources.values()
            if (column := resource.column_of(Role.ACCOUNT)) is not None and column.rank is not None
        }
        return cls(
            {code: rank for code, (rank, _) in ranked.items()}, {code: kind for code, (_, kind) in ranked.items()}
        )

    def first(self, kinds: Iterable[str]) -> dict[str, int]:
        """Return the rank that is asked first for subjects of each kind."""
        return {
            kind: min((rank for code, rank in self.by_resource.items() if self.kinds[code] == kind), default=UNRANKED)
            for kind in kinds
        }


def offered(opened: pl.DataFrame, kinds: pl.DataFrame, ranks: Ranks) -> pl.DataFrame:
    """Return the accounts that may be paid to, none of them closed yet: `OFFERED`, by subject and resource.

    What a subject named itself stands alone, and has the rank that is asked first.

    Shape: `store.vault_openings.OPENED`; `kinds` are those of its subjects: `subject_id`, `subject_kind`.
    """
    accounts, is_named = _said(opened, Role.ACCOUNT, "number"), pl.col("resource") == CONFIRMED
    named = accounts.filter(is_named)
    alone = pl.concat([accounts.join(named, on="subject_id", how="anti", maintain_order="left"), named])
    firsts = pl.DataFrame(
        list(ranks.first(kinds["subject_kind"].unique()).items()),
        schema={"subject_kind": pl.String, "first": pl.Int64},
        orient="row",
    )
    asked = kinds.join(firsts, on="subject_kind").select("subject_id", "first")
    known = (
        alone.join(_said(opened, Role.BANK, "bank"), on=_OF_RESOURCE, how="left", validate="1:1")
        .join(asked, on="subject_id", how="left", validate="m:1")
        .with_columns(pl.col("first").fill_null(UNRANKED), is_closed=pl.lit(value=False))
    )
    rank = pl.col("resource").replace_strict(ranks.by_resource, default=UNRANKED, return_dtype=pl.Int64)
    return (
        known.with_columns(
            account_numbers(known["number"]),
            one_lines(known["bank"]).fill_null(""),
            rank=pl.when(is_named).then("first").otherwise(rank),
        )
        .filter(pl.col("number") != "")
        .select(OFFERED.names())
        .cast(OFFERED)
        .sort(_OF_RESOURCE)
    )


def receiving(opened: pl.DataFrame, accounts: pl.DataFrame) -> pl.DataFrame:
    """Return who receives, each subject for itself: `RECEIVING`, by subject.

    The name is that of the department which knows the account, for banks compare the two.

    Shape: `store.vault_openings.OPENED`, and `OFFERED` of the same subjects.
    """
    chosen = choose(accounts)
    taken = chosen.select("subject_id", "accounts").explode("accounts").unnest("accounts")
    of = accounts.join(taken, on=["subject_id", "number", "bank"], how="semi", maintain_order="left")
    names = _said(opened, Role.NAME, "name")
    holders = _said(opened.filter(pl.col("resource") == CONFIRMED), HOLDER, "name").filter(pl.col("name") != "")
    named = _said(opened, Role.ACCOUNT, "number").filter(pl.col("resource") == CONFIRMED)
    holders = holders.join(named, on="subject_id", how="semi")
    theirs = pl.concat([names.join(holders, on="subject_id", how="anti"), holders])
    best = of.join(theirs, on=_OF_RESOURCE, how="inner", maintain_order="left")
    names = pl.concat([best.select("subject_id", "name"), names.select("subject_id", "name")])
    first = names.unique("subject_id", keep="first", maintain_order=True)
    known = opened.select(pl.col("subject_id").unique().sort()).join(first, on="subject_id", how="left", validate="1:1")
    found = known.join(chosen, on="subject_id", how="left", validate="1:1")
    return (
        found.with_columns(
            one_lines(found["name"]).fill_null(""),
            pl.col("accounts").fill_null([]),
            pl.col("is_closed").fill_null(value=False),
            payee_id="subject_id",
        )
        .select(RECEIVING.names())
        .cast(RECEIVING)
        .sort("subject_id")
    )


def closing(accounts: pl.DataFrame, closed: Collection[str]) -> pl.DataFrame:
    """Return accounts with those numbers closed that a bank has called so."""
    return accounts.with_columns(is_closed=pl.col("number").is_in(sorted(closed)))


def _said(opened: pl.DataFrame, name: str, column: str) -> pl.DataFrame:
    """Return what resources say of a field, in the order of subjects and resources."""
    return opened.filter(pl.col("field") == name).select(*_OF_RESOURCE, pl.col("value").alias(column))
