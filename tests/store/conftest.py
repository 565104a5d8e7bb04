"""The two databases, real both: every test that takes `store` or `url` runs on SQLite and on PostgreSQL."""

import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from store.opening import Store, open_store
from tests.store.postgresql import empty, execute, running
from tests.store.worlds import CLOCK_START, clock_at

_NUMBERS = count()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """Start a throw-away server; give the URL of its database `newest`, which is at our newest schema."""
    with running() as url:
        yield url


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
    execute(server, f"create database {name} template template0")
    return server.replace("/newest?", f"/{name}?")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of a database without rows at our newest schema."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite"), tmp_path / "mianshen.db")
        return f"sqlite:///{tmp_path}/mianshen.db"
    newest: str = request.getfixturevalue("postgresql")
    empty(newest)
    return newest


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """Return an open store whose clock stands still; `tests.store.worlds.later` moves it."""
    with open_store(url, clock=clock_at(CLOCK_START)) as opened:
        yield opened
