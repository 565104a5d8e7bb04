"""Provokes the refusals of a batch that goes out of a whole workspace, with a vault and files."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.errors import MianshenError
from engine.paying.advising import advise_receiver
from engine.paying.deciding import approve
from engine.paying.exporting import export, put_in_place
from store.batches import BatchRecord, read_batches, read_lines
from tests.commands.conftest import CARD
from tests.world import World

_ID = re.compile(r"b_[a-z2-7]{16}")


def paying(folder: Path, case: dict[str, Any]) -> str:
    """Do the deed named `deed`, one of those below, with a batch that is approved."""
    world = World.at(folder / "w")
    try:
        world.people("ab")
        world.deliver("cards", [{"who": who, **CARD} for who in "ab"], on="2025-01-02")
        world.rule(on="2025-01-03")
        world.night("2025-01-15")
        with world.store.reading() as rx:
            (batch,) = read_batches(rx)
        approve(world.deployment, batch.batch_id, content_hash=batch.content_hash, by="signatory")
        _DEEDS[case["deed"]](world, batch)
    except MianshenError as error:
        return _ID.sub("b_…", str(error))
    finally:
        world.store.close()
    return ""


def _forget_an_account(world: World, batch: BatchRecord) -> None:
    with world.store.writing() as tx:
        first = read_lines(tx, batch.batch_id)["subject_id"][0]
        tx.connection.exec_driver_sql(f"delete from personal where field = 'account' and subject_id = '{first}'")  # noqa: S608  # our own id


def _export_to_another_account(world: World, batch: BatchRecord) -> None:
    _forget_an_account(world, batch)
    export(world.deployment, batch.batch_id, by="paymaster")


def _make_another_file(world: World, batch: BatchRecord) -> None:
    gone = export(world.deployment, batch.batch_id, by="paymaster")
    gone.paths[0].unlink()
    with world.store.writing() as tx:
        tx.connection.exec_driver_sql("update payment_file set sha256 = 'of another file'")
    put_in_place(world.deployment, batch.batch_id)


def _ask_what_was_paid(world: World, batch: BatchRecord) -> None:
    with world.store.reading() as rx:
        first = read_lines(rx, batch.batch_id)["subject_id"][0]
    since, through = batch.pay_day, batch.pay_day
    advise_receiver(world.deployment, first, by="paymaster", since=since, through=through)


_DEEDS: dict[str, Callable[[World, BatchRecord], None]] = {
    "export to another account": _export_to_another_account,
    "make another file": _make_another_file,
    "ask what was paid": _ask_what_was_paid,
}

PROBES = {"paying": paying}
