"""Laws of the stored ledger: whatever people, nights and banks do in any order, it is what a plain model says."""

import shutil
import tempfile
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from core.errors import RefusedError
from core.ids import item_id
from core.ledger import ITEM_TRANSITIONS, ItemState, Obligation
from store.batches import BatchHead, content_hash, read_batches, read_lines
from store.codes import StoreInvariantError
from store.freezing import add_batch
from store.ledger import LedgerChanges, write_ledger
from store.line_funds import OUT_OF_ONE
from store.opening import Writing, open_store
from store.payouts import cancel_batch, resume_batch, stop_batch
from store.positions import read_obligations, read_positions
from store.states.funds import Account
from store.states.paying import BatchState
from tests.store.paying import answer, approve, export
from tests.store.worlds import (
    CLOCK_START,
    DAY,
    clock_at,
    items,
    lines,
    moves,
    open_grant,
    owe,
    posting,
    postings,
    register,
    seen,
)

BEFORE = frozenset({BatchState.FROZEN, BatchState.APPROVED})
OPEN, IN_BATCH, INSTRUCTED = ItemState.OPEN, ItemState.IN_BATCH, ItemState.INSTRUCTED
NIGHTS = st.sampled_from([OPEN, ItemState.ON_HOLD, ItemState.CANCELLED])


@dataclass
class Model:
    """What ought to be stored: amounts and states of items, sums of accounts, and which batch holds which items."""

    amounts: list[int] = field(default_factory=list)
    states: list[ItemState] = field(default_factory=list)
    sums: dict[Account, int] = field(default_factory=lambda: dict.fromkeys(Account, 0))
    batches: dict[str, tuple[BatchState, set[int]]] = field(default_factory=dict)
    version: int = 1


