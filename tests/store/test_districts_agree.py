"""A whole small district on both databases: deliveries, rules, three nights, payouts and notices."""

from pathlib import Path

import polars as pl
import psycopg
import pytest

from core.clock import FixedClock, civil_instant
from core.keys import KEYS_VARIABLE, create_keys
from core.ledger import ItemState
from engine.demo import Demo, run_demo
from engine.deployment import deployed
from engine.replaying.replay import Verdict
from store.cases import read_cases
from store.grants import read_acts, read_grants
from store.outbox import read_notices
from store.positions import read_items, read_positions
from tests.commands.terminal import files
from tests.replayed import replays

WRITTEN = ("payouts", "outbox", "runs", "snapshots")


def ledger_of(demo: Demo) -> dict[str, list[str]]:
    """Return what the database holds in the end, row by row."""
    last = demo.nights[-1].business_date
    with (
        deployed(demo.root, FixedClock(civil_instant(last))) as deployment,
        deployment.store.reading() as rx,
    ):
        frames: dict[str, pl.DataFrame] = {
            "grants": read_grants(rx),
            "positions": read_positions(rx),
            "items": read_items(rx, states=list(ItemState)),
            "cases": read_cases(rx),
        }
        rows = {name: sorted(map(repr, frame.iter_rows(named=True))) for name, frame in frames.items()}
        notices = sorted(map(repr, read_notices(rx, count_max=100_000)))
        return {**rows, "acts": sorted(map(repr, read_acts(rx))), "notices": notices}


def written_by(demo: Demo) -> dict[str, str]:
    """Return the digests of the files that loads and nights write."""
    return {path: digest for path, digest in files(demo.root).items() if path.split("/")[0] in WRITTEN}


def test_a_district_comes_to_the_same_on_both(postgresql: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same reports with their manifests, files to the byte, the same ledger; and every night can be replayed."""
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute("create database district template template0")
    create_keys(tmp_path / "keys")
    monkeypatch.setenv(KEYS_VARIABLE, (tmp_path / "keys").read_text("utf-8"))
    demos = []
    for name, url in (("one", "sqlite:///mianshen.db"), ("other", postgresql.replace("/newest?", "/district?"))):
        monkeypatch.setenv("MIANSHEN_DATABASE_URL", url)
        demo = run_demo(tmp_path / name, people=300, enterprises=40, seed=7, said=lambda _: None)
        demos.append((demo, ledger_of(demo), written_by(demo)))

        with deployed(demo.root, FixedClock(civil_instant(demo.nights[-1].business_date))) as deployment:
            assert [each.verdict for each in replays(deployment)] == [Verdict.EQUAL] * len(demo.nights)

    (one, ledger, written), (other, other_ledger, other_written) = demos
    assert [night.as_json() for night in other.nights] == [night.as_json() for night in one.nights]
    assert other.faults == one.faults
    assert other_ledger == ledger
    assert other_written == written
    assert min(len(ledger[name]) for name in ("grants", "positions", "items", "cases", "notices")) > 0
