"""Overpaid money in the books: claimed out of what was paid, and recovered, written off or left.

An obligation's postings say by how much each of its amounts changes; here the same change is moved between the accounts
of the pots that paid it. More that is claimed is taken from what was set off on the obligation, then from the newest money
that went out; less, from what its entries say is claimed, in proportion of its purses.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl
import sqlalchemy as sa

from core.shares import parts
from store.journal import posted_for
from store.line_funds import parts_at
from store.moved import Moved
from store.opening import Writing
from store.rows import read_matching
from store.states.funds import Account, PotAccount
from store.states.paying import AttemptState
from store.tables import BatchItem, ItemRow, table_of
from store.tables.base import as_indexed
from store.tables.paying import LIVE

_LINE = table_of(BatchItem)
_ITEM = table_of(ItemRow)

_HOME = (PotAccount.BUDGET, PotAccount.SURRENDERED)
_OF: Mapping[Account, PotAccount] = {
    Account.CASE: PotAccount.RECEIVABLE,
    Account.WRITTEN_OFF: PotAccount.WRITTEN_OFF,
    Account.RECOVERED: PotAccount.BUDGET,
}
"""Where an amount of an obligation stands in the books; what is kept stays paid."""


@dataclass(frozen=True, slots=True)
class _Share:
    """An amount of one pot."""

    policy: str
    year: int
    purse: str
    amount_fen: int


def follow_obligations(tx: Writing, postings: pl.DataFrame) -> None:
    """Note what postings on obligations move: `store.ledger.POSTINGS`.

    Expects: the obligations are locked. What was paid before there were books is in none.
    """
    changes: dict[str, dict[PotAccount, int]] = {}
    for obligation_id, account, before_fen, after_fen in postings.select(
        "obligation_id", "account", "before_fen", "after_fen"
    ).iter_rows():
        if (stands := _OF.get(Account(account))) is not None:
            own = changes.setdefault(obligation_id, {})
            own[stands] = own.get(stands, 0) + after_fen - before_fen
    if not changes:
        return
    keys = pl.Series(sorted(changes), dtype=pl.String)
    posted = posted_for(tx, keys).partition_by("document", as_dict=True)
    lines = _gone_out(tx, keys).partition_by("obligation_id", as_dict=True)
    for obligation_id, own in sorted(changes.items()):
        books = _Books(tx, posted.get((obligation_id,)), lines.get((obligation_id,)))
        _follow(tx, obligation_id, own, books)


def _follow(tx: Writing, obligation_id: str, changes: Mapping[PotAccount, int], books: "_Books") -> None:
    """Move what left some accounts to those that grew; what neither says is paid."""
    flows = dict(changes)
    flows[PotAccount.PAID] = -sum(changes.values())
    targets = [(account, fen) for account, fen in sorted(flows.items()) if fen > 0]
    sources = sorted((account, -fen) for account, fen in flows.items() if fen < 0)
    taken = [(account, share) for account, fen in sources for share in books.taken(account, fen)]
    for source, target, share, fen in _met(taken, targets):
        way = (source, target)
        tx.moved.append(Moved(share.policy, share.year, share.purse, *way, fen, obligation_id, "posted"))


def _met(
    taken: Sequence[tuple[PotAccount, "_Share"]], targets: Sequence[tuple[PotAccount, int]]
) -> Iterator[tuple[PotAccount, PotAccount, "_Share", int]]:
    """Give how much of each share goes to which account, both in their order, until one side is used up."""
    open_targets = list(reversed(targets))
    for source, share in taken:
        left_fen = share.amount_fen
        while left_fen and open_targets:
            target, open_fen = open_targets.pop()
            part_fen = min(left_fen, open_fen)
            yield source, target, share, part_fen
            left_fen -= part_fen
            if open_fen > part_fen:
                open_targets.append((target, open_fen - part_fen))


class _Books:
    """What the entries of one obligation come to, and the money that was paid on it."""

    def __init__(self, tx: Writing, posted: pl.DataFrame | None, lines: pl.DataFrame | None) -> None:
        self.tx = tx
        self.posted = [] if posted is None else posted.drop("document").rows()
        self.lines = [] if lines is None else lines.sort("sequence", descending=True).rows(named=True)

    def taken(self, account: PotAccount, amount_fen: int) -> Sequence[_Share]:
        """Return out of which pots an amount is taken from an account; less where the books do not have so much."""
        if account is PotAccount.PAID:
            set_off_fen = min(amount_fen, max(self._paid_fen, 0))
            return [*self._standing(account, set_off_fen), *self._newest(amount_fen - set_off_fen)]
        return self._standing(account, amount_fen)

    @property
    def _paid_fen(self) -> int:
        """Return what its own entries come to as paid: what was set off, less what is claimed."""
        return sum(fen for *_, name, fen in self.posted if name in {PotAccount.PAID, PotAccount.CARRIED})

    def _standing(self, account: PotAccount, amount_fen: int) -> list[_Share]:
        standing = [
            _Share(policy, year, purse, fen)
            for policy, year, purse, name, fen in self.posted
            if fen > 0 and (name == account or (account in _HOME and name in _HOME))
        ]
        has_fen = sum(each.amount_fen for each in standing)
        if not has_fen:
            return []
        taken = parts(min(amount_fen, has_fen), [each.amount_fen for each in standing])
        return [
            _Share(each.policy, each.year, each.purse, fen) for each, fen in zip(standing, taken, strict=True) if fen
        ]

    def _newest(self, amount_fen: int) -> Iterator[_Share]:
        """Give the pots of the newest fen that were paid and not claimed yet."""
        skipped_fen = max(-self._paid_fen, 0)
        left_fen = amount_fen
        for line in self.lines:
            has_fen = max(line["amount_fen"] - skipped_fen, 0)
            skipped_fen = max(skipped_fen - line["amount_fen"], 0)
            part_fen = min(has_fen, left_fen)
            if part_fen:
                first_fen = line["first_fen"] + has_fen - part_fen
                for part in parts_at(self.tx, line["funded_by"], first_fen, part_fen):
                    yield _Share(part.policy, part.year, part.purse, part.amount_fen)
            left_fen -= part_fen


def _gone_out(tx: Writing, obligations: pl.Series) -> pl.DataFrame:
    """Return the lines of obligations that went out and did not come back, with their places."""
    chosen = (
        sa.select(_ITEM.c.obligation_id, _ITEM.c.sequence, _LINE.c.amount_fen, _LINE.c.funded_by, _LINE.c.first_fen)
        .join_from(_LINE, _ITEM, _LINE.c.item_id == _ITEM.c.item_id)
        .where(as_indexed(LIVE, of=_LINE.name), _LINE.c.state != AttemptState.CREATED, _LINE.c.funded_by.is_not(None))
    )
    return read_matching(tx, chosen, _ITEM.c.obligation_id, obligations.rename("obligation_id"))
