"""The books: what stands on every account of every pot, and the entries that made it so.

Written by `store.posting` alone, before the commit of whatever moved the money. The items of batches are the sub-ledger:
an entry is for a whole batch and purse, and what each item takes of a purse follows from its place (`store.line_funds`).
"""

from collections.abc import Collection
from dataclasses import dataclass

import polars as pl
import sqlalchemy as sa

from core.findings import Finding, Place
from core.remits import WHOLE, Remit
from store.codes import FundsCode
from store.opening import Reading
from store.rows import read_frame, read_matching
from store.states.funds import PotAccount
from store.tables import ClosedYear, JournalEntry, Pot, table_of

_POT = table_of(Pot)
_ENTRY = table_of(JournalEntry)
_CLOSED = table_of(ClosedYear)

POT_KEY = ("policy", "year", "purse")
SET_OFF = "set_off"
"""The event of entries that pay what was kept back for a claim."""

BALANCES = tuple(f"{account}_fen" for account in PotAccount)


@dataclass(frozen=True, slots=True)
class PotRecord:
    """What stands on the accounts of a pot; `beyond_fen` None: nobody ever set a budget for it."""

    policy: str
    year: int
    purse: str
    entry_count: int
    beyond_fen: int | None
    granted_fen: int
    budget_fen: int
    reserved_fen: int
    in_transit_fen: int
    paid_fen: int
    returned_fen: int
    receivable_fen: int
    written_off_fen: int
    carried_fen: int
    surrendered_fen: int

    @property
    def appropriated_fen(self) -> int | None:
        """Return what was set for it in all; None where nobody did."""
        return None if self.beyond_fen is None else -self.granted_fen

    @property
    def left_fen(self) -> int | None:
        """Return what may still be reserved; None without limit."""
        return None if self.beyond_fen is None else max(self.budget_fen, 0)


def read_pots(rx: Reading, *, policy: str | None = None, year: int | None = None) -> tuple[PotRecord, ...]:
    """Return the pots of everything, of one policy or of one year, by policy, year and purse."""
    chosen = sa.select(*(_POT.c[name] for name in PotRecord.__dataclass_fields__))
    if policy is not None:
        chosen = chosen.where(_POT.c.policy == policy)
    if year is not None:
        chosen = chosen.where(_POT.c.year == year)
    return tuple(PotRecord(*row) for row in rx.connection.execute(chosen.order_by(*(_POT.c[name] for name in POT_KEY))))


def read_entries(
    rx: Reading,
    *,
    policy: str | None = None,
    year: int | None = None,
    document: str | None = None,
    remit: Remit = WHOLE,
) -> pl.DataFrame:
    """Return the entries of a remit by pot and number: the columns of the table."""
    chosen = sa.select(*_ENTRY.c)
    if remit.policies is not None:
        chosen = chosen.where(_ENTRY.c.policy.in_(sorted(remit.policies)))
    for name, value in (("policy", policy), ("year", year), ("document", document)):
        if value is not None:
            chosen = chosen.where(_ENTRY.c[name] == value)
    return read_frame(rx, chosen).sort(*POT_KEY, "number")


def set_off_sums(rx: Reading, *, policy: str | None = None, year: int | None = None) -> dict[tuple[str, int], int]:
    """Return what of the money that was paid was kept back for claims, by policy and year; nothing where there was none."""
    chosen = sa.select(_ENTRY.c.policy, _ENTRY.c.year, sa.func.sum(_ENTRY.c.amount_fen)).where(
        _ENTRY.c.event == SET_OFF
    )
    for name, value in (("policy", policy), ("year", year)):
        if value is not None:
            chosen = chosen.where(_ENTRY.c[name] == value)
    grouped = chosen.group_by(_ENTRY.c.policy, _ENTRY.c.year).order_by(_ENTRY.c.policy, _ENTRY.c.year)
    return {(code, of_year): int(fen) for code, of_year, fen in rx.connection.execute(grouped)}


def posted_for(rx: Reading, documents: pl.Series) -> pl.DataFrame:
    """Return what the entries of some documents come to: `document`, the key of the pot, `account`, `amount_fen`."""
    entries = read_matching(rx, sa.select(*_ENTRY.c), _ENTRY.c.document, documents.rename("document"))
    signed = [
        entries.select("document", *POT_KEY, account=side, amount_fen=pl.col("amount_fen") * sign)
        for side, sign in (("source", -1), ("target", 1))
    ]
    sums = pl.concat(signed).group_by("document", *POT_KEY, "account").agg(pl.col("amount_fen").sum())
    return sums.filter(pl.col("amount_fen") != 0).sort("document", *POT_KEY, "account")


def closed_years(rx: Reading, policies: Collection[str] | None = None) -> frozenset[tuple[str, int]]:
    """Return the closed years of some policies, or of all."""
    chosen = sa.select(_CLOSED.c.policy, _CLOSED.c.year)
    if policies is not None:
        chosen = chosen.where(_CLOSED.c.policy.in_(sorted(policies)))
    return frozenset((policy, year) for policy, year in rx.connection.execute(chosen))


def verify_books(rx: Reading, *, remit: Remit = WHOLE) -> list[Finding]:
    """Return the pots of a remit whose balances are not what their entries come to, or whose entries have a gap."""
    entries = read_entries(rx, remit=remit)
    signed = [
        entries.select(*POT_KEY, account=side, amount_fen=pl.col("amount_fen") * sign)
        for side, sign in (("source", -1), ("target", 1))
    ]
    sums = {
        (policy, year, purse, account): amount_fen
        for policy, year, purse, account, amount_fen in pl.concat(signed)
        .group_by(*POT_KEY, "account")
        .agg(pl.col("amount_fen").sum())
        .iter_rows()
    }
    counts = {
        (policy, year, purse): (count, last)
        for policy, year, purse, count, last in entries.group_by(*POT_KEY)
        .agg(pl.len().alias("count"), pl.col("number").max().alias("last"))
        .iter_rows()
    }
    return [
        _differ(pot)
        for pot in read_pots(rx)
        if remit.covers(pot.policy)
        if counts.get((pot.policy, pot.year, pot.purse), (0, 0)) != (pot.entry_count, pot.entry_count)
        or any(
            getattr(pot, f"{account}_fen") != sums.get((pot.policy, pot.year, pot.purse, account), 0)
            for account in PotAccount
        )
    ]


def _differ(pot: PotRecord) -> Finding:
    message = f"the balances of `{pot.purse}` for {pot.year} are not what its entries come to"
    remedy = "somebody wrote past the product: restore the database, or find out what was changed"
    return Finding(FundsCode.BOOKS_DIFFER, Place(pot.policy), message, remedy)
