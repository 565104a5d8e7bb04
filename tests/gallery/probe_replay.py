"""Provokes the faults of replays."""

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
import sqlalchemy as sa

from core.errors import MianshenError
from core.product import engine_version
from engine.replaying.replay import replay_run
from tests.world import World

NIGHT = "2025-01-31"


def replay(folder: Path, case: dict[str, Any]) -> str:
    """Replay the night `night`, after one was published for 2025-01-31 and then `spoilt` as one word says."""
    world = World.at(folder / "w")
    try:
        world.people("ab")
        world.rule()
        world.night(NIGHT)
        if "spoilt" in case:
            _spoil(world, case["spoilt"])
        findings = replay_run(world.deployment, case.get("night", NIGHT), lambda _: None).findings
    except MianshenError as error:
        return str(error)
    finally:
        world.store.close()
    return "\n".join(str(each).replace(engine_version(), "0.1.0 0123456789abcdef") for each in findings)


def _spoil(world: World, what: str) -> None:
    match what:
        case "load":
            for path in (world.root / "snapshots").rglob("*.parquet"):
                path.unlink()
        case "activation":
            _write(world, "update activation set valid_from = '2025-01-02'")
        case "frame":
            pl.DataFrame({"policy": ["care"]}).write_parquet(world.root / "runs" / NIGHT / "outcomes.parquet")
        case _:
            _engine(world, "0.0.9 0123456789abcdef")


def _write(world: World, statement: str) -> None:
    with world.store.writing() as tx:
        tx.connection.execute(sa.text(statement))


def _engine(world: World, version: str) -> None:
    """Let the manifest name another engine, as that engine would have written it."""
    from engine.folder import Manifest
    from store.runs import run_of
    from store.tables import Run, table_of

    with world.store.writing() as tx:
        record = run_of(tx, "night", dt.date.fromisoformat(NIGHT))
        assert record is not None
        assert record.manifest is not None
        inputs = {**record.manifest["inputs"], "engine": version}
        manifest = {**record.manifest, "inputs": inputs}
        manifest["digest"] = Manifest(inputs, manifest["outputs"]).digest
        tx.connection.execute(sa.update(table_of(Run)).values(manifest=manifest))


PROBES = {"replay": replay}
