"""Nights as operators know them: once, again, rehearsed, killed, and on time."""

import datetime as dt
import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.clock import civil_instant
from core.errors import EXIT_REFUSED, RefusedError
from engine.policy_match import Matching, match_here
from engine.run import NightOptions, run_night
from engine.schedule import due_date, run_what_is_due
from store.runs import latest_published
from tests.world import World, day

ROOT = Path(__file__).parents[2]
CARD = {"等级": "1", "发证": "2020-01-01", "起": "2020-01-01", "止": "2029-12-31"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World.at(tmp_path / "w")
    made.people("abc")
    made.deliver("cards", [{"who": who, **CARD} for who in "ab"], on="2025-01-02")
    made.rule(on="2025-01-03")
    yield made
    made.store.close()


def content(world: World) -> dict[str, str]:
    """Return the digest of every file of a workspace, and of what the database holds."""
    files = [path for path in sorted(world.root.rglob("*")) if path.is_file() and "mianshen.db" not in path.name]
    digests = {path.relative_to(world.root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    with world.store.reading() as rx:
        below = rx.connection.connection.driver_connection
        assert below is not None
        digests["database"] = hashlib.sha256("\n".join(below.iterdump()).encode()).hexdigest()
    return digests


def test_a_published_night_is_not_run_again(world: World) -> None:
    """The second run of a date is refused, with its own exit code, and changes not a byte."""
    world.night("2025-01-31")
    before = content(world)

    with pytest.raises(RefusedError) as refusal:
        world.night("2025-01-31")

    assert refusal.value.exit_code == EXIT_REFUSED
    assert content(world) == before


def test_a_night_without_news_writes_no_item_and_tells_nobody(world: World) -> None:
    """The next night of the same month finds nothing to do."""
    world.night("2025-01-20")
    held = world.items("a"), world.states("a")

    report = world.night("2025-01-21")

    assert (world.items("a"), world.states("a")) == held
    assert (report.notice_count, report.batches) == (0, ())
    assert sum(tally.opened_count + tally.cancelled_count + tally.case_count for tally in report.policies) == 0


def test_a_rehearsal_writes_nothing(world: World) -> None:
    """A dry run says what would happen; no file and no row is different."""
    before = content(world)

    report = run_night(
        world.deployment, day("2025-01-31"), options=NightOptions(is_dry_run=True), progress=lambda _: None
    )

    assert report.policies[0].new_count == 2
    assert content(world) == before


def test_the_same_inputs_give_the_same_bytes(tmp_path: Path) -> None:
    """Two workspaces with the same keys, deliveries and clock end with the same run folders and manifest."""
    runs: list[tuple[str, dict[str, str]]] = []
    for name in ("one", "two"):
        world = World.at(tmp_path / name)
        if runs:
            (world.root / "keys").write_bytes((tmp_path / "one" / "keys").read_bytes())
        world.people("abc")
        world.deliver("cards", [{"who": who, **CARD} for who in "ab"], on="2025-01-02")
        world.rule(on="2025-01-03")
        report = world.night("2025-01-31")
        frames = {key: digest for key, digest in content(world).items() if key.startswith("runs/")}
        runs.append((report.manifest_hash, frames))
        world.store.close()

    assert runs[0] == runs[1]


KILLED = """
import os, signal, sys, datetime as dt
from pathlib import Path
from core.clock import FixedClock, civil_instant
from engine.deployment import deployed
from engine.run import NightOptions, run_night
count = 0
def progress(stage):
    global count
    count += 1
    if count == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
date = dt.date(2025, 1, 31)
with deployed(Path(sys.argv[1]), FixedClock(civil_instant(date, 22))) as deployment:
    run_night(deployment, date, options=NightOptions(), progress=progress)
"""


def _run_and_die(world: World, at_stage: int) -> int:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", KILLED, str(world.root), str(at_stage)]
    return subprocess.run(command, env=environment, cwd=ROOT, check=False, capture_output=True).returncode


@pytest.mark.parametrize("stage", [1, 3, 5])
def test_killed_and_started_again_it_ends_the_same(world: World, tmp_path: Path, stage: int) -> None:
    """Killed at any stage, the night leaves nothing; started again at once, it ends as if nothing had happened."""
    before = content(world)["database"]
    assert _run_and_die(world, stage) == -signal.SIGKILL
    with world.store.reading() as rx:
        assert latest_published(rx, "night") is None
    assert world.states("a") == {}

    world.night("2025-01-31")

    assert content(world)["database"] != before
    assert world.items("a") == {"2025-01": [150]}
    assert world.states("a") == {"2025-01": ["in_batch"]}
    assert not list((world.root / "runs").glob(".*"))


@pytest.mark.parametrize(
    ("hour", "expected"),
    [(1, "2025-01-30"), (2, "2025-01-31"), (23, "2025-01-31")],
)
def test_a_night_is_due_from_its_hour_on(hour: int, expected: str) -> None:
    """Before the hour of the settings, yesterday's night is the newest that is due."""
    assert due_date(civil_instant(day("2025-01-31"), hour), 2) == day(expected)


def test_after_days_down_there_is_one_night(world: World) -> None:
    """Down for a week: one run, for the latest date; asked again, nothing to do."""
    world.night("2025-01-20")
    world.clock.instant = civil_instant(day("2025-01-28"), 9)

    first = run_what_is_due(world.deployment, said=lambda _: None)
    again = run_what_is_due(world.deployment, said=lambda _: None)

    assert first is not None
    assert first.business_date == day("2025-01-28")
    assert again is None


def test_what_matches_is_there_for_a_night_alone(world: World) -> None:
    """A cluster is spoken to where a night is due, let go after it, and not asked for where none is."""
    world.night("2025-01-20")
    world.clock.instant = civil_instant(day("2025-01-28"), 9)
    told: list[str] = []

    @contextmanager
    def opened() -> Iterator[Matching]:
        told.append("opened")
        yield match_here
        told.append("closed")

    first = run_what_is_due(world.deployment, said=told.append, opened=opened)
    again = run_what_is_due(world.deployment, said=told.append, opened=opened)

    assert (first is None, again is None) == (False, True)
    assert told == ["opened", "closed"]


def test_which_nights_ran_does_not_matter(tmp_path: Path) -> None:
    """Every day of ten, or only the last: the same items."""
    held = []
    for name, dates in (("all", range(5, 15)), ("last", range(14, 15))):
        world = World.at(tmp_path / name)
        world.people("ab")
        world.rule(
            terms="{period: month, arrears: {months: 1}, pay: {calendar: yearly, day: 1, month: 12}}", on="2025-03-01"
        )
        for number in dates if name == "all" else range(5, 15):
            if number == 6:
                world.deliver("cards", [{"who": "a", **CARD}], on="2025-03-06")
            if number == 9:
                world.deliver("cards", [{"who": who, **CARD} for who in "ab"], on="2025-03-09")
            if number in dates:
                world.night(f"2025-03-{number:02d}")
        held.append((world.items("a"), world.items("b")))
        world.store.close()

    assert held[0] == held[1]
    assert held[0][0] == {"2025-02": [150], "2025-03": [150]}


def test_a_pay_day_freezes_one_batch_per_policy_and_payer(world: World) -> None:
    """Its count, total and files are what the ledger says; accounts stay text."""
    world.night("2025-01-31")
    report = world.night(str(dt.date(2025, 2, 17)))

    (batch,) = report.batches
    folder = world.root / "payouts" / "review" / str(batch.pay_day)
    assert (batch.item_count, batch.total_fen) == (2, 30000)
    assert sorted(path.suffix for path in folder.iterdir()) == [".csv", ".xlsx"]
    assert f'"6222000{0}{ord("a"):04d}"' in (folder / f"{batch.batch_id}.csv").read_text("utf-8-sig")
