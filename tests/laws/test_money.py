"""Laws of money on its way: whatever nights, people and banks do, in any order, nothing is paid twice and nothing is lost.

The real store beside a plain model (`tests.laws.money_model`); after every step the invariants of payments hold
(`tests.laws.stored_money`), and the store is what the model says.
"""

from collections.abc import Mapping, Sequence

import polars as pl
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from core.ledger import ItemState
from store.bank_lines import fail_lines, reopen_items
from store.batch_steps import move_batch
from store.batches import batch_of
from store.inquiries import OF_FILES, Found, Statement, confirm_found, mark_unknown, state_found
from store.opening import Writing
from store.payouts import cancel_batch, files_of, follow_files, move_file
from store.reconciling import reconcile_batch, resolve_exception
from store.states.paying import FILE_TRANSITIONS, AttemptState, BatchState, FileState
from tests.laws.money_in_office import Office, person, pick
from tests.laws.money_model import CREATED, NOT_OUT, UNKNOWN, VOIDED, Complaint
from tests.store import paying

HANDED = (FileState.SUBMITTED, FileState.SUBMISSION_UNKNOWN, FileState.ACKNOWLEDGED, FileState.REJECTED)
WRONG: Mapping[str, Mapping[str, object]] = {
    "amount": {"amount_fen": 9_999},
    "account": {"account": "6222020000000002"},
    "name": {"name": "李四"},
    "unreadable": {"fault": "cut short"},
}

words = st.lists(
    st.tuples(
        pick, st.sampled_from(["paid", "paid", "failed", "returned", "pending"]), st.sampled_from(["", "", "", *WRONG])
    ),
    min_size=1,
    max_size=4,
)


