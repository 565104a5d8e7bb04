"""Carries errands out beside a server, one after the other, each in a process of its own.

A process of its own leaves the pages quick and gives its memory back; where it dies, of whatever, its errand is broken off
and the server goes on. The errand is held by the very process that works on it, so that any server sees when that is gone.
"""

import multiprocessing
import signal
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from core.clock import SystemClock
from core.errors import RunError
from engine.claims import holder_name, is_dead
from engine.compute import Progress
from engine.deployment import Deployment, deployed
from engine.errands.doing import carry_out
from store.audit_chain import JSON
from store.errands import Errand, end_errand, errand_of, hand_over, keep_errand, settle_errands, take_errand, waits
from store.opening import Store
from store.states.errands import ErrandState

LOOKS_SECONDS: Final = 1.0  # how often a server looks for what was asked
BEAT_SECONDS: Final = 2.0  # how often progress is written; the lease is for many beats
_FRAMES_MAX: Final = 12
ENDS_SECONDS: Final = 10.0  # how long a process that is told to end is waited for


def take_and_carry_out(deployment: Deployment) -> Errand | None:
    """Carry out, in this very process, the errand that has waited longest; None where none waits."""
    with deployment.store.writing() as tx:
        errand = take_errand(tx, holder=holder_name(), is_dead=is_dead)
    if errand is not None:
        _carry_out(deployment.acting_as(errand.asked_by), errand)
    return errand


def _carry_out(deployment: Deployment, errand: Errand) -> None:
    """Do an errand that this process holds, and keep what came of it.

    Of a fault of ours its kind and places are kept: its words may name people.
    """
    state, result = ErrandState.FAILED, dict[str, JSON]()
    try:
        with _kept(deployment.store, errand) as progress:
            state, found = carry_out(deployment, errand, progress)
            result = dict(found)
    except Exception as fault:  # noqa: BLE001  # whatever it is, nothing may seem to run for ever
        frames = traceback.extract_tb(fault.__traceback__)[-_FRAMES_MAX:]
        places: list[JSON] = [f"{Path(each.filename).name}:{each.lineno} {each.name}" for each in frames]
        result = {"fault": type(fault).__name__, "at": places}
    with deployment.store.writing() as tx:
        end_errand(tx, errand, state, result)


@contextmanager
def _kept(store: Store, errand: Errand) -> Iterator[Progress]:
    """Extend the lease, and write what is being done, while the work in the block goes on.

    The work itself may be writing: its words are left here and written beside it.
    """
    over, words = threading.Event(), [""]

    def beat() -> None:
        while not over.wait(BEAT_SECONDS):
            with suppress(RunError), store.writing() as tx:  # another beat may get through
                keep_errand(tx, errand, words[0])

    def progress(said: str) -> None:
        words[0] = said

    thread = threading.Thread(target=beat, name="errand", daemon=True)
    thread.start()
    try:
        yield progress
    finally:
        over.set()
        thread.join()


def work(root: Path, errand_id: str, holder: str) -> None:
    """Carry out an errand that a server took, in a process of its own that takes it over."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends this process itself
    with deployed(root, SystemClock()) as deployment:
        with deployment.store.writing() as tx:
            taken = errand_of(tx, errand_id)
            is_ours = taken is not None and taken.holder == holder and hand_over(tx, taken, holder=holder_name())
            errand = errand_of(tx, errand_id)
        if is_ours and errand is not None:
            _carry_out(deployment.acting_as(errand.asked_by), errand)


@contextmanager
def errands_beside(deployment: Deployment) -> Iterator[None]:
    """Carry out what is asked for while the work in the block goes on; what is in hands at its end is broken off."""
    over = threading.Event()
    thread = threading.Thread(target=_look, args=(deployment, over), name="errands", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _look(deployment: Deployment, over: threading.Event) -> None:
    while not over.wait(LOOKS_SECONDS):
        with suppress(RunError):  # the database is away; it may be back the next time
            _take(deployment, over)


def _take(deployment: Deployment, over: threading.Event) -> None:
    """Take what has waited longest, if anything has, and have it carried out."""
    store = deployment.store
    with store.reading() as rx:
        if not waits(rx):  # so that looking takes no lock
            return
    with store.writing() as tx:
        errand = take_errand(tx, holder=holder_name(), is_dead=is_dead)
    if errand is None:
        return
    context = multiprocessing.get_context("spawn")  # a fork would copy locks that other threads hold
    arguments = (deployment.workspace.root, errand.errand_id, holder_name())
    process = context.Process(target=work, args=arguments, name="errand", daemon=True)
    process.start()
    while process.is_alive() and not over.is_set():
        process.join(LOOKS_SECONDS)
    process.terminate()
    process.join(ENDS_SECONDS)
    process.kill()
    process.join()
    with store.writing() as tx:
        left = errand_of(tx, errand.errand_id)
        if left is not None and left.holder == errand.holder:  # the process ended before it took the errand over
            end_errand(tx, left, ErrandState.BROKEN_OFF, None)
        settle_errands(tx, is_dead=is_dead)
