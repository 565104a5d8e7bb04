"""Whatever statement or commit fails, of a night and of every step of a payment: all of it is there, or nothing.

One after another, each statement of a deed is failed as a driver fails it, until the deed comes through. After each failure
the database is opened again: it is, to the last row, what it was before; done again, the deed ends as if nothing had
happened. A commit whose answer is lost has been made: the deed is refused the second time, and is there once.
"""

import itertools
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from core.clock import Clock, civil_instant
from core.errors import MianshenError, RefusedError, RunError
from delivery.bank_verdicts import SAID_LINES, judge
from engine.claims import claim_night
from engine.compute import compute
from engine.night import gather
from engine.payouts import due_now, freeze
from engine.publish import prepare, publish
from store.bank_lines import BankFileHead, attempts_with, keep_bank_file, reopen_items, said_before
from store.batches import BatchHead, read_lines
from store.cases import chosen_for_set_off
from store.codes import StoreCode, StoreInvariantError
from store.freezing import add_batch
from store.inquiries import Found, Statement, confirm_found, state_found
from store.ledger import LedgerChanges, write_ledger
from store.opening import Store, open_store
from store.payouts import stop_batch
from store.positions import read_obligations
from store.runs import Signed, enter_state
from store.set_offs import KeptBack, keep_back
from store.states.funds import Account
from store.states.nights import RunState
from store.states.paying import AttemptState
from tests.laws.stored_money import check_money
from tests.store import paying
from tests.store.failing import Disk, Moment, failing_disk
from tests.store.worlds import (
    CLOCK_START,
    DAY,
    as_it_is,
    clock_at,
    lines,
    open_grant,
    owe,
    posting,
    postings,
    register,
    seen,
)
from tests.world import World, day

Deed = Callable[[Store], object]
CARD = {"等级": "1", "发证": "2020-01-01", "起": "2020-01-01", "止": "2029-12-31"}


@dataclass
class Payment:
    """Two people's obligations, and each step that their money takes, in order."""

    keys: list[str]

    def freeze(self, store: Store) -> None:
        """Collect what is open."""
        with store.writing() as tx:
            own = pl.concat(lines(tx, key, 1, 2) for key in self.keys)
            add_batch(tx, BatchHead("b_1", "nursing-allowance", "t", "o", DAY), own, run_id=None, made_by="maker")

    def approve(self, store: Store) -> None:
        """The second of two people agrees."""
        with store.writing() as tx:
            paying.approve(tx, "b_1", by="second", needed=1)

    def export(self, store: Store) -> None:
        """It goes out in two files."""
        with store.writing() as tx:
            paying.export(tx, "b_1", files=2)

    def take_in(self, store: Store) -> None:
        """The bank has paid some, and sends others back."""
        with store.writing() as tx:
            references = read_lines(tx, "b_1", is_whole=True)["reference"].sort()
            words = itertools.cycle(["paid", "failed", "paid", "returned"])
            amounts = dict(read_lines(tx, "b_1", is_whole=True).select("reference", "amount_fen").iter_rows())
            rows = [
                {"line": number, "reference": each, "amount_fen": amounts[each], "outcome": next(words)}
                for number, each in enumerate(references, start=1)
            ]
            said = pl.DataFrame(rows, schema=SAID_LINES)
            judged = judge(said, attempts_with(tx, references), said_before(tx, references), keyed=as_it_is)
            keep_bank_file(tx, BankFileHead("bank", "returns", "text", "sha"), judged, by="paymaster")

    def reissue(self, store: Store) -> None:
        """What came back is open again."""
        with store.writing() as tx:
            whole = read_lines(tx, "b_1", is_whole=True)
            back = whole.filter(pl.col("attempt_state").is_in([AttemptState.CONFIRMED_FAILED, AttemptState.RETURNED]))
            reopen_items(tx, back["reference"])

    def contradict(self, store: Store) -> None:
        """What came back is in a batch again; then the bank says that it had paid it."""
        with store.writing() as tx:
            own = pl.concat(lines(tx, key, 2) for key in self.keys)
            add_batch(tx, BatchHead("b_2", "nursing-allowance", "t", "o", DAY), own, run_id=None, made_by="maker")
            whole = read_lines(tx, "b_1", is_whole=True)
            back = whole.filter(pl.col("attempt_state") == AttemptState.CONFIRMED_FAILED)
            paying.hear(tx, [paying.line(tx, "b_1", each, "paid") for each in back["item_id"]])
            statement = Statement(Found.PAID, "a letter", reference=back["reference"][0])
            state_found(tx, "b_1", statement, by="colleague")

    def settle(self, store: Store) -> None:
        """The second of two people settles that one of it was paid: it leaves the batch that was to pay it again."""
        with store.writing() as tx:
            confirm_found(tx, "b_1", 1, by="second")

    def claim(self, store: Store) -> None:
        """The first of them was overpaid; the claim stands, and is to be set off."""
        with store.writing() as tx:
            (record,) = read_obligations(tx, self.keys[:1])
            rows = postings(posting(self.keys[0], Account.CASE, 0, 100))
            write_ledger(tx, LedgerChanges(postings=rows, seen=seen(**{self.keys[0]: record.version})), run_id=None)
            paying.choose_set_off(tx, self.keys[0])

    def set_off(self, store: Store) -> None:
        """Half of a payment to the other one is kept back for it."""
        with store.writing() as tx:
            (case,) = chosen_for_set_off(tx)
            parts = paying.kept_back(self.keys[1], 1, 3, [(40, case.case_id), (60, None)])
            keep_back(tx, KeptBack("nursing-allowance", DAY, parts), run_id=None)

    def stop(self, store: Store) -> None:
        """Somebody stops it."""
        with store.writing() as tx:
            stop_batch(tx, "b_1", by="supervisor", reason="a call")


