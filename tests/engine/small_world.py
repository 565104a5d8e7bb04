"""A ledger in memory, small enough to follow by hand: nights, and what happens to money between them.

Amounts are yuan in the words of the stories and fen inside. Events from outside are pure functions from
obligation to obligation; `World` keeps one subject's obligations under one policy, by period.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from core import ids
from core.ledger import Due, ItemState, Obligation
from core.money import FEN_PER_YUAN
from engine.netting.difference import settle
from engine.netting.settlement import Change, apply, moved
from engine.netting.units import Claimed, NettingUnit, Overpaid, Partial, unit_of

Event = Callable[[Obligation], Obligation]

UNKNOWN = Due(0, None)


def exactly(yuan: int) -> Due:
    """Return a due that is known."""
    return Due(yuan * FEN_PER_YUAN, yuan * FEN_PER_YUAN)


def between(least_yuan: int, most_yuan: int | None, *, is_open: bool = False) -> Due:
    """Return a due that is a range of yuan; None: no limit."""
    return Due(least_yuan * FEN_PER_YUAN, None if most_yuan is None else most_yuan * FEN_PER_YUAN, is_open)


def obligation(name: str = "o", subject_id: str = "s", policy: str = "p", period: str = "2025-07") -> Obligation:
    """Return an obligation on which nothing has happened."""
    return Obligation(name, ids.grant_id(policy, subject_id, ""), policy, subject_id, "", period, "main")


def _every(state: ItemState, to: ItemState) -> Event:
    def event(before: Obligation) -> Obligation:
        after = before
        for item in before.items:
            after = moved(after, item, to) if item.state is state else after
        return after

    return event


freeze = _every(ItemState.OPEN, ItemState.IN_BATCH)
instruct = _every(ItemState.IN_BATCH, ItemState.INSTRUCTED)
confirm = _every(ItemState.INSTRUCTED, ItemState.PAID)
mend_account = _every(ItemState.RETURNED, ItemState.OPEN)


def pay(before: Obligation) -> Obligation:
    """Pay whatever is open, all the way."""
    return confirm(instruct(freeze(before)))


def bank_return(before: Obligation) -> Obligation:
    """Give back the newest money that has gone out; nothing where none has."""
    gone = [item for item in before.items if item.state in {ItemState.INSTRUCTED, ItemState.PAID}]
    return moved(before, gone[-1], ItemState.RETURNED) if gone else before


def recover(before: Obligation, fen: int | None = None) -> Obligation:
    """Get back what the open case claims, or so much of it."""
    got_fen = before.case_open_fen if fen is None else min(fen, before.case_open_fen)
    return replace(before, recovered_fen=before.recovered_fen + got_fen, case_open_fen=before.case_open_fen - got_fen)


def write_off(before: Obligation, fen: int | None = None) -> Obligation:
    """Give up what the open case claims, or so much of it."""
    lost_fen = before.case_open_fen if fen is None else min(fen, before.case_open_fen)
    return replace(
        before, written_off_fen=before.written_off_fen + lost_fen, case_open_fen=before.case_open_fen - lost_fen
    )


def settled(unit: NettingUnit) -> NettingUnit:
    """Return the unit after its night; the same night again must find nothing to do."""
    after = apply(unit, settle(unit))
    assert not settle(after), "the same night twice wrote something"
    return after


@dataclass(slots=True)
class World:
    """One subject's obligations by name, mostly of a period, and what the last night changed.

    Whole numbers stand for yuan that are known to be due.
    """

    overpaid: Overpaid = "case"
    partial: Partial = "hold"
    obligations: dict[str, Obligation] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)

    def night(self, dues: Mapping[str, Due | int], *, current: str = "") -> None:
        """Settle each due by itself; periods before `current` are over."""
        self.changes = []
        for period, due in dues.items():
            self._settle(unit_of(self.claimed(period, due, is_period_over=period < current)))

    def night_together(self, unit: NettingUnit) -> None:
        """Settle one unit of several obligations."""
        self.changes = []
        self._settle(unit)

    def happens(self, event: Event, *names: str) -> None:
        """Let something from outside happen to the named obligations, or to all."""
        for name in names or tuple(self.obligations):
            self.obligations[name] = event(self.of(name))

    def claimed(self, name: str, due: Due | int, *, is_period_over: bool = False, suspected: bool = False) -> Claimed:
        """Return an obligation with what is due on it."""
        known = due if isinstance(due, Due) else exactly(due)
        return Claimed(self.of(name), known, is_period_over, self.overpaid, self.partial, suspected)

    def of(self, name: str) -> Obligation:
        """Return the obligation of a name; nothing has happened on a new one."""
        return self.obligations.get(name) or obligation(name, period=name)

    def items(self, name: str) -> list[tuple[int, str]]:
        """Return items that are not cancelled, oldest first: yuan and state."""
        live = (item for item in self.of(name).items if item.state is not ItemState.CANCELLED)
        return [(item.amount_fen // FEN_PER_YUAN, str(item.state)) for item in live]

    def kinds(self, name: str) -> list[str]:
        """Return why each item that is not cancelled is paid."""
        return [str(item.kind) for item in self.of(name).items if item.state is not ItemState.CANCELLED]

    def cases(self) -> dict[str, int]:
        """Return what is claimed back, in yuan."""
        claimed = {name: each.case_open_fen // FEN_PER_YUAN for name, each in self.obligations.items()}
        return {name: yuan for name, yuan in claimed.items() if yuan}

    def _settle(self, unit: NettingUnit) -> None:
        self.changes += settle(unit).changes
        for member in settled(unit).members:
            self.obligations[member.obligation.obligation_id] = member.obligation
