"""Money as plain dicts: what ought to be stored after anything that nights, people and banks do.

Where a batch stands once it is at the bank follows from its files and lines, and is left to the invariants
(`tests.laws.stored_money`); everything else is said here, without a database.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from core.ledger import ItemState
from store.states.paying import FILE_TRANSITIONS, IN_DOUBT, AttemptState, BatchState, FileState

WAITING = frozenset({ItemState.OPEN, ItemState.ON_HOLD, ItemState.IN_BATCH, ItemState.RETURNED})
NOT_OUT = frozenset({BatchState.FROZEN, BatchState.IN_APPROVAL, BatchState.APPROVED, BatchState.STOPPED})
VOTING = frozenset({BatchState.FROZEN, BatchState.IN_APPROVAL})

CREATED, VOIDED = AttemptState.CREATED, AttemptState.VOIDED
INSTRUCTED, UNKNOWN = AttemptState.INSTRUCTED, AttemptState.UNKNOWN
PAID, FAILED, RETURNED = AttemptState.CONFIRMED_PAID, AttemptState.CONFIRMED_FAILED, AttemptState.RETURNED
IMPLIES = {PAID: "paid", FAILED: "failed", RETURNED: "returned"}
ITEM_AFTER = {PAID: ItemState.PAID, FAILED: ItemState.RETURNED, RETURNED: ItemState.RETURNED}


@dataclass
class Item:
    """One delta of an obligation."""

    obligation: str
    number: int
    amount_fen: int
    state: ItemState


@dataclass
class Attempt:
    """One instruction: what it says was fixed when it was made."""

    item: str
    batch: str
    state: AttemptState = CREATED
    file: int | None = None
    told: set[str] = field(default_factory=set)
    shown: set[str] = field(default_factory=set)  # by statements
    heard_by: set[str] = field(default_factory=set)  # who took in what the bank says of it


@dataclass
class Batch:
    """A batch, and who has approved which revision of it until when."""

    policy: str
    made_by: str | None
    state: BatchState = BatchState.FROZEN
    revision: int = 1
    approvals: list[tuple[str, int, dt.datetime]] = field(default_factory=list)
    stopped_by: str | None = None

    def standing(self, now: dt.datetime) -> set[str]:
        """Return who has approved what it holds, as far as it counts now."""
        return {who for who, revision, until in self.approvals if revision == self.revision and until > now}

    def freeze(self) -> None:
        """Hold something else, or be looked at again."""
        self.state, self.revision = BatchState.FROZEN, self.revision + 1


@dataclass
class Complaint:
    """A line of the bank's that waits for a person."""

    bank_file: str
    line: int
    item: str | None
    batch: str | None
    taken_by: str
    reference: str | None = None
    is_contradiction: bool = False


