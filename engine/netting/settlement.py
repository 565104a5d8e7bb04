"""What a night changes on a netting unit: typed changes, and what the ledger is after them.

`engine.netting.difference` finds the changes, `store` writes them; `apply` is the reference for what is written.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from core.ledger import ITEM_TRANSITIONS, Item, ItemState, Obligation
from engine.netting.units import NettingUnit


class Account(StrEnum):
    """Amounts posted on an obligation that a night may move, in the order in which a later due takes them back."""

    CASE = "case"
    WRITTEN_OFF = "written_off"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class OpenItem:
    """A new item, open or on hold."""

    item: Item


@dataclass(frozen=True, slots=True)
class CancelItem:
    """An item that goes; `item` is as it stood, so that one in a batch leaves it."""

    item: Item


@dataclass(frozen=True, slots=True)
class HoldItem:
    """An item that waits until more is known; `item` is as it stood, so that one in a batch leaves it."""

    item: Item


@dataclass(frozen=True, slots=True)
class ReleaseItem:
    """An item that waited and may be paid."""

    item: Item


@dataclass(frozen=True, slots=True)
class Posting:
    """A change of a posted amount.

    On the account `case`: from 0 a case opens, to 0 it is withdrawn, otherwise its amount changes.
    """

    obligation_id: str
    account: Account
    before_fen: int
    after_fen: int


Change = OpenItem | CancelItem | HoldItem | ReleaseItem | Posting


class LedgerInvariantError(AssertionError):
    """A change does not fit the ledger it meets: a mistake of ours, which stops the run.

    It is raised, not asserted, so that `python -O` keeps it.
    """

    def __init__(self, obligation_id: str, what: str) -> None:
        self.obligation_id = obligation_id
        super().__init__(f"obligation `{obligation_id}`: {what}")


@dataclass(frozen=True, slots=True)
class Settlement:
    """Every change of one night on one unit, in the order in which to write them; empty where nothing changes."""

    unit_key: str
    changes: tuple[Change, ...] = ()

    def __bool__(self) -> bool:
        """Say whether anything changes."""
        return bool(self.changes)

    @property
    def leaving_batches(self) -> tuple[Item, ...]:
        """Return the items that leave their batch, which is then frozen anew and its approvals void."""
        moved = (change.item for change in self.changes if isinstance(change, CancelItem | HoldItem))
        return tuple(item for item in moved if item.state is ItemState.IN_BATCH)


def apply(unit: NettingUnit, settlement: Settlement) -> NettingUnit:
    """Return the unit after its changes; the version of each obligation touched rises by one.

    Fails: `LedgerInvariantError` where a change is not allowed from the state it meets.
    """
    members = tuple(
        replace(member, obligation=_written(member.obligation, settlement.changes)) for member in unit.members
    )
    return replace(unit, members=members)


def _written(obligation: Obligation, changes: Sequence[Change]) -> Obligation:
    own = [change for change in changes if _obligation_id(change) == obligation.obligation_id]
    after = obligation
    for change in own:
        after = written(after, change)
    return replace(after, version=obligation.version + 1) if own else obligation


def _obligation_id(change: Change) -> str:
    return change.obligation_id if isinstance(change, Posting) else change.item.obligation_id


def written(obligation: Obligation, change: Change) -> Obligation:
    """Return an obligation after one change.

    Fails: `LedgerInvariantError` where the change is not allowed from the state it meets.
    """
    match change:
        case OpenItem(item):
            return _opened(obligation, item)
        case CancelItem(item):
            return moved(obligation, item, ItemState.CANCELLED)
        case HoldItem(item):
            return moved(obligation, item, ItemState.ON_HOLD)
        case ReleaseItem(item):
            return moved(obligation, item, ItemState.OPEN)
        case Posting():
            return _posted(obligation, change)


def moved(obligation: Obligation, item: Item, state: ItemState) -> Obligation:
    """Return an obligation with one item in another state.

    Fails: `LedgerInvariantError` where the table of transitions does not allow it, or the item is not as it stood.
    """
    if item not in obligation.items or state not in ITEM_TRANSITIONS[item.state]:
        raise LedgerInvariantError(obligation.obligation_id, f"item `{item.item_id}` may not become `{state}`")
    items = (replace(each, state=state) if each == item else each for each in obligation.items)
    return replace(obligation, items=tuple(items))


def _opened(obligation: Obligation, item: Item) -> Obligation:
    is_next = item.sequence == 1 + max((each.sequence for each in obligation.items), default=0)
    if not is_next or item.amount_fen <= 0 or item.state not in {ItemState.OPEN, ItemState.ON_HOLD}:
        raise LedgerInvariantError(obligation.obligation_id, f"item `{item.item_id}` may not be opened")
    return replace(obligation, items=(*obligation.items, item))


def _posted(obligation: Obligation, posting: Posting) -> Obligation:
    if posted_fen(obligation, posting.account) != posting.before_fen or posting.after_fen < 0:
        raise LedgerInvariantError(obligation.obligation_id, f"`{posting.account}` may not be posted")
    match posting.account:
        case Account.CASE:
            return replace(obligation, case_open_fen=posting.after_fen)
        case Account.WRITTEN_OFF:
            return replace(obligation, written_off_fen=posting.after_fen)
        case Account.KEPT:
            return replace(obligation, kept_fen=posting.after_fen)


def posted_fen(obligation: Obligation, account: Account) -> int:
    """Return what stands on one account of an obligation."""
    match account:
        case Account.CASE:
            return obligation.case_open_fen
        case Account.WRITTEN_OFF:
            return obligation.written_off_fen
        case Account.KEPT:
            return obligation.kept_fen