BEFORE = {
    "freeze": (),
    "approve": ("freeze",),
    "stop": ("freeze", "approve"),
    "export": ("freeze", "approve"),
    "take_in": ("freeze", "approve", "export"),
    "reissue": ("freeze", "approve", "export", "take_in"),
    "set_off": ("claim",),
    "settle": ("freeze", "approve", "export", "take_in", "reissue", "contradict"),
}
"""The steps of a payment, each with those that come before it."""


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    """Return the disk on which every database of the test lies."""
    return failing_disk(monkeypatch)


@pytest.mark.parametrize("step", BEFORE)
def test_no_step_of_a_payment_is_half_done(disk: Disk, tmp_path: Path, step: str) -> None:
    """Frozen, approved, stopped, sent, answered and paid again: each step in one piece."""
    stage = tmp_path / "stage.db"
    with open_store(f"sqlite:///{stage}", clock=clock_at(CLOCK_START)) as store:
        subjects = register(store, "a", "b")
        with store.writing() as tx:
            payment = Payment([owe(tx, open_grant(tx, subject), 100, 200) for subject in subjects])
        for before in BEFORE[step]:
            getattr(payment, before)(store)

    tried = _fail_each(disk, stage, getattr(payment, step))

    assert tried.statements >= 3
    assert tried.commits == 1


def test_no_night_is_half_published(disk: Disk, tmp_path: Path) -> None:
    """Items, batch, notices, acts and the flip of a night on a pay day: all of them with one commit."""
    world = World.at(tmp_path / "w")
    world.people("abc")
    world.deliver("cards", [{"who": who, **CARD} for who in "ab"], on="2025-01-02")
    world.rule(on="2025-01-03")
    world.night("2025-01-31")
    world.clock.instant = civil_instant(day("2025-02-17"), 22)
    deployment = world.deployment
    claim = claim_night(world.store, world.clock, day("2025-02-17"))
    with world.store.writing() as tx:
        enter_state(tx, claim, RunState.RUNNING)
    with world.store.reading() as rx:
        night = gather(rx, world.root, deployment.catalogue, business_date=claim.business_date, known_at=claim.known_at)
        computed = compute(rx, night, lambda _: None)
        collected = freeze(due_now(rx, computed, deployment.calendar), deployment.book("night"))
    publication = prepare(deployment.workspace, computed, collected.batches, is_dry_run=False)
    world.store.close()
    assert publication.batches

    def deed(store: Store) -> None:
        publish(store, claim, computed, publication, summary={}, signed=Signed("night", ()))

    tried = _fail_each(disk, world.root / "mianshen.db", deed, instant_of=world)

    assert tried.statements >= 15
    assert tried.commits == 1


@dataclass(frozen=True)
class Tried:
    """How many statements, commits among them, were failed one by one."""

    statements: int
    commits: int


def _fail_each(disk: Disk, stage: Path, deed: Deed, *, instant_of: World | None = None) -> Tried:
    """Fail each statement of a deed in turn, on a copy of a database."""
    clock = clock_at(CLOCK_START) if instant_of is None else instant_of.clock
    work = stage.with_name("work.db")

    def try_it(fails_at: int | None = None, moment: Moment = Moment.BEFORE) -> tuple[list[str], MianshenError | None]:
        """Do the deed on a fresh copy; return what is there then, and the error."""
        for path in stage.parent.glob("work.db*"):
            path.unlink()
        shutil.copy(stage, work)
        failed = None
        with open_store(f"sqlite:///{work}", clock=clock) as store:
            try:
                with disk.watched(fails_at, moment):
                    deed(store)
            except RunError as error:
                failed = error
        return _rows(work), failed

    before = _rows(stage)
    after, _ = try_it()
    statements, commits = disk.asked, disk.commits
    _check(work, clock)
    assert before != after
    for number in range(1, statements + 1):
        left, error = try_it(number)
        assert error is not None
        assert error.findings[0].code is StoreCode.DISK_FULL, "an operator is told what to do"
        assert left == before, f"statement {number} left something behind"
    for number in range(1, commits + 1):
        kept, error = try_it(number, Moment.AFTER)
        assert error is not None
        assert kept == after
        with open_store(f"sqlite:///{work}", clock=clock) as store, pytest.raises((RefusedError, StoreInvariantError)):
            deed(store)
        assert _rows(work) == after, "done twice"
    return Tried(statements, commits)


def _rows(path: Path) -> list[str]:
    """Return everything that a database holds."""
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def _check(path: Path, clock: Clock) -> None:
    with open_store(f"sqlite:///{path}", clock=clock) as store, store.reading() as rx:
        check_money(rx)
