"""The working copy of a netting unit while its difference is settled, and the changes it has come to.

Money instructed stands as it is; money not yet instructed is a list of pieces that may shrink; amounts
posted may rise and fall. Which remedies are taken, and in which order: `engine.netting.difference`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Self

from core import ids
from core.ledger import GONE_OUT, UNINSTRUCTED, Item, ItemKind, ItemState
from engine.netting.settlement import Account, CancelItem, Change, HoldItem, OpenItem, Posting, ReleaseItem, posted_fen
from engine.netting.units import Member, NettingUnit

# What is paid first and cut last: a batch that loses an item loses its approvals, what waits anyway is missed least.
_PAID_FIRST = (ItemState.IN_BATCH, ItemState.OPEN, ItemState.RETURNED, ItemState.ON_HOLD)


@dataclass(slots=True)
class Piece:
    """Money not yet instructed as it will stand: an item, or what is left of it; `item` None: new money."""

    obligation_id: str
    kind: ItemKind
    left_fen: int
    item: Item | None = None


@dataclass(slots=True)
class Books:
    """A unit's money as it will stand; `pieces` are in the order in which they are paid.

    Remedies spread over the members, losers first, then newest first: each member up to what it has beyond
    its share, or lacks; then, for the rest, without regard to shares. They return what they could not move.
    """

    unit: NettingUnit
    instructed: dict[str, int]  # by obligation, less what was recovered
    posted: dict[tuple[str, Account], int]
    posted_before: dict[tuple[str, Account], int]
    pieces: list[Piece]

    @classmethod
    def of(cls, unit: NettingUnit) -> Self:
        """Return the books of a unit as its ledger stands."""
        obligations = [member.obligation for member in unit.members]
        posted = {
            (each.obligation_id, account): posted_fen(each, account) for each in obligations for account in Account
        }
        items = [item for each in obligations for item in each.items if item.state in UNINSTRUCTED]
        items.sort(key=lambda item: _PAID_FIRST.index(item.state))  # stable: within a state, oldest first
        return cls(
            unit,
            {each.obligation_id: each.sum_fen(GONE_OUT) - each.recovered_fen for each in obligations},
            posted,
            dict(posted),
            [Piece(item.obligation_id, item.kind, item.amount_fen, item) for item in items],
        )

    @property
    def committed_fen(self) -> int:
        """Return what the unit will hold for good."""
        return sum(self._committed_fen(member) for member in self.unit.members)

    def withdraw(self, need_fen: int) -> int:
        """Take back claims, then write-offs, then what was kept."""
        for account in Account:
            need_fen = self._spread(need_fen, self._lacking_fen, partial(self._take_back, account))
        return need_fen

    def open(self, need_fen: int) -> int:
        """Add new money."""
        return self._spread(need_fen, self._lacking_fen, self._add)

    def pass_on(self) -> None:
        """Let those who lack money have what is not yet instructed and what its holder's own rule is not certain to owe."""
        lacking_fen = sum(max(0, self._lacking_fen(each)) for each in self.unit.members)
        for member in self.unit.members if lacking_fen else ():
            if member.certain_fen is not None:
                uncertain_fen = max(0, self._committed_fen(member) - member.certain_fen)
                passed_fen = self._cut(min(uncertain_fen, lacking_fen), member)
                self._spread(passed_fen, self._lacking_fen, self._add)
                lacking_fen -= passed_fen

    def cut(self, excess_fen: int) -> int:
        """Shrink what is not yet instructed."""
        return self._spread(excess_fen, self._surplus_fen, lambda member, limit_fen: self._cut(limit_fen, member))

    def claim(self, excess_fen: int) -> int:
        """Claim back what has gone out, or keep it where the member's rule says so.

        Expects: nothing is left to cut, so that all a member has beyond its share has gone out.
        """
        return self._spread(excess_fen, self._surplus_fen, self._claim)

    def offset(self) -> None:
        """Let money not yet instructed extinguish claims, write-offs and keeps: a member's own first."""
        for own_only in (True, False):
            for member in self.unit.members:
                for account in Account:
                    claimed_fen = self.posted[member.obligation.obligation_id, account]
                    self._take_back(account, member, self._cut(claimed_fen, member if own_only else None))

    def changes(self) -> Iterator[Change]:
        """Give what has changed, in the order in which to write it."""
        writer = _ItemWriter(self.unit)
        for piece, payable_fen in zip(self.pieces, self._payable(), strict=True):
            yield from writer.changes(piece, payable_fen)
        for key, after_fen in self.posted.items():
            if self.posted_before[key] != after_fen:
                yield Posting(*key, self.posted_before[key], after_fen)

    def _payable(self) -> list[int]:
        """Return how much of each piece may be paid: first what its member has a share of, then what is left."""
        limit_fen, found = self.unit.payable_fen_max, [0] * len(self.pieces)
        unpaid_fen = 0 if limit_fen is None else limit_fen - self.committed_fen + sum(p.left_fen for p in self.pieces)
        room = {
            member.obligation.obligation_id: self._lacking_fen(member) + self._uninstructed_fen(member)
            for member in self.unit.members
        }
        for is_bound_to_share in (True, False):
            for place, piece in enumerate(self.pieces):
                limits = (unpaid_fen, piece.left_fen - found[place])
                own = (room[piece.obligation_id],) if is_bound_to_share else ()
                more_fen = max(0, min(*limits, *own))
                found[place] += more_fen
                unpaid_fen -= more_fen
                room[piece.obligation_id] -= more_fen
        return found

    def _spread(self, amount_fen: int, gap: Callable[[Member], int], move: Callable[[Member, int], int]) -> int:
        """Have members move an amount between them; return what is left of it, 0 where there was nothing to move."""
        left_fen = max(0, amount_fen)
        newest_first = reversed(self.unit.members)
        losers_first = sorted(newest_first, key=lambda member: member.share_fen > 0)  # stable
        for is_bound_to_share in (True, False):
            for member in losers_first:
                limit_fen = min(left_fen, gap(member)) if is_bound_to_share else left_fen
                left_fen -= move(member, limit_fen) if limit_fen > 0 else 0
        return left_fen

    def _committed_fen(self, member: Member) -> int:
        obligation_id = member.obligation.obligation_id
        accounted_fen = sum(self.posted[obligation_id, account] for account in Account)
        return self.instructed[obligation_id] + self._uninstructed_fen(member) - accounted_fen

    def _uninstructed_fen(self, member: Member) -> int:
        own = member.obligation.obligation_id
        return sum(piece.left_fen for piece in self.pieces if piece.obligation_id == own)

    def _lacking_fen(self, member: Member) -> int:
        return member.share_fen - self._committed_fen(member)

    def _surplus_fen(self, member: Member) -> int:
        return -self._lacking_fen(member)

    def _take_back(self, account: Account, member: Member, limit_fen: int) -> int:
        key = (member.obligation.obligation_id, account)
        taken_fen = min(limit_fen, self.posted[key])
        self.posted[key] -= taken_fen
        return taken_fen

    def _claim(self, member: Member, limit_fen: int) -> int:
        account = Account.KEPT if member.overpaid == "keep" else Account.CASE
        self.posted[member.obligation.obligation_id, account] += limit_fen
        return limit_fen

    def _add(self, member: Member, amount_fen: int) -> int:
        first = ItemKind.ARREARS if member.is_period_over else ItemKind.REGULAR
        kind = first if amount_fen == member.share_fen else ItemKind.TOP_UP
        self.pieces.append(Piece(member.obligation.obligation_id, kind, amount_fen))
        return amount_fen

    def _cut(self, limit_fen: int, member: Member | None) -> int:
        """Shrink a member's pieces, or anyone's, last paid first; return by how much."""
        left_fen = limit_fen
        for piece in reversed(self.pieces):
            if member is None or piece.obligation_id == member.obligation.obligation_id:
                cut_fen = min(left_fen, piece.left_fen)
                piece.left_fen -= cut_fen
                left_fen -= cut_fen
        return limit_fen - left_fen