class StoredLedger(RuleBasedStateMachine):
    """One obligation through everything that can happen to it."""

    batches = Bundle[str]("batches")
    funding = OUT_OF_ONE

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="law"))
        self.store = open_store(f"sqlite:///{self.folder}/mianshen.db", clock=clock_at(CLOCK_START))
        self.model = Model()

    def teardown(self) -> None:
        """Take the database away."""
        self.store.close()
        shutil.rmtree(self.folder)

    @initialize()
    def begin(self) -> None:
        """Begin with an obligation on which nothing stands."""
        (subject,) = register(self.store, "a")
        with self.store.writing() as tx:
            self.key = owe(tx, open_grant(tx, subject))

    @rule(amount_fen=st.integers(1, 9))
    def open_item(self, amount_fen: int) -> None:
        """A night finds that something is due."""
        number = len(self.model.amounts) + 1
        self._write(LedgerChanges(items=items(self.key, amount_fen, first=number), seen=self._seen()))
        self.model.amounts.append(amount_fen)
        self.model.states.append(OPEN)
        self.model.version += 1

    @rule(number=st.integers(1, 6), state=NIGHTS)
    def move_item(self, number: int, state: ItemState) -> None:
        """A night moves an item; out of a batch that has not gone out, too."""
        if number > len(self.model.states):
            return
        source = self.model.states[number - 1]
        changes = LedgerChanges(item_moves=moves(self.key, (number, source, state)), seen=self._seen())
        if state not in ITEM_TRANSITIONS[source]:
            self._fails(StoreInvariantError, lambda tx: write_ledger(tx, changes, run_id=None))
            return
        self._write(changes)
        self.model.states[number - 1] = state
        self.model.version += 1
        if source is IN_BATCH:
            self._leave(number)

    @rule(account=st.sampled_from(Account), after_fen=st.integers(0, 9))
    def post(self, account: Account, after_fen: int) -> None:
        """An amount beside the items changes."""
        before_fen = self.model.sums[account]
        if before_fen == after_fen:
            return
        rows = postings(posting(self.key, account, before_fen, after_fen))
        self._write(LedgerChanges(postings=rows, seen=self._seen()))
        self.model.sums[account] = after_fen
        self.model.version += 1

    @rule()
    def write_too_late(self) -> None:
        """Whoever has read an older version writes nothing."""
        stale = LedgerChanges(items=items(self.key, 1, first=99), seen=seen(**{self.key: self.model.version - 1}))
        self._fails(RefusedError, lambda tx: write_ledger(tx, stale, run_id=None))

    @rule()
    def crash(self) -> None:
        """A process that dies before its commit leaves nothing."""

        def die(tx: Writing) -> None:
            write_ledger(tx, LedgerChanges(items=items(self.key, 1, first=99), seen=self._seen()), run_id=None)
            raise ZeroDivisionError

        self._fails(ZeroDivisionError, die)

    @rule(target=batches)
    def collect(self) -> str:
        """A pay day takes all open items into a batch."""
        name = f"b_{len(self.model.batches) + 1}"
        numbers = self._in(OPEN)
        if numbers:
            with self.store.writing() as tx:
                own = lines(tx, self.key, *numbers)
                add_batch(tx, BatchHead(name, "p", "t", "o", DAY), own, run_id=None, funding=self.funding)
            self.model.batches[name] = (BatchState.FROZEN, numbers)
            self._take(numbers, IN_BATCH)
        return name

    @rule(batch=batches)
    def approve(self, batch: str) -> None:
        """An officer approves what the batch holds."""
        self._on_batch(batch, {BatchState.FROZEN}, BatchState.APPROVED, self._approve)

    @rule(batch=batches)
    def export(self, batch: str) -> None:
        """A batch goes out."""
        if self._on_batch(batch, {BatchState.APPROVED}, BatchState.EXPORTED, self._export):
            self._take(self.model.batches[batch][1], INSTRUCTED)

    @rule(batch=batches)
    def stop(self, batch: str) -> None:
        """Somebody stops a batch that has not gone out."""
        if self.model.batches.get(batch, (BatchState.STOPPED, set()))[0] in {*BEFORE, BatchState.STOPPED}:
            self._on_batch(batch, BEFORE, BatchState.STOPPED, _stop)

    @rule(batch=batches)
    def resume(self, batch: str) -> None:
        """Somebody else lets it go on: it has to be approved anew."""
        self._on_batch(batch, {BatchState.STOPPED}, BatchState.FROZEN, _resume)

    @rule(batch=batches)
    def cancel(self, batch: str) -> None:
        """A batch is released."""
        is_done = self._on_batch(
            batch,
            {*BEFORE, BatchState.STOPPED},
            BatchState.CANCELLED,
            _cancel,
        )
        if is_done:
            self._take(self.model.batches[batch][1], OPEN)
            self.model.batches[batch] = (BatchState.CANCELLED, set())

    @rule(batch=batches, word=st.sampled_from([ItemState.PAID, ItemState.RETURNED]), number=st.integers(1, 6))
    def hear_the_bank(self, batch: str, word: ItemState, number: int) -> None:
        """The bank says of a line that it was paid, or sends it back; once, twice, late."""
        state, numbers = self.model.batches.get(batch, (None, set()))
        if number not in numbers or state not in {BatchState.EXPORTED, BatchState.SETTLING, BatchState.SETTLED}:
            return
        said = [item_id(self.key, number)]
        with self.store.writing() as tx:
            answer(tx, batch, **{word.value: said})
        if word in ITEM_TRANSITIONS[self.model.states[number - 1]]:
            self._take({number}, word)
        if word is ItemState.RETURNED:
            numbers.discard(number)
        is_settled = INSTRUCTED not in {self.model.states[each - 1] for each in numbers}
        self.model.batches[batch] = (BatchState.SETTLED if is_settled else BatchState.SETTLING, numbers)

    @invariant()
    def the_ledger_is_the_model(self) -> None:
        """Items, sums and version are the model's; the frame for everyone says the same as the record."""
        with self.store.reading() as rx:
            record = read_obligations(rx, [self.key])[0] if hasattr(self, "key") else None
            rows = read_positions(rx).to_dicts()
        if record is None:
            return
        assert [(item.amount_fen, item.state) for item in record.items] == list(
            zip(self.model.amounts, self.model.states, strict=True)
        )
        assert record.version == self.model.version
        assert _sums(record) == self.model.sums
        assert (rows[0]["held_fen"], rows[0]["committed_fen"]) == (record.held_fen, record.committed_fen)

    @invariant()
    def batches_add_up(self) -> None:
        """Totals and hash are those of the lines; every item in a batch is a line of exactly one that is not out."""
        with self.store.reading() as rx:
            stored = {each.batch_id: (each, read_lines(rx, each.batch_id)) for each in read_batches(rx)}
        held: list[int] = []
        for name, (batch, kept) in stored.items():
            state, numbers = self.model.batches[name]
            assert (batch.state, set(kept["item_id"])) == (state, {item_id(self.key, each) for each in numbers})
            if state in {*BEFORE, BatchState.STOPPED}:
                assert (batch.item_count, batch.total_fen) == (kept.height, kept["amount_fen"].sum())
                assert batch.content_hash == content_hash(kept)
                held += numbers
        assert sorted(held) == sorted(self._in(IN_BATCH))

    def _approve(self, tx: Writing, batch: str) -> None:
        approve(tx, batch)

    def _export(self, tx: Writing, batch: str) -> None:
        export(tx, batch)

    def _on_batch(
        self, name: str, allowed: Collection[BatchState], target: BatchState, deed: Callable[[Writing, str], object]
    ) -> bool:
        """Do something to a batch; it is refused exactly where the model does not allow it."""
        state, numbers = self.model.batches.get(name, (None, set()))
        if state is None:
            return False
        if state not in allowed:
            self._fails(RefusedError, lambda tx: deed(tx, name))
            return False
        with self.store.writing() as tx:
            deed(tx, name)
        self.model.batches[name] = (target, numbers)
        return True

    def _leave(self, number: int) -> None:
        for name, (state, numbers) in self.model.batches.items():
            if state in {*BEFORE, BatchState.STOPPED} and number in numbers:
                rest = numbers - {number}
                left = BatchState.STOPPED if state is BatchState.STOPPED else BatchState.FROZEN
                self.model.batches[name] = (left if rest else BatchState.CANCELLED, rest)
                return

    def _take(self, numbers: set[int], state: ItemState) -> None:
        for number in numbers:
            self.model.states[number - 1] = state
        self.model.version += 1

    def _in(self, state: ItemState) -> set[int]:
        return {number for number, each in enumerate(self.model.states, start=1) if each is state}

    def _seen(self) -> pl.DataFrame:
        return seen(**{self.key: self.model.version})

    def _write(self, changes: LedgerChanges) -> None:
        with self.store.writing() as tx:
            write_ledger(tx, changes, run_id=None)

    def _fails(self, error: type[Exception], deed: Callable[[Writing], object]) -> None:
        try:
            with self.store.writing() as tx:
                deed(tx)
        except error:
            return
        raise AssertionError(f"expected {error.__name__}")


def _stop(tx: Writing, batch: str) -> None:
    stop_batch(tx, batch, by="supervisor", reason="a call")


def _resume(tx: Writing, batch: str) -> None:
    resume_batch(tx, batch, by="colleague", reason="looked at")


def _cancel(tx: Writing, batch: str) -> None:
    cancel_batch(tx, batch, by="maker", reason="not now")


def _sums(record: Obligation) -> dict[Account, int]:
    return {
        Account.RECOVERED: record.recovered_fen,
        Account.WRITTEN_OFF: record.written_off_fen,
        Account.KEPT: record.kept_fen,
        Account.CASE: record.case_open_fen,
    }


TestStoredLedger = StoredLedger.TestCase
TestStoredLedger.settings = settings(max_examples=12, stateful_step_count=30)