class Money(Office):
    """The same money at the bank and back."""

    # What people and the bank say of files.

    @precondition(lambda self: self.model.files)
    @rule(which=pick, to=st.sampled_from(HANDED))
    def hand_over(self, which: int, to: FileState) -> None:
        """A file is handed to the bank, its answer is lost, or the bank has it, or refuses it."""
        name, number = list(self.model.files)[which % len(self.model.files)]
        may = to in FILE_TRANSITIONS[self.model.files[name, number]]

        def deed(tx: Writing) -> None:
            file = files_of(tx, name)[number - 1]
            if to is FileState.REJECTED and may:
                fail_lines(tx, name, number)
            move_file(tx, file, to, by="anna", reason="so it is")

        if self._do(deed, may=may):
            self.model.follow(name, number, to)
            self._adopt(name)

    @precondition(lambda self: self.model.files)
    @rule(which=pick, to=st.sampled_from(HANDED))
    def hand_over_all(self, which: int, to: FileState) -> None:
        """The same with every file of a batch, one after another."""
        name = self._at_the_bank(which)
        self.is_composed = True
        for place, (owner, _) in enumerate(list(self.model.files)):
            if owner == name:
                self.hand_over(place, to)

    @precondition(lambda self: self.model.files)
    @rule(which=pick)
    def hear_nothing(self, which: int) -> None:
        """The bank's answer is overdue: whatever has none is in doubt."""
        name = self._at_the_bank(which)
        with self.store.writing() as tx:
            count = mark_unknown(tx, name, by="anna")
        for (owner, number), state in self.model.files.items():
            if owner == name and FileState.SUBMISSION_UNKNOWN in FILE_TRANSITIONS[state]:
                self.model.follow(name, number, FileState.SUBMISSION_UNKNOWN)
        doubt = self.model.in_doubt(name)
        for reference in doubt:
            self.model.attempts[reference].state = UNKNOWN
        assert count == len(doubt)
        self._adopt(name)

    @precondition(lambda self: self.model.files)
    @rule(which=pick, line=pick, found=st.sampled_from(Found), said_by=person, confirmed_by=person)
    def inquire(self, which: int, line: int, found: Found, said_by: str, confirmed_by: str) -> None:
        """F6: what is in doubt ends when two people say so; one person twice moves nothing, nor what is not in doubt."""
        name = self._at_the_bank(which)
        references = self.model.lines(name)
        reference, number = references[line % len(references)], line % len(self.model.numbers_of(name)) + 1
        if found in OF_FILES:
            may = self.model.files[name, number] is FileState.SUBMISSION_UNKNOWN
            statement = Statement(found, "a call", file_number=number)
        else:
            attempt = self.model.attempts[reference]
            may = attempt.state is UNKNOWN
            statement = Statement(found, "a call", reference=reference)
            if found is Found.PAID and attempt.state is not UNKNOWN:
                self._settle_as_paid(name, reference, said_by, confirmed_by)
                return
        said: list[int] = []
        self._do(lambda tx: said.append(state_found(tx, name, statement, by=said_by).number), may=may)
        if not may:
            return
        is_done = self._do(lambda tx: confirm_found(tx, name, said[0], by=confirmed_by), may=said_by != confirmed_by)
        if not is_done:
            return
        if found in OF_FILES:
            self.model.follow(name, number, FileState(found.value))
        else:
            self.model.answer(
                reference, {Found.PAID: AttemptState.CONFIRMED_PAID, Found.FAILED: AttemptState.CONFIRMED_FAILED}[found]
            )
            self.model.settle(name)
        self._adopt(name)

    @precondition(lambda self: any(self.model.is_proved_paid(each) for each in self.model.attempts))
    @rule(which=pick, said_by=person, confirmed_by=person)
    def settle_contradiction(self, which: int, said_by: str, confirmed_by: str) -> None:
        """F6: what the bank both paid and did not pay was paid when two say so who did not take its files in."""
        proved = [each for each in self.model.attempts if self.model.is_proved_paid(each)]
        reference = proved[which % len(proved)]
        self._settle_as_paid(self.model.attempts[reference].batch, reference, said_by, confirmed_by)

    def _settle_as_paid(self, name: str, reference: str, said_by: str, confirmed_by: str) -> None:
        attempt = self.model.attempts[reference]
        statement = Statement(Found.PAID, "a call", reference=reference)
        may = self.model.is_proved_paid(reference) and said_by not in attempt.heard_by
        said: list[int] = []
        self._do(lambda tx: said.append(state_found(tx, name, statement, by=said_by).number), may=may)
        may_confirm = confirmed_by not in attempt.heard_by | {said_by}
        if not may or not self._do(lambda tx: confirm_found(tx, name, said[0], by=confirmed_by), may=may_confirm):
            return
        self.is_composed = True
        again = [key for key in self.model.lines_of_item(attempt.item) if self.model.attempts[key].state is CREATED]
        self.model.hold_as_paid(reference)
        self.model.settle(name)
        for each in [name, *(self.model.attempts[key].batch for key in again)]:
            self._adopt(each)

    @precondition(lambda self: self._some(BatchState.STOP_REQUESTED))
    @rule(which=pick, is_stopped=st.booleans())
    def answer_stop(self, which: int, is_stopped: bool) -> None:
        """The bank says whether it could still stop a batch."""
        name, _ = self._batch(which, BatchState.STOP_REQUESTED)
        target = BatchState.STOP_CONFIRMED if is_stopped else BatchState.STOP_FAILED
        with self.store.writing() as tx:
            move_batch(tx, batch_of(tx, name), target, by="bert", reason="a call")
            if is_stopped:
                fail_lines(tx, name)
            else:
                follow_files(tx, name, by="bert")
        if is_stopped:
            for reference in self.model.in_doubt(name):
                self.model.answer(reference, AttemptState.CONFIRMED_FAILED)
        self._adopt(name)

    # What the bank says of lines.

    @precondition(lambda self: self.model.attempts)
    @rule(said=words, kind=st.sampled_from(["returns", "returns", "statement"]), by=person, again=st.booleans())
    def hear(self, said: Sequence[tuple[int, str, str]], kind: str, by: str, again: bool) -> None:
        """F3, F4, F5, F9: the bank says something of some lines; right or wrong, in any order, the same twice."""
        references = list(self.model.attempts)
        chosen = [(references[which % len(references)], word, wrong) for which, word, wrong in said]
        for told in [chosen, chosen[::-1]] if again else [chosen]:
            self._hear(told, kind=kind, by=by)

    @precondition(lambda self: self.model.files)
    @rule(
        which=pick,
        kind=st.sampled_from(["returns", "statement"]),
        word=st.sampled_from(["paid", "paid", "failed", "returned"]),
    )
    def hear_all(self, which: int, kind: str, word: str) -> None:
        """The bank says the same of every line of a batch."""
        name = self._at_the_bank(which)
        self._hear([(reference, word, "") for reference in self.model.lines(name)], kind=kind, by="bert")

    def _hear(self, told: Sequence[tuple[str, str, str]], *, kind: str, by: str) -> None:
        amounts = {key: self.model.items[each.item].amount_fen for key, each in self.model.attempts.items()}
        rows = [
            {"reference": reference, "amount_fen": amounts[reference], "outcome": word, **WRONG.get(wrong, {})}
            for reference, word, wrong in told
        ]
        with self.store.writing() as tx:
            record = paying.hear(tx, rows, kind=kind, by=by)
        moved = set()
        for place, (reference, word, wrong) in enumerate(told, start=1):
            attempt = self.model.attempts[reference]
            before = attempt.state
            attempt.heard_by.add(by)
            may_contradict = not wrong and attempt.state not in {CREATED, VOIDED}
            if self.model.hear(reference, word, is_right=not wrong, kind=kind):
                about = (attempt.item, attempt.batch, by, reference, may_contradict)
                self.model.complaints.append(Complaint(record.bank_file_id, place, *about))
            moved |= {attempt.batch} if attempt.state is not before else set()
        for name in moved:
            self.model.settle(name)
            self._adopt(name)

    @rule(by=person)
    def hear_of_others(self, by: str) -> None:
        """F4: a line that means no payment of ours is kept, and stands in the way of every batch."""
        row = {"reference": "RF18539007547034", "amount_fen": 1, "outcome": "paid"}
        with self.store.writing() as tx:
            record = paying.hear(tx, [row], by=by)
        self.model.complaints.append(Complaint(record.bank_file_id, 1, None, None, by))

    @precondition(lambda self: self.model.complaints)
    @rule(which=pick, by=person)
    def settle_exception(self, which: int, by: str) -> None:
        """Another person than who took a file in looks at what is odd about it."""
        each = self.model.complaints[which % len(self.model.complaints)]
        may = by != each.taken_by
        if self._do(lambda tx: resolve_exception(tx, each.bank_file, each.line, by=by, resolution="seen"), may=may):
            self.model.complaints.remove(each)

    @precondition(lambda self: self.model.attempts)
    @rule(which=pick)
    def reissue(self, which: int) -> None:
        """F8: what came back is open again, unless it is being paid anew or nobody knows whether it was paid."""
        reference = list(self.model.attempts)[which % len(self.model.attempts)]
        attempt = self.model.attempts[reference]
        item = self.model.items[attempt.item]
        may = (
            item.state is ItemState.RETURNED
            and self.model.is_newest(reference)
            and not self.model.is_complained_of(attempt.item)
        )
        if self._do(lambda tx: reopen_items(tx, pl.Series([reference])), may=may):
            item.state = ItemState.OPEN

    @precondition(lambda self: self.model.files)
    @rule(which=pick)
    def reconcile(self, which: int) -> None:
        """F4: only what statements show exactly, and about which nobody has to look at anything, is reconciled."""
        name = self._at_the_bank(which)
        may = self.model.batches[name].state is BatchState.SETTLED and self.model.agrees(name)
        if self._do(lambda tx: reconcile_batch(tx, name, by="bert"), may=may):
            self.model.batches[name].state = BatchState.RECONCILED

    # What goes wrong with the machine.

    @precondition(lambda self: self.model.batches)
    @rule(which=pick)
    def crash(self, which: int) -> None:
        """A process that dies before its commit leaves nothing, whatever it had done; the store is opened again."""
        name, _ = self._batch(which)

        def die(tx: Writing) -> None:
            batch = batch_of(tx, name)
            if batch.state in NOT_OUT:
                cancel_batch(tx, name, by="anna", reason="not now")
            paying.hear(tx, [{"reference": each, "amount_fen": 1, "outcome": "paid"} for each in self.model.attempts])
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError), self.store.writing() as tx:
            die(tx)
        self.store.close()
        self.store = self._open()


TestMoney = Money.TestCase
TestMoney.settings = settings(max_examples=20, stateful_step_count=40)