@dataclass
class Model:
    """Everything that ought to be stored about money."""

    items: dict[str, Item] = field(default_factory=dict)
    attempts: dict[str, Attempt] = field(default_factory=dict)
    batches: dict[str, Batch] = field(default_factory=dict)
    files: dict[tuple[str, int], FileState] = field(default_factory=dict)
    cases: dict[str, int] = field(default_factory=dict)
    dues: dict[str, int] = field(default_factory=dict)
    recovered: dict[str, int] = field(default_factory=dict)
    complaints: list[Complaint] = field(default_factory=list)
    words: dict[tuple[str, int], tuple[str, bool]] = field(default_factory=dict)  # who said it, and whether it counts

    def of_obligation(self, obligation: str) -> dict[str, Item]:
        """Return the items of an obligation, newest first."""
        own = [(key, item) for key, item in self.items.items() if item.obligation == obligation]
        return dict(sorted(own, key=lambda pair: -pair[1].number))

    def lines(self, batch: str, states: Iterable[AttemptState] = frozenset(AttemptState)) -> list[str]:
        """Return the references of a batch's attempts in some states."""
        wanted = frozenset(states)
        return sorted(key for key, each in self.attempts.items() if each.batch == batch and each.state in wanted)

    def total_fen(self, batch: str) -> int:
        """Return what a batch comes to."""
        return sum(self.items[self.attempts[key].item].amount_fen for key in self.lines(batch, {CREATED}))

    def is_newest(self, reference: str) -> bool:
        """Say whether no later attempt pays the item."""
        item = self.attempts[reference].item
        return [key for key, each in self.attempts.items() if each.item == item and each.state is not VOIDED][
            -1
        ] == reference

    def lines_of_item(self, item: str) -> list[str]:
        """Return the references of an item's attempts, oldest first."""
        return [key for key, each in self.attempts.items() if each.item == item]

    def is_complained_of(self, item: str) -> bool:
        """Say whether a line about an item waits for a person."""
        return any(each.item == item for each in self.complaints)

    def leave_batches(self, items: Iterable[str]) -> None:
        """Take items out of their batches; each batch is frozen anew, stays stopped, or is over."""
        leaving = frozenset(items)
        left = set()
        for attempt in self.attempts.values():
            if attempt.item in leaving and attempt.state is CREATED:
                attempt.state = VOIDED
                left.add(attempt.batch)
        for name in left:
            batch = self.batches[name]
            if not self.lines(name, {CREATED}):
                batch.state = BatchState.CANCELLED
            elif batch.state is BatchState.STOPPED:
                batch.revision += 1
            else:
                batch.freeze()

    def release(self, batch: str, state: BatchState) -> None:
        """Open the items of a batch that did not go out."""
        for reference in self.lines(batch, {CREATED}):
            self.attempts[reference].state = VOIDED
            self.items[self.attempts[reference].item].state = ItemState.OPEN
        self.batches[batch].state = state

    def hear(self, reference: str, word: str, *, is_right: bool, kind: str) -> bool:
        """Let the bank say a word of an attempt; return whether it is an exception."""
        attempt = self.attempts[reference]
        if attempt.state in {CREATED, VOIDED} or not is_right:
            return True
        known = attempt.told | {IMPLIES[attempt.state]} if attempt.state in IMPLIES else set(attempt.told)
        is_new = word not in attempt.told
        # Two people have overruled what was said against it; said once more, the money may have come back since.
        known = {"paid"} if attempt.state is PAID else known
        is_again = not is_new and word == "returned" and attempt.state is PAID
        attempt.told.add(word)
        known.add(word)
        contradicts = is_again or (is_new and word in {"paid", "failed"} and {"paid", "failed"} <= known)
        if is_new or is_again:
            self._move(reference, _after(known))
        if kind == "statement":
            attempt.shown.add(word)
        return contradicts

    def is_proved_paid(self, reference: str) -> bool:
        """Say whether a payment that came back may be settled as paid: the bank says so, and nobody pays it by now."""
        attempt = self.attempts[reference]
        is_shown = "paid" in attempt.shown and "returned" not in attempt.shown
        return (
            attempt.state is RETURNED
            and "paid" in attempt.told
            and ("returned" not in attempt.told or is_shown)
            and self.items[attempt.item].state in {*WAITING}
        )

    def hold_as_paid(self, reference: str) -> None:
        """Take a payment that came back as paid; nobody else pays it, and nobody has to look at it."""
        attempt = self.attempts[reference]
        item = self.items[attempt.item]
        if item.state is ItemState.IN_BATCH:
            self.leave_batches([attempt.item])
        attempt.state, item.state = PAID, ItemState.PAID
        self.complaints = [
            each for each in self.complaints if (each.reference, each.is_contradiction) != (reference, True)
        ]

    def answer(self, reference: str, state: AttemptState) -> None:
        """Let an attempt end in a state."""
        self._move(reference, state)

    def _move(self, reference: str, state: AttemptState | None) -> None:
        attempt = self.attempts[reference]
        if state is None or state is attempt.state:
            return
        before, after = ITEM_AFTER.get(attempt.state, ItemState.INSTRUCTED), ITEM_AFTER[state]
        attempt.state = state
        if self.is_newest(reference) and before is not after:
            self.items[attempt.item].state = after

    def numbers_of(self, batch: str) -> list[int]:
        """Return the numbers of a batch's files."""
        return [number for owner, number in self.files if owner == batch]

    def settle(self, batch: str) -> None:
        """Settle the files of a batch in which nothing is in doubt."""
        for (owner, number), state in self.files.items():
            if owner == batch and FileState.SETTLED in FILE_TRANSITIONS[state] and not self.in_doubt(batch, number):
                self.files[owner, number] = FileState.SETTLED

    def in_doubt(self, batch: str, file: int | None = None) -> list[str]:
        """Return the references of a batch, or of one of its files, for which the bank has still to answer."""
        return [key for key in self.lines(batch, IN_DOUBT) if file is None or self.attempts[key].file == file]

    def follow(self, batch: str, file: int, state: FileState) -> None:
        """Move a file, and its lines with it."""
        self.files[batch, file] = state
        to = {
            FileState.SUBMISSION_UNKNOWN: UNKNOWN,
            FileState.NOT_RECEIVED: UNKNOWN,
            FileState.ACKNOWLEDGED: INSTRUCTED,
            FileState.SUBMITTED: INSTRUCTED,
            FileState.REJECTED: FAILED,
        }[state]
        for reference in self.in_doubt(batch, file):
            if to is FAILED:
                self.answer(reference, FAILED)
            else:
                self.attempts[reference].state = to

    def agrees(self, batch: str) -> bool:
        """Say whether statements show exactly what is held as paid, and nobody has to look at anything."""
        own = [each for each in self.attempts.values() if each.batch == batch]
        differing = [
            each for each in own if (each.state is PAID) != ("paid" in each.shown and "returned" not in each.shown)
        ]
        return not differing and not [each for each in self.complaints if each.batch in {batch, None}]

    def set_off_fen(self, obligation: str) -> int:
        """Return what of an obligation was kept back for claims."""
        own = self.of_obligation(obligation).values()
        return sum(item.amount_fen for item in own if item.state is ItemState.SET_OFF)

    def paid_fen(self, obligation: str) -> int:
        """Return what of an obligation has been paid and did not come back."""
        return sum(
            self.items[each.item].amount_fen
            for each in self.attempts.values()
            if each.state is PAID and self.items[each.item].obligation == obligation
        )


def _after(known: set[str]) -> AttemptState | None:
    """Return where an attempt stands by everything that is known of it."""
    if "returned" in known or {"paid", "failed"} <= known:
        return RETURNED
    if "failed" in known:
        return FAILED
    return PAID if "paid" in known else None
