"""Serves the pages in the foreground until stopped."""

import logging
import os
import signal
import socket
import threading
from contextlib import suppress

import uvicorn
from rich.console import Console

from core.errors import MianshenError, RunError
from engine.codes import RunCode
from engine.deployment import Deployment
from engine.errands.runner import errands_beside
from pages.web.app import create_app
from pages.web.envelope import LOG
from store.row_security import prepare_role


def serve(deployment: Deployment, host: str, port: int) -> None:
    """Serve on an address, port 0 being any that is free; the server ends on Ctrl-C or SIGTERM.

    Fails: RunError where nobody may listen there.
    """
    _prepare(deployment)
    with listening(host, port) as listener:
        port = listener.getsockname()[1]
        config = uvicorn.Config(create_app(deployment), log_level="warning", server_header=False)
        shown = f"[{host}]" if listener.family is socket.AF_INET6 else host
        Console(stderr=True, highlight=False, markup=False).print(f"http://{shown}:{port}  stop with Ctrl-C")
        LOG.setLevel(logging.INFO)
        LOG.addHandler(logging.StreamHandler())
        if threading.current_thread() is threading.main_thread():  # so that errands are ended in order by SIGTERM too
            signal.signal(signal.SIGTERM, signal.default_int_handler)
        with suppress(KeyboardInterrupt), errands_beside(deployment):  # how a server in the foreground is stopped
            uvicorn.Server(config).run(sockets=[listener])


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
