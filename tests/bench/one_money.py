"""A night's way from positions to a frozen batch in a process of its own: `python -m tests.bench.one_money URL`, as JSON.

The database is one that `tests.bench.one_ledger` has filled. All changes are kept.
"""

import datetime as dt
import json
import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import polars as pl
import sqlalchemy as sa

from core.clock import FixedClock
from core.collector import no_search_for_cycles
from core.ledger import ItemState
from core.loads import Loads
from core.shares import Purse
from delivery.references import references_of
from engine.decide import OUTCOMES, STANDING, Decision
from engine.dues import DUES
from engine.grace import Standing
from engine.named_days import NAMED
from engine.netting.comparison import compare
from engine.night import Night, NightPolicy
from engine.people import Present
from rules.reading import parse_version
from rules.standing import Activation
from store.batches import LINES, BatchHead
from store.freezing import add_batch
from store.grants import read_grants
from store.ledger import write_ledger
from store.line_funds import Funding
from store.opening import Reading, Store, open_store
from store.past import ledger_mark
from store.positions import read_positions
from tests.bench.one_ledger import DAY, NOW, POLICY
from tests.rules.samples import CATALOGUE, version_text

DUE_FEN = 18_000
PURSES = Funding((Purse("中央", weight=3), Purse("区级", weight=2)))


def main() -> None:
    """Go it and tell."""
    with open_store(sys.argv[1], clock=FixedClock(NOW)) as store:
        steps = measured(store)
    json.dump({"peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, "steps": steps}, sys.stdout)


class Spent(NamedTuple):
    """What one step took; `server_seconds` None: there is no server, or it is out of sight."""

    name: str
    seconds: float
    cpu_seconds: float
    server_seconds: float | None


def measured(store: Store) -> list[Spent]:
    """Go it, as a night does, and return what each step took."""
    spent = list[Spent]()
    with no_search_for_cycles():
        _go(store, spent)
    return spent


def _go(store: Store, spent: list[Spent]) -> None:
    server = _server_of(store)

    @contextmanager
    def step(name: str) -> Iterator[None]:
        began, cpu, of_server = time.perf_counter(), time.process_time(), _cpu_of(server)
        yield
        seconds, cpu_seconds, then = time.perf_counter() - began, time.process_time() - cpu, _cpu_of(server)
        spent.append(Spent(name, seconds, cpu_seconds, None if then is None or of_server is None else then - of_server))

    with step("positions of the policy"), store.reading() as rx:
        night = _night(rx, read_positions(rx, policy=POLICY))
    decision = _decision(night)
    with step("difference"), store.reading() as rx:
        changes = compare(rx, Present(night), [decision]).ledger_changes
    assert changes.items.height == decision.dues.height == night.positions.height
    changes = replace(changes, items=changes.items.with_columns(state=pl.lit(ItemState.IN_BATCH.value)))
    head = BatchHead("b_bench", POLICY, "护理补贴", "区残联", DAY)
    with ExitStack() as committed, store.writing() as tx:
        with step("items, dues and versions written"):
            write_ledger(tx, changes, run_id="r_bench")
        with step("batch frozen, money reserved"):
            lines = _lines(changes.items, night.positions)
            add_batch(tx, head, lines, run_id="r_bench", born=changes.items, funding=PURSES)
        committed.enter_context(step("commit"))


def _server_of(store: Store) -> int | None:
    """Return the process that started the servers of our connections, where it runs on this machine."""
    if not store.is_postgresql:
        return None
    with store.engine.connect() as connection:
        own = Path(f"/proc/{connection.scalar(sa.text('select pg_backend_pid()'))}/stat")
        return int(_stat(own)[1]) if own.exists() and "postgres" in own.read_text() else None


def _cpu_of(server: int | None) -> float | None:
    """Return the CPU seconds of a server's processes so far."""
    if server is None:
        return None
    ticks = sum(int(each) for each in _stat(Path(f"/proc/{server}/stat"))[13:15])  # of those that have ended
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it ended in between, and counts from now on among those that have
            told = _stat(path)
            ticks += sum(int(each) for each in told[11:13]) if int(told[1]) == server else 0
    return ticks / os.sysconf("SC_CLK_TCK")


def _stat(path: Path) -> list[str]:
    """Return what Linux tells of a process, from its state on; before that stands its name, with any letters."""
    return path.read_text().rpartition(") ")[2].split()


def _night(rx: Reading, positions: pl.DataFrame) -> Night:
    version = parse_version(version_text(), CATALOGUE, "policies/nursing/2.yaml")
    activation = Activation(POLICY, 2, dt.date(2025, 7, 1), None, NOW)
    policy = NightPolicy(POLICY, {2: version}, (activation,), version, 2)
    return Night(
        business_date=DAY,
        known_at=NOW,
        catalogue=CATALOGUE,
        loads=Loads(Path(), ()),
        policies=(policy,),
        grants=read_grants(rx, policy=POLICY),
        acts=(),
        written=positions.select("policy", "period").unique(),
        positions=positions,
        after=None,
        known_before=None,
        mark=ledger_mark(rx),
    )


def _decision(night: Night) -> Decision:
    """Return the dues of the policy: 30 yuan more than was paid, for everyone."""
    known = night.positions.select("subject_id", "event", "grant_id", "period", "component")
    dues = known.with_columns(
        period_no=pl.lit(0, pl.Int32),
        period_first=pl.lit(dt.date(2026, 3, 1)),
        period_last=pl.lit(dt.date(2026, 3, 31)),
        is_met=pl.lit(value=True),
        standing=pl.lit(str(Standing.KNOWN)),
        at_least_fen=pl.lit(DUE_FEN, pl.Int64),
        at_most_fen=pl.lit(DUE_FEN, pl.Int64),
        is_open=pl.lit(value=False),
        version=pl.lit(2, pl.Int32),
    )
    none = pl.DataFrame(schema=dict.fromkeys(STANDING, pl.String))
    (policy,) = night.policies
    frame = dues.select(DUES.names()).cast(DUES)
    empty = DUES.to_frame()
    return Decision(
        policy,
        OUTCOMES.to_frame(),
        none,
        none,
        frame,
        empty,
        empty,
        pl.DataFrame(schema={"subject_id": pl.String, NAMED: pl.Date}),
    )


def _lines(items: pl.DataFrame, positions: pl.DataFrame) -> pl.DataFrame:
    owners = positions.select("obligation_id", "subject_id")
    named = items.join(owners, on="obligation_id", how="left", validate="m:1").sort("item_id")
    return named.with_columns(
        number=pl.lit(1, pl.Int64),
        reference=references_of(named["item_id"], pl.Series([1] * named.height)),
        payee_digest=pl.col("subject_id"),
        account_digest=pl.col("subject_id"),
        name_digest=pl.col("subject_id"),
    ).select(LINES.names())


if __name__ == "__main__":
    main()
