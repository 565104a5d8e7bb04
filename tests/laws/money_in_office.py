"""Money beside a plain model, until it goes out: nights, approvals, stops and exports, and what holds after each of them."""

import atexit
import datetime as dt
import shutil
import tempfile
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import polars as pl
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from core.errors import RefusedError
from core.ids import item_id
from core.ledger import ITEM_TRANSITIONS, ItemState
from store.approvals import Ballot, approve_batch, lapse_approvals, reject_batch
from store.batches import BatchHead, batch_of
from store.freezing import add_batch
from store.ledger import LedgerChanges, write_ledger
from store.opening import Store, Writing, open_store
from store.payouts import cancel_batch, drop_lines, resume_batch, stop_batch
from store.positions import read_obligations
from store.reconciling import exceptions_of
from store.rows import insert_rows
from store.set_offs import KeptBack, keep_back
from store.states.funds import Account
from store.states.paying import ATTEMPT_TRANSITIONS, BATCH_TRANSITIONS, AttemptState, BatchState, FileState
from store.states.rules import VersionState
from store.tables import ProposalRow, ProposedVersionRow
from tests.laws import stored_money as law
from tests.laws.money_model import CREATED, NOT_OUT, VOTING, WAITING, Attempt, Batch, Item, Model
from tests.store import paying
from tests.store.worlds import (
    CLOCK_START,
    DAY,
    clock_at,
    items,
    later,
    lines,
    moves,
    open_grant,
    owe,
    posting,
    postings,
    register,
    seen,
)

POLICIES = ("p", "q")
PEOPLE = ("maker", "anna", "bert", "cleo", "author")
MOVES: Mapping[type, Mapping[Any, Any]] = {ItemState: ITEM_TRANSITIONS, AttemptState: ATTEMPT_TRANSITIONS}
APPROVAL_DAYS = 5
TWO_FROM_FEN = 60  # a batch of so much needs two people
person = st.sampled_from(PEOPLE)
pick = st.integers(0, 11)
fen = st.integers(0, 90)


