"""A month of a small deployment, deed by deed: run, approved, stopped or sent, answered.

Each deed begins in a workspace and a database as the deeds before it left them, and has one outcome: what there is when
nobody disturbs it.
"""

import datetime as dt
import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import sqlalchemy as sa

from core.clock import FixedClock, civil_instant
from core.errors import RefusedError
from core.workspace import open_workspace
from delivery.bank_verdicts import SAID_LINES
from engine.deployment import Deployment
from engine.paying.answers import take_in
from engine.paying.deciding import approve
from engine.paying.exporting import export
from engine.run import NightOptions, run_night
from store.audit import verify
from store.bank_lines import BankFileHead, reopen_items
from store.batches import BatchRecord, read_batches, read_lines
from store.opening import open_store
from store.payouts import stop_batch
from store.states.paying import AttemptState
from store.tables import METADATA
from tests.commands.terminal import files
from tests.laws.stored_money import check_money
from tests.world import World

PAY_DAY = dt.date(2025, 1, 15)
CARD = {"等级": "1", "发证": "2020-01-01", "起": "2020-01-01", "止": "2029-12-31"}
PEOPLE = "abcdef"
COMPARED = (
    "grant_", "obligation", "item", "act", "posting", "overpayment_case", "batch", "batch_step", "batch_approval",
    "batch_purse", "batch_item", "payment_file", "bank_file", "bank_line", "pot", "journal_entry", "notice",
    "activation_step",
)  # fmt: skip
"""What a deed comes to; claims of runs, openings of the vault and the audit chain tell rightly that it was begun twice."""

LEDGER = frozenset({"grant_", "obligation", "item", "act"})  # their revision counts changes, also those given up


@dataclass(frozen=True)
class Place:
    """A workspace's folder, and the URL of its database."""

    root: Path
    url: str

    def deployment(self, hour: int) -> Deployment:
        """Open it, at an hour of the pay day."""
        clock = FixedClock(civil_instant(PAY_DAY, hour))
        return Deployment(open_workspace(self.root), open_store(self.url, clock=clock), clock)


def begin(place: Place) -> None:
    """Begin with people who have cards, a rule that pays for them, and the night of a month before."""
    world = World.at(place.root)
    if not place.url.startswith("sqlite"):
        world.store.close()
        (place.root / "mianshen.db").unlink()
        world.deployment = Deployment(world.deployment.workspace, open_store(place.url, clock=world.clock), world.clock)
    world.people(PEOPLE)
    world.deliver("cards", [{"who": who, **CARD} for who in PEOPLE[:4]], on="2025-01-02")
    world.rule(on="2025-01-03")
    world.night("2025-01-10")
    world.store.close()


def _run(deployment: Deployment) -> None:
    run_night(deployment, PAY_DAY, options=NightOptions(), progress=lambda _: None)


def _approve(deployment: Deployment) -> None:
    (batch,) = _batches(deployment)
    approve(deployment, batch.batch_id, content_hash=batch.content_hash, by="signatory")


def _stop(deployment: Deployment) -> None:
    (batch,) = _batches(deployment)
    with deployment.store.writing() as tx:
        stop_batch(tx, batch.batch_id, by="supervisor", reason="a call")


def _export(deployment: Deployment) -> None:
    (batch,) = _batches(deployment)
    export(deployment, batch.batch_id, by="paymaster")


def _take_in(deployment: Deployment) -> None:
    words = itertools.cycle(["paid", "failed", "paid", "returned"])
    with deployment.store.reading() as rx:
        (batch,) = read_batches(rx)
        lines = read_lines(rx, batch.batch_id, is_whole=True)
    rows = [
        {"line": number, "reference": reference, "amount_fen": amount_fen, "outcome": next(words)}
        for number, (reference, amount_fen) in enumerate(
            lines.select("reference", "amount_fen").sort("reference").iter_rows(), start=1
        )
    ]
    head = BankFileHead("returns.txt", "returns", "text", "the digest of its bytes")
    take_in(deployment, head, pl.DataFrame(rows, schema=SAID_LINES), by="paymaster")


def _reissue(deployment: Deployment) -> None:
    with deployment.store.writing() as tx:
        (batch,) = read_batches(tx)
        lines = read_lines(tx, batch.batch_id, is_whole=True)
        back = [AttemptState.CONFIRMED_FAILED, AttemptState.RETURNED]
        reopen_items(tx, lines.filter(pl.col("attempt_state").is_in(back))["reference"])


def _batches(deployment: Deployment) -> Sequence[BatchRecord]:
    with deployment.store.reading() as rx:
        return read_batches(rx)


@dataclass(frozen=True)
class Deed:
    """Something that is done in one command: at which hour, and after which other deed."""

    do: Callable[[Deployment], None]
    hour: int
    after: str | None


DEEDS: Mapping[str, Deed] = {
    "run": Deed(_run, 18, None),
    "approve": Deed(_approve, 19, "run"),
    "stop": Deed(_stop, 20, "approve"),
    "export": Deed(_export, 20, "approve"),
    "import": Deed(_take_in, 21, "export"),
    "reissue": Deed(_reissue, 22, "import"),
}


def do(place: Place, name: str) -> None:
    """Do a deed, as one process of its own does."""
    deed = DEEDS[name]
    with place.deployment(deed.hour).store as store:
        deployment = Deployment(open_workspace(place.root), store, store.clock)
        deed.do(deployment)


def finished(place: Place, name: str) -> str:
    """Finish a deed that was interrupted, from whatever it left; return what there is then.

    What is refused now is done already.
    """
    with place.deployment(23).store as store, store.reading() as rx:
        check_money(rx)
    with suppress(RefusedError):
        do(place, name)
    return outcome(place)


def outcome(place: Place) -> str:
    """Return what there is; it must keep to every invariant."""
    with place.deployment(23).store as store, store.reading() as rx:
        check_money(rx)
        assert not verify(rx).findings
        rows = {
            name: sorted(str(tuple(row)) for row in rx.connection.execute(sa.select(*_lasting(METADATA.tables[name]))))
            for name in COMPARED
        }
    written = {path: digest for path, digest in files(place.root).items() if path.split("/")[0] in {"payouts", "runs"}}
    return json.dumps({"rows": rows, "files": written}, sort_keys=True)


def _lasting(table: sa.Table) -> list[sa.Column[object]]:
    left_out = {"revision"} if table.name in LEDGER else set()
    return [each for each in table.c if each.name not in left_out]
