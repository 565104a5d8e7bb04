"""The right to run a night: one process per business date, held by a lease that the holder keeps alive.

A process that was killed on this machine is known to be dead at once; one that vanished elsewhere is
waited for until its lease has passed.
"""

import datetime as dt
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.clock import Clock, civil_day
from core.errors import RefusedError, RunError
from core.findings import Finding, Place
from engine.codes import RunCode
from engine.night import JOB
from store.opening import Store
from store.runs import RunClaim, claim_run, expire_lease, keep_run, runs_of
from store.states.nights import LIVE_RUN

LEASE = dt.timedelta(minutes=5)  # how long a process that vanished elsewhere is waited for
HEARTBEAT_SECONDS = 60.0  # several beats may fail before the lease passes


def holder_name() -> str:
    """Return this process by machine, number and the moment it began, so that a reused number is another."""
    return f"{socket.gethostname()}:{os.getpid()}:{_began(os.getpid())}"


def claim_night(store: Store, clock: Clock, business_date: dt.date) -> RunClaim:
    """Claim the night of a business date.

    Fails: RefusedError where the date lies ahead, where its night or a later one is published, or where another
           process works on one.
    """
    if business_date > civil_day(clock.now()):
        message = "a day that has not come cannot be published"
        help_line = "look ahead with `--dry-run`; published, it would bar every night before it"
        raise RefusedError([Finding(RunCode.DATE_AHEAD, Place(f"{JOB} {business_date}"), message, help_line)])
    with store.writing() as tx:
        for run in runs_of(tx, JOB):
            if run.state in LIVE_RUN and is_dead(run.holder):
                expire_lease(tx, run)
        return claim_run(tx, JOB, business_date, holder=holder_name(), lease=LEASE, known_at=clock.now())


@contextmanager
def kept_alive(store: Store, claim: RunClaim) -> Iterator[None]:
    """Extend the lease while the work in the block goes on.

    A beat that fails is left to the fence: whoever took the run over has a higher token, and publishing
    with this one is refused.
    """
    done = threading.Event()

    def beat() -> None:
        while not done.wait(HEARTBEAT_SECONDS):
            try:
                with store.writing() as tx:
                    keep_run(tx, claim, LEASE)
            except RefusedError:
                return  # taken over: publishing will be refused
            except RunError:
                continue  # the night itself is writing, or the database is away; the next beat may get through

    thread = threading.Thread(target=beat, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def is_dead(holder: str) -> bool:
    """Say whether a holder was a process of this machine that is gone."""
    machine, _, rest = holder.partition(":")
    number, _, began = rest.partition(":")
    return machine == socket.gethostname() and number.isdigit() and _began(int(number)) != began


def _began(process: int) -> str:
    """Return when a process began, in ticks since the machine did; empty where it is gone.

    Where the system has no such record, a living process is told by its number alone.
    """
    record = Path(f"/proc/{process}/stat")
    try:
        return record.read_text("utf-8").rpartition(")")[2].split()[19]
    except OSError:
        return "" if record.parent.parent.joinpath("self").exists() else _living(process)


def _living(process: int) -> str:
    try:
        os.kill(process, 0)
    except OSError:
        return ""
    return "alive"