class Office(RuleBasedStateMachine):
    """Four obligations of two policies, until their money goes out."""

    url: ClassVar[str | None] = None  # an emptied database; None: a file of its own

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="law"))
        if self.url is None:
            shutil.copy(_template(), self.folder / "mianshen.db")
        self.clock = clock_at(CLOCK_START)
        self.store = self._open()
        self.model = Model()
        self.frozen: dict[str, tuple[object, ...]] = {}
        self.states: dict[str, StrEnum] = {}
        self.is_composed = False
        self.batch_count = 0

    def _open(self) -> Store:
        return open_store(self.url or f"sqlite:///{self.folder}/mianshen.db", clock=self.clock)

    def teardown(self) -> None:
        """Take the database away."""
        self.store.close()
        shutil.rmtree(self.folder)

    @initialize()
    def begin(self) -> None:
        """Begin with obligations on which nothing is due; `author` wrote the rule of the first policy."""
        subjects = register(self.store, "a", "b")
        with self.store.writing() as tx:
            _publish(tx, "p", by="author")
            for policy in POLICIES:
                for subject in subjects:
                    self.model.dues[owe(tx, open_grant(tx, subject, policy=policy))] = 0
        self.keys = list(self.model.dues)
        self.policy_of = dict(zip(self.keys, (policy for policy in POLICIES for _ in subjects), strict=True))

    # What nights do.

    @rule(which=pick, due_fen=fen)
    def night(self, which: int, due_fen: int) -> None:
        """A night finds that so much is due: more is opened, less is cancelled, and what is out becomes a case."""
        key = self.keys[which % len(self.keys)]
        own = self.model.of_obligation(key)
        held = {name: item for name, item in own.items() if item.state is not ItemState.CANCELLED}
        recovered_fen = self.model.recovered.get(key, 0)
        excess_fen = sum(item.amount_fen for item in held.values()) - recovered_fen - due_fen
        steps, leaving, opens_fen = [], [], max(-excess_fen, 0)
        for name, item in held.items():
            if excess_fen > 0 and item.state in WAITING:
                steps.append((item.number, item.state, ItemState.CANCELLED))
                leaving += [name] if item.state is ItemState.IN_BATCH else []
                opens_fen = max(item.amount_fen - excess_fen, 0)
                excess_fen -= item.amount_fen
                item.state = ItemState.CANCELLED
        case_fen, before_fen = max(excess_fen, 0), self.model.cases.get(key, 0)
        number = len(own) + 1
        new = items(key, opens_fen, first=number) if opens_fen else items(key)
        rows = [] if case_fen == before_fen else [posting(key, Account.CASE, before_fen, case_fen)]
        self._write_night(key, LedgerChanges(items=new, item_moves=moves(key, *steps), postings=postings(*rows)))
        self.model.leave_batches(leaving)
        if opens_fen:
            self.model.items[item_id(key, number)] = Item(key, number, opens_fen, ItemState.OPEN)
        self.model.cases[key], self.model.dues[key] = case_fen, due_fen

    @rule(which=pick, is_known=st.booleans())
    def doubt(self, which: int, is_known: bool) -> None:  # Hypothesis passes it by name
        """A fact is missing: what is not out waits, out of its batch too; known again, it is open again."""
        key = self.keys[which % len(self.keys)]
        sources = {ItemState.ON_HOLD} if is_known else {ItemState.OPEN, ItemState.IN_BATCH}
        target = ItemState.OPEN if is_known else ItemState.ON_HOLD
        moved = {name: item for name, item in self.model.of_obligation(key).items() if item.state in sources}
        steps = [(item.number, item.state, target) for item in moved.values()]
        leaving = [name for name, item in moved.items() if item.state is ItemState.IN_BATCH]
        self._write_night(key, LedgerChanges(item_moves=moves(key, *steps)))
        for item in moved.values():
            item.state = target
        self.model.leave_batches(leaving)

    def _write_night(self, key: str, changes: LedgerChanges) -> None:
        with self.store.writing() as tx:
            (record,) = read_obligations(tx, [key])
            known = {name: getattr(changes, name) for name in ("items", "item_moves", "postings")}
            write_ledger(tx, LedgerChanges(**known, seen=seen(**{key: record.version})), run_id=None)

    @rule(policy=st.sampled_from(POLICIES), made_by=st.sampled_from([None, "maker"]))
    def collect(self, policy: str, made_by: str | None) -> None:
        """A pay day takes every open item of a policy into a batch."""
        own = [key for key in self.keys if self.policy_of[key] == policy]
        numbers = {
            key: [item.number for item in self.model.of_obligation(key).values() if item.state is ItemState.OPEN]
            for key in own
        }
        if not any(numbers.values()):
            return
        self.batch_count += 1
        name = f"b_{self.batch_count}"
        with self.store.writing() as tx:
            found = pl.concat(lines(tx, key, *each) for key, each in numbers.items() if each)
            add_batch(tx, BatchHead(name, policy, "t", "o", DAY), found, run_id=None, made_by=made_by)
        self.model.batches[name] = Batch(policy, made_by)
        for reference, item in found.select("reference", "item_id").iter_rows():
            assert reference not in self.model.attempts
            self.model.attempts[reference] = Attempt(item, name)
            self.model.items[item].state = ItemState.IN_BATCH

    @rule(which=pick, claimed=pick, part=fen)
    def set_off(self, which: int, claimed: int, part: int) -> None:
        """M10: a night keeps something of an open item back for a claim that somebody decided to set off."""
        owing = [key for key in self.keys if self.model.cases.get(key, 0)]
        waiting = [name for name, item in self.model.items.items() if item.state is ItemState.OPEN]
        waiting = [name for name in waiting if not self.model.lines_of_item(name)]  # nothing of it was ever sent
        if not owing or not waiting:
            return
        key, name = owing[claimed % len(owing)], waiting[which % len(waiting)]
        item = self.model.items[name]
        fen = min(self.model.cases[key], item.amount_fen, part)
        if not fen:
            return
        first = len(self.model.of_obligation(item.obligation)) + 1
        with self.store.writing() as tx:
            case_id = paying.choose_set_off(tx, key)
            shares = [(fen, case_id)] + ([(item.amount_fen - fen, None)] if fen < item.amount_fen else [])
            parts = paying.kept_back(item.obligation, item.number, first, shares)
            keep_back(tx, KeptBack(self.policy_of[item.obligation], DAY, parts), run_id=None)
        self.model.cases[key] -= fen
        self.model.recovered[key] = self.model.recovered.get(key, 0) + fen
        if fen == item.amount_fen:
            item.state = ItemState.SET_OFF
            return
        item.state = ItemState.CANCELLED
        for number, (amount_fen, kept_for) in enumerate(shares, start=first):
            state = ItemState.OPEN if kept_for is None else ItemState.SET_OFF
            self.model.items[item_id(item.obligation, number)] = Item(item.obligation, number, amount_fen, state)

    # What people do before it goes out.

    @precondition(lambda self: self.model.batches)
    @rule(which=pick, by=person, is_current=st.sampled_from([True, True, True, False]))
    def approve(self, which: int, by: str, is_current: bool) -> None:
        """A2, A1: somebody approves what they looked at, which may be something else than it holds."""
        name, batch = self._batch(which)
        standing = batch.standing(self.clock.now())
        authors = {"author"} if batch.policy == "p" else set()
        may = is_current and batch.state in VOTING and by not in standing | {batch.made_by} | authors
        needed, until = self._needed(name), self.clock.now() + dt.timedelta(days=APPROVAL_DAYS)

        def deed(tx: Writing) -> None:
            digest = batch_of(tx, name).content_hash if is_current else "what it was before"
            approve_batch(tx, name, approved_hash=digest, by=by, ballot=Ballot(needed, until))

        if self._do(deed, may=may):
            batch.approvals.append((by, batch.revision, until))
            batch.state = BatchState.APPROVED if len(standing) + 1 >= needed else BatchState.IN_APPROVAL

    @rule(days=st.integers(1, 6))
    def wait(self, days: int) -> None:
        """Days go by, and approvals lapse with them."""
        later(self.store, days=days)
        for name, batch in self.model.batches.items():
            with self.store.writing() as tx:
                has_lapsed = lapse_approvals(tx, name, needed=self._needed(name))
            few = len(batch.standing(self.clock.now())) < self._needed(name)
            assert has_lapsed == (batch.state is BatchState.APPROVED and few)
            batch.state = BatchState.IN_APPROVAL if has_lapsed else batch.state

    @precondition(lambda self: self.model.batches)
    @rule(which=pick, deed=st.sampled_from([cancel_batch, reject_batch]))
    def take_back(self, which: int, deed: Callable[..., object]) -> None:
        """Somebody takes a batch back that has not gone out, or says no to it."""
        name, batch = self._batch(which)
        target = BatchState.CANCELLED if deed is cancel_batch else BatchState.REJECTED
        may = target in BATCH_TRANSITIONS[batch.state]
        if self._do(lambda tx: deed(tx, name, by="anna", reason="not now"), may=may):
            self.model.release(name, BatchState.CANCELLED if deed is cancel_batch else BatchState.RELEASED)

    @precondition(lambda self: self.model.batches)
    @rule(which=pick, by=person)
    def stop(self, which: int, by: str) -> None:
        """Somebody stops a batch; once it is out, the bank is asked to."""
        name, batch = self._batch(which)
        target = BatchState.STOPPED if batch.state in NOT_OUT else BatchState.STOP_REQUESTED
        may = target in BATCH_TRANSITIONS[batch.state] and batch.state is not BatchState.STOPPED
        if self._do(lambda tx: stop_batch(tx, name, by=by, reason="a call"), may=may):
            batch.state, batch.stopped_by = target, by

    @precondition(lambda self: self._some(BatchState.STOPPED))
    @rule(which=pick, by=person)
    def resume(self, which: int, by: str) -> None:
        """Another person than who stopped it lets it go on."""
        name, batch = self._batch(which, BatchState.STOPPED)
        if self._do(lambda tx: resume_batch(tx, name, by=by, reason="looked"), may=by != batch.stopped_by):
            batch.freeze()

    @precondition(lambda self: self._some(*NOT_OUT))
    @rule(which=pick, chosen=st.sets(pick, min_size=1, max_size=3))
    def change_account(self, which: int, chosen: set[int]) -> None:
        """F7, A2: payees have other accounts by now: they leave the batch, which has to be approved again."""
        name, _ = self._batch(which, *NOT_OUT)
        references = self.model.lines(name, {CREATED})
        leaving = sorted({self.model.attempts[references[each % len(references)]].item for each in chosen})
        self._do(lambda tx: drop_lines(tx, name, pl.Series(leaving), reason="another account"), may=True)
        self.model.leave_batches(leaving)
        for item in leaving:
            self.model.items[item].state = ItemState.OPEN

    @precondition(lambda self: self._some(*NOT_OUT))
    @rule(which=pick, by=person, files=st.integers(1, 3))
    def export(self, which: int, by: str, files: int) -> None:
        """F1, A1: a batch goes out in some files, if enough others have approved exactly this."""
        name, batch = self._batch(which, *NOT_OUT)
        standing = batch.standing(self.clock.now())
        references = self.model.lines(name, {CREATED})
        may = (
            batch.state is BatchState.APPROVED
            and len(standing) >= self._needed(name)
            and by not in standing | {batch.made_by}
            and not any(self.model.is_complained_of(self.model.attempts[each].item) for each in references)
        )
        if self._do(lambda tx: paying.export(tx, name, by=by, needed=self._needed(name), files=files), may=may):
            in_order = sorted(references, key=lambda each: self.model.attempts[each].item)
            for place, reference in enumerate(in_order):
                attempt = self.model.attempts[reference]
                attempt.state, attempt.file = AttemptState.INSTRUCTED, place % files + 1
                self.model.items[attempt.item].state = ItemState.INSTRUCTED
                self.model.files[name, attempt.file] = FileState.EXPORTED
            batch.state = BatchState.EXPORTED

    @rule(policy=st.sampled_from(POLICIES), files=st.integers(1, 3))
    def pay_day(self, policy: str, files: int) -> None:
        """All of that as on any pay day: collected, approved by two, let go by a third."""
        self.is_composed = True
        self.collect(policy, "maker")
        if self.batch_count and self.model.batches[f"b_{self.batch_count}"].state is BatchState.FROZEN:
            for by in ("anna", "bert"):
                self.approve(self.batch_count - 1, by, is_current=True)
            self.store_export(files)

    def store_export(self, files: int) -> None:
        """Let the newest batch go out."""
        name = f"b_{self.batch_count}"
        place = [key for key in self.model.batches if self.model.batches[key].state in NOT_OUT].index(name)
        self.export(place, "cleo", files)

    # What always holds.

    @invariant()
    def laws_hold(self) -> None:
        """After every step: the invariants of payments, the model, and nothing that moves past its table."""
        with self.store.reading() as rx:
            stored = law.StoredMoney(rx)
            for each in law.INVARIANTS:
                each(stored)
            self._is_the_model(stored)
            self._m3_no_more_is_paid_than_due(stored)
            self._f7_what_was_frozen_stays(stored)
            self._a4_moves_are_those_of_the_table(stored)

    def _is_the_model(self, stored: law.StoredMoney) -> None:
        """Items, attempts, files, batches and exceptions are those of the model; nobody else has any."""
        items_now = {key: (row["amount_fen"], row["state"]) for key, row in stored.items.items()}
        assert items_now == {key: (item.amount_fen, item.state) for key, item in self.model.items.items()}
        attempts_now = {
            row["reference"]: (row["item_id"], row["batch_id"], row["state"], row["file_number"])
            for row in stored.attempts
        }
        assert attempts_now == {
            key: (each.item, each.batch, each.state, each.file) for key, each in self.model.attempts.items()
        }
        files = {(row["batch_id"], row["number"]): row["state"] for row in stored.rows("payment_file")}
        assert files == self.model.files
        batches = {key: (row["state"], row["revision"]) for key, row in stored.batches.items()}
        assert batches == {key: (each.state, each.revision) for key, each in self.model.batches.items()}
        waiting = sorted((each.bank_file_id, each.line) for each in exceptions_of(stored.rx))
        assert waiting == sorted((each.bank_file, each.line) for each in self.model.complaints)

    def _m3_no_more_is_paid_than_due(self, stored: law.StoredMoney) -> None:
        """M3, M4: net paid is at most what is due, but for an open case; what is held, less the case, is what is due."""
        committed = {each.obligation_id: each.committed_fen for each in read_obligations(stored.rx, self.keys)}
        assert committed == self.model.dues
        for key, due_fen in self.model.dues.items():
            got_fen = self.model.paid_fen(key) + self.model.set_off_fen(key) - self.model.recovered.get(key, 0)
            assert got_fen <= due_fen + self.model.cases.get(key, 0)

    def _f7_what_was_frozen_stays(self, stored: law.StoredMoney) -> None:
        """An attempt pays the account, the name and the amount it was made with, for ever."""
        names = ("item_id", "batch_id", "number", "amount_fen", "payee_digest", "account_digest", "name_digest")
        now = {row["reference"]: tuple(row[name] for name in names) for row in stored.attempts}
        assert {key: now.get(key) for key in self.frozen} == self.frozen
        self.frozen = now

    def _a4_moves_are_those_of_the_table(self, stored: law.StoredMoney) -> None:
        """Between two moments an item or an attempt stays, or goes one step of its table."""
        states: dict[str, StrEnum] = {key: row["state"] for key, row in stored.items.items()}
        states |= {row["reference"]: row["state"] for row in stored.attempts}
        steps = {key: (self.states.get(key, state), state) for key, state in states.items()}
        odd = [
            (key, *step)
            for key, step in steps.items()
            if step[0] is not step[1] and step[1] not in MOVES[type(step[0])][step[0]]
        ]
        assert self.is_composed or not odd
        self.states, self.is_composed = states, False

    # How it is done.

    def _do(self, deed: Callable[[Writing], object], *, may: bool) -> bool:
        """Do something; it is refused exactly where the model does not allow it."""
        try:
            with self.store.writing() as tx:
                deed(tx)
        except RefusedError:
            assert not may, "refused, though nothing speaks against it"
            return False
        assert may, "done, though it must be refused"
        return True

    def _some(self, *states: BatchState) -> bool:
        return any(each.state in states for each in self.model.batches.values())

    def _batch(self, which: int, *states: BatchState) -> tuple[str, Batch]:
        own = [name for name, each in self.model.batches.items() if not states or each.state in states]
        name = own[which % len(own)]
        return name, self.model.batches[name]

    def _at_the_bank(self, which: int) -> str:
        names = sorted({name for name, _ in self.model.files})
        return names[which % len(names)]

    def _needed(self, name: str) -> int:
        return 2 if self.model.total_fen(name) >= TWO_FROM_FEN else 1

    def _adopt(self, name: str) -> None:
        """Take over where a batch at the bank stands: the invariants say whether that is right."""
        with self.store.reading() as rx:
            self.model.batches[name].state = batch_of(rx, name).state


def _publish(tx: Writing, policy: str, *, by: str) -> None:
    """Let somebody have written the rule of a policy."""
    said = {"proposal_id": "x", "fingerprint": "f", "document": "d", "authored_by": by, "submitted_by": by,
            "submitted_at": tx.now, "approved_by": "second", "state": VersionState.PUBLISHED, "moves": 3}  # fmt: skip
    version = {"proposal_id": "x", "policy": policy, "version": 1, "revision": 1, "text": "t", "fingerprint": "f",
               "valid_from": DAY}  # fmt: skip
    insert_rows(tx, ProposalRow, [said])
    insert_rows(tx, ProposedVersionRow, [version | {"valid_through": None}])


@cache
def _template() -> Path:
    """Return a database at the newest schema, to be copied."""
    folder = Path(tempfile.mkdtemp(prefix="law"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    open_store(f"sqlite:///{folder}/mianshen.db", clock=clock_at(CLOCK_START)).close()
    return folder / "mianshen.db"
