"""Serves the pages in the foreground until stopped: in this process, or in several that listen together.

Several are alike and know nothing of each other: what they share is the socket, the database, and what they count. What is to run once, the errands
of the desk, runs beside them in the process that began them.
"""

import logging
import multiprocessing
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Final

import uvicorn
from rich.console import Console

from core.clock import SystemClock
from core.collector import search_seldom
from core.errors import MianshenError, RunError
from engine.codes import RunCode
from engine.deployment import Deployment, deployed
from engine.errands.runner import errands_beside
from engine.explaining.last_night import last_night_ready
from pages.web.app import create_app
from pages.web.envelope import LOG
from pages.web.limits import Rates, Shared
from pages.web.metrics import counted_together
from pages.web.presence import Presence
from store.row_security import prepare_role

ENDS_SECONDS: Final = 10.0  # how long a process that is told to end may go on answering
AGAIN_SECONDS: Final = (
    1.0  # until another takes the place of one that ended, so that one that cannot begin costs little
)


def serve(deployment: Deployment, host: str, port: int, *, processes: int = 1) -> None:
    """Serve on an address, port 0 being any that is free; the server ends on Ctrl-C or SIGTERM.

    Fails: RunError where nobody may listen there.
    """
    _prepare(deployment)
    with listening(host, port) as listener:
        port = listener.getsockname()[1]
        shown = f"[{host}]" if listener.family is socket.AF_INET6 else host
        _say(f"http://{shown}:{port}  stop with Ctrl-C")
        if threading.current_thread() is threading.main_thread():  # so that errands are ended in order by SIGTERM too
            signal.signal(signal.SIGTERM, signal.default_int_handler)
        with suppress(KeyboardInterrupt), errands_beside(deployment):  # how a server in the foreground is stopped
            if processes == 1:
                _serve_alone(deployment, listener)
            else:
                _serve_in_several(deployment.workspace.root, listener, processes)


def _say(words: str) -> None:
    Console(stderr=True, highlight=False, markup=False).print(words)


@contextmanager
def _answering(deployment: Deployment, rates: Rates) -> Iterator[uvicorn.Server]:
    """Give a server that is ready to run, and what goes on beside the pages in each process that answers."""
    search_seldom()
    LOG.setLevel(logging.INFO)
    LOG.addHandler(logging.StreamHandler())
    presence = Presence(deployment.store)
    app = create_app(deployment, presence, rates)
    config = uvicorn.Config(
        app,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=int(ENDS_SECONDS),
    )
    with presence.kept_soon(), last_night_ready(deployment, app.state.rendering.read_all):
        yield uvicorn.Server(config)


def _serve_alone(deployment: Deployment, listener: socket.socket) -> None:
    with _answering(deployment, Rates()) as server:
        server.run(sockets=[listener])


def _serve_in_several(root: Path, listener: socket.socket, count: int) -> None:
    """Keep so many processes answering until interrupted; another takes the place of one that ends by itself."""
    with counted_together() as folder:
        answering = partial(answer, root, listener, Shared.within(folder))
        with _running(answering, count) as processes:
            while True:
                wait([each.sentinel for each in processes])
                processes[:] = [each if each.is_alive() else _another(answering, each) for each in processes]


def _another(answering: Callable[[], None], ended: SpawnProcess) -> SpawnProcess:
    _say(f"a process that answered ended with {ended.exitcode}; another takes its place")
    threading.Event().wait(AGAIN_SECONDS)
    return _started(answering)


@contextmanager
def _running(answering: Callable[[], None], count: int) -> Iterator[list[SpawnProcess]]:
    """Give processes that answer; at the end they are told to end, waited for, and ended."""
    processes = [_started(answering) for _ in range(count)]
    try:
        yield processes
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.join(ENDS_SECONDS)
            process.kill()
            process.join()


def _started(answering: Callable[[], None]) -> SpawnProcess:
    context = multiprocessing.get_context("spawn")  # a fork would copy locks that other threads hold
    process = context.Process(target=answering, name="pages", daemon=True)
    # Ctrl-C reaches every process of a terminal, and is for the one that began them: the others inherit that it is held back.
    held_back = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held_back)
    return process


def answer(root: Path, listener: socket.socket, shared: Shared) -> None:
    """Answer what comes to a socket that others listen to as well, until told to end or the process that began this one is gone."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the database is closed at the end
    with (
        suppress(KeyboardInterrupt),
        deployed(root, SystemClock()) as deployment,
        _answering(deployment, Rates(shared)) as server,
    ):
        threading.Thread(target=_end_with_parent, args=(server,), name="parent", daemon=True).start()
        server.run(sockets=[listener])


def _end_with_parent(server: uvicorn.Server) -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    server.should_exit = True


def _prepare(deployment: Deployment) -> None:
    """Let the role of the database, by which subjects' pages go, do what they need, where the settings name one.

    Fails: RunError where there is none, or where it would hold nothing back.
    """
    role = deployment.workspace.settings.web.database_role
    if role is not None:
        with deployment.store.writing() as tx:
            prepare_role(tx.connection, role)


def listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens on an address.

    Fails: RunError where nobody may listen there.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        made = socket.create_server((host, port), family=family)
        # Said to be TCP, it and what it accepts: only then does asyncio send small answers at once, and not 40 ms later.
        return socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, fileno=made.detach())
    except socket.gaierror as fault:
        raise _unusable(host, port, fault.strerror) from fault
    except OSError as fault:
        raise _unusable(host, port, fault.errno and os.strerror(fault.errno)) from fault  # its own words are long


def _unusable(host: str, port: int, reason: str | int | None) -> MianshenError:
    message = f"nobody can listen there: {str(reason or 'unknown reason').lower()}"
    help_line = "name another address with `--host` and `--port`, or stop what listens there"
    return RunError.one(RunCode.ADDRESS, f"{host}:{port}", message, help_line)
