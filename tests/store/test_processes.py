"""Several processes at one database: killed in the middle, and racing for the same thing."""

import datetime as dt
import signal
import threading
from collections.abc import Callable

import polars as pl
import pytest
import sqlalchemy as sa

from core.errors import RefusedError
from core.ledger import ItemState
from store.batches import BatchHead
from store.freezing import add_batch
from store.ledger import LedgerChanges, write_ledger
from store.opening import Store, open_store
from store.positions import read_obligations, read_positions
from store.runs import claim_run
from store.tables import Subject, table_of
from store.vault import StoredVault
from tests.store import paying
from tests.store.worlds import (
    CLOCK_START,
    DAY,
    LOAD,
    clock_at,
    lines,
    moves,
    open_grant,
    owe,
    register,
    seals,
    seen,
    start,
)

LEASE = dt.timedelta(minutes=5)

_PREPARE = """
import sys, datetime as dt
import polars as pl
from store.opening import open_store
from tests.store import paying
from tests.store.worlds import *
store = open_store(sys.argv[1], clock=clock_at(CLOCK_START))
"""

_DIE_INSIDE = (
    _PREPARE
    + """
with store.writing() as tx:
    numbers = pl.Series([str(number) for number in range(2_000)])
    ids = StoredVault(tx, seals()).resolve("person", numbers, load=LOAD, first_seen_at=tx.now)
    owe(tx, open_grant(tx, ids[0]), 100, 200)
    print("inside", flush=True)
    sys.stdin.read()
"""
)

_COMMIT_FOR_EVER = (
    _PREPARE
    + """
for number in range(100_000):
    (subject,) = register(store, sys.argv[2] + str(number))
    with store.writing() as tx:
        owe(tx, open_grant(tx, subject), 100, 200)
    print("committed", flush=True)
"""
)

_CLAIM = (
    _PREPARE
    + """
from core.errors import RefusedError
from store.runs import claim_run
print("ready", flush=True)
sys.stdin.readline()
try:
    with store.writing() as tx:
        claim = claim_run(tx, "night", DAY, holder=sys.argv[2], lease=dt.timedelta(minutes=5), known_at=tx.now)
    print("won", claim.token, flush=True)
except RefusedError as error:
    print("lost", error.findings[0].code, flush=True)
"""
)


def test_a_process_killed_inside_a_transaction_leaves_nothing(url: str) -> None:
    """Neither rows nor locks: the next writer goes on at once."""
    child = start(_DIE_INSIDE, url)
    assert child.stdout is not None
    assert child.stdout.readline() == "inside\n"
    child.send_signal(signal.SIGKILL)
    child.communicate()

    with open_store(url, clock=clock_at(CLOCK_START)) as store:
        with store.reading() as rx:
            assert rx.connection.scalar(sa.select(sa.func.count()).select_from(table_of(Subject))) == 0
            assert read_positions(rx).is_empty()
        assert len(register(store, "a")) == 1


def test_whatever_was_committed_before_a_kill_is_whole(url: str) -> None:
    """Killed again and again at any moment, each obligation has all its items or does not exist."""
    for round_number in range(3):
        child = start(_COMMIT_FOR_EVER, url, f"{round_number}-")
        assert child.stdout is not None
        for _ in range(3 + round_number):
            assert child.stdout.readline() == "committed\n"
        child.send_signal(signal.SIGKILL)
        child.communicate()

    with open_store(url, clock=clock_at(CLOCK_START)) as store, store.reading() as rx:
        positions = read_positions(rx)
    assert positions.height >= 3 + 4 + 5
    assert positions["held_fen"].unique().to_list() == [300]
    assert positions["version"].unique().to_list() == [1]


def test_of_two_processes_exactly_one_claims_the_run(url: str) -> None:
    """The other is told that it is taken."""
    children = [start(_CLAIM, url, holder) for holder in ("one", "other")]
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()

    assert sorted(child.communicate()[0] for child in children) == ["lost E309\n", "won 1\n"]


def _together(*steps: Callable[[], object]) -> list[object]:
    """Run steps at the same time, each in a thread; return what they gave or raised, in order."""
    results: list[object] = [None] * len(steps)
    barrier = threading.Barrier(len(steps))

    def run(number: int) -> None:
        barrier.wait()
        try:
            results[number] = steps[number]()
        except RefusedError as error:
            results[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(steps))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_two_loads_that_meet_the_same_new_numbers(store: Store) -> None:
    """Both get the same subjects, and each subject is registered once."""
    numbers = pl.Series([str(number) for number in range(500)])

    def resolve() -> list[str]:
        with store.writing() as tx:
            vault = StoredVault(tx, seals())
            return vault.resolve("person", numbers, load=LOAD, first_seen_at=tx.now).to_list()

    one, other = _together(resolve, resolve)

    assert one == other
    with store.reading() as rx:
        assert rx.connection.scalar(sa.select(sa.func.count()).select_from(table_of(Subject))) == 500


@pytest.mark.parametrize("round_number", range(3))
def test_an_export_and_a_cancellation_never_both_happen(store: Store, round_number: int) -> None:
    """What went out is not cancelled, what was cancelled does not go out."""
    (subject,) = register(store, "a")
    with store.writing() as tx:
        key = owe(tx, open_grant(tx, subject), 100)
        add_batch(tx, BatchHead("b_1", "p", "t", "o", DAY), lines(tx, key, 1), run_id=None)
        paying.approve(tx, "b_1")
    cancelled = moves(key, (1, ItemState.IN_BATCH, ItemState.CANCELLED))

    def cancel() -> None:
        with store.writing() as tx:
            write_ledger(tx, LedgerChanges(item_moves=cancelled, seen=seen(**{key: 2})), run_id="r_1")

    def export() -> None:
        with store.writing() as tx:
            paying.export(tx, "b_1")

    results = _together(cancel, export)

    assert sorted(isinstance(result, RefusedError) for result in results) == [False, True]
    with store.reading() as rx:
        state = read_obligations(rx, [key])[0].items[0].state
    assert state is (ItemState.INSTRUCTED if isinstance(results[0], RefusedError) else ItemState.CANCELLED)


def test_nights_of_two_dates_race(store: Store) -> None:
    """Of several claims on one job, whatever their dates, exactly one wins."""

    def claim(day: int) -> Callable[[], int]:
        def run() -> int:
            with store.writing() as tx:
                date = DAY.replace(day=day)
                return claim_run(tx, "night", date, holder=str(day), lease=LEASE, known_at=tx.now).token

        return run

    results = _together(claim(2), claim(3), claim(3), claim(4))

    assert [result for result in results if not isinstance(result, RefusedError)] == [1]