class _ItemWriter:
    """Turns pieces into changes of items and numbers new items on each obligation."""

    def __init__(self, unit: NettingUnit) -> None:
        self.last_sequence = {
            member.obligation.obligation_id: max((item.sequence for item in member.obligation.items), default=0)
            for member in unit.members
        }

    def changes(self, piece: Piece, payable_fen: int) -> Iterator[Change]:
        """Give the changes of one piece, of which so much may be paid and the rest waits."""
        item, waiting_fen = piece.item, piece.left_fen - payable_fen
        if item is not None and item.amount_fen == piece.left_fen and (not payable_fen or not waiting_fen):
            yield from _moves(item, waits=waiting_fen > 0)
            return
        if item is not None and item.amount_fen == piece.left_fen and item.state is ItemState.RETURNED:
            return
        if item is not None:
            yield CancelItem(item)
        if payable_fen:
            yield OpenItem(self._new(piece, payable_fen, ItemState.OPEN))
        if waiting_fen:
            yield OpenItem(self._new(piece, waiting_fen, ItemState.ON_HOLD))

    def _new(self, piece: Piece, amount_fen: int, state: ItemState) -> Item:
        obligation_id = piece.obligation_id
        sequence = self.last_sequence[obligation_id] = self.last_sequence[obligation_id] + 1
        return Item(ids.item_id(obligation_id, sequence), obligation_id, sequence, amount_fen, piece.kind, state)


def _moves(item: Item, *, waits: bool) -> Iterator[Change]:
    """Give the change of a whole item; a returned one is not paid before its account is mended, so it stays."""
    if waits and item.state in {ItemState.OPEN, ItemState.IN_BATCH}:
        yield HoldItem(item)
    elif not waits and item.state is ItemState.ON_HOLD:
        yield ReleaseItem(item)
