"""How fast money is worked out and frozen: so many dues against a ledger of many more, on a database as it would be.

The ledger is written past the product, in bulk: policies that paid for years, and the one whose standard rises tonight.
Each of its dues lacks the difference, so everything that can change does.
"""

import argparse
import datetime as dt
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import polars as pl
import sqlalchemy as sa
from rich.console import Console
from rich.table import Table

from core.clock import FixedClock
from core.collector import no_search_for_cycles
from core.ids import grant_id, item_id, obligation_id
from core.ledger import GrantState, ItemKind, ItemState
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
from store.batches import LINES, BatchHead, add_batch
from store.grants import read_grants
from store.ledger import write_ledger
from store.line_funds import Funding
from store.opening import Reading, Store, Writing, open_store
from store.past import ledger_mark
from store.positions import read_positions
from store.rows import insert_frame
from store.tables import GrantRow, ItemRow, ObligationRow, Subject, table_of
from tests.rules.samples import CATALOGUE, version_text

NOW = dt.datetime(2026, 3, 15, 20, 0, tzinfo=dt.UTC)
DAY = dt.date(2026, 3, 15)
POLICY, OTHER = "nursing", "living"
PAID_FEN, DUE_FEN = 15_000, 18_000
PURSES = Funding((Purse("中央", weight=3), Purse("区级", weight=2)))
AT_ONCE = 500_000


def main() -> None:
    """Build, measure and show; each database in turn, where it is given."""
    parser = argparse.ArgumentParser(prog="tests.bench.money", description="how fast money is here")
    parser.add_argument("--dues", type=int, default=100_000)
    parser.add_argument("--ledger", type=int, default=1_200_000, help="items on the ledger before")
    parser.add_argument("--url", help="a PostgreSQL database that may be filled; else SQLite")
    given = parser.parse_args()
    Console(width=110).print(money_table(given.dues, given.ledger, given.url, said=Console(stderr=True).print))


def money_table(dues: int, ledger: int, url: str | None, said: Callable[[str], None]) -> Table:
    """Fill a database, then take a night's way from its positions to a frozen batch, step by step."""
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        target = url or f"sqlite:///{folder}/mianshen.db"
        with open_store(target, clock=FixedClock(NOW)) as store:
            said("building the ledger")
            _build(store, dues, ledger)
            said("measuring")
            with no_search_for_cycles():  # as a night
                steps = list(_measured(store, dues))
    kind = "PostgreSQL" if url else "SQLite"
    table = Table(title=f"{dues:,} dues against a ledger of {ledger:,} items on {kind}")
    for heading in ("what", "seconds", "CPU"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    for name, seconds, cpu in [*steps, ("together", sum(each[1] for each in steps), sum(each[2] for each in steps))]:
        table.add_row(name, f"{seconds:.1f}", f"{cpu:.1f}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    table.caption = f"peak of the process, with the building: {peak:,} MiB"
    return table


def _measured(store: Store, dues: int) -> Iterator[tuple[str, float, float]]:
    spent: list[tuple[str, float, float]] = []

    @contextmanager
    def step(name: str) -> Iterator[None]:
        began, cpu = time.perf_counter(), time.process_time()
        yield
        spent.append((name, time.perf_counter() - began, time.process_time() - cpu))

    with step("positions of the policy"), store.reading() as rx:
        night = _night(rx, read_positions(rx, policy=POLICY))
    present = Present(night)
    decision = _decision(night)
    assert decision.dues.height == dues
    with step("difference"), store.reading() as rx:
        changes = compare(rx, present, [decision]).ledger_changes
    assert changes.items.height == dues
    changes = replace(changes, items=changes.items.with_columns(state=pl.lit(ItemState.IN_BATCH.value)))
    with store.writing() as tx:
        with step("items, dues and versions written"):
            write_ledger(tx, changes, run_id="r_bench")
        with step("batch frozen, money reserved"):
            lines = _lines(changes.items, night.positions)
            add_batch(
                tx,
                BatchHead("b_bench", POLICY, "护理补贴", "区残联", DAY),
                lines,
                run_id="r_bench",
                born=changes.items,
                funding=PURSES,
            )
        began, cpu = time.perf_counter(), time.process_time()
    spent.append(("commit", time.perf_counter() - began, time.process_time() - cpu))
    yield from spent


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


def _build(store: Store, dues: int, ledger: int) -> None:
    """Fill the ledger: the policy's dues of this month paid at 150 each, and the rest by another policy, month by month."""
    subjects = pl.Series("subject_id", [f"s_{number:016d}" for number in range(dues)])
    for start in range(0, dues, AT_ONCE):
        part = subjects.slice(start, AT_ONCE)
        with store.writing() as tx:
            insert_frame(
                tx, Subject, _filled(Subject, part.to_frame(), kind="person", first_seen_at=NOW, first_index=b"0")
            )
            _pay(tx, POLICY, part, "2026-03")
    months = [f"{year}-{month:02d}" for year in range(2016, 2026) for month in range(1, 13)]
    left = ledger - dues
    for month in months:
        for start in range(0, min(dues, left), AT_ONCE):
            part = subjects.slice(start, min(AT_ONCE, min(dues, left) - start))
            with store.writing() as tx:
                _pay(tx, OTHER, part, month, is_first=month == months[0])
        left -= min(dues, left)
    if store.is_postgresql:
        with store.engine.connect() as connection:
            connection.execute(sa.text("analyze"))
            connection.commit()


def _pay(tx: Writing, policy: str, subjects: pl.Series, period: str, *, is_first: bool = True) -> None:
    grants = [grant_id(policy, each, "") for each in subjects]
    obligations = [obligation_id(each, period, "main") for each in grants]
    rows = pl.DataFrame({"subject_id": subjects, "grant_id": grants, "obligation_id": obligations})
    if is_first:
        opened = {"opened_at": NOW, "changed_at": NOW, "run_id": "r", "revision": 0, "cause": None}
        own = rows.select("grant_id", "subject_id")
        standing = {"policy": policy, "event": "", "state": GrantState.ACTIVE.value, "discovered_on": DAY}
        insert_frame(tx, GrantRow, _filled(GrantRow, own, **standing, **opened))
    sums = dict.fromkeys(("recovered_fen", "written_off_fen", "kept_fen", "case_open_fen"), 0)
    due = {"due_at_least_fen": PAID_FEN, "due_at_most_fen": PAID_FEN, "due_is_open": False, "version": 1, "revision": 0}
    named = rows.select("obligation_id", "grant_id")
    insert_frame(tx, ObligationRow, _filled(ObligationRow, named, period=period, component="main", **due, **sums))
    items = rows.select("obligation_id").with_columns(pl.Series("item_id", [item_id(each, 1) for each in obligations]))
    paid = {"sequence": 1, "amount_fen": PAID_FEN, "kind": ItemKind.REGULAR.value, "state": ItemState.PAID.value}
    insert_frame(tx, ItemRow, _filled(ItemRow, items, **paid, opened_at=NOW, changed_at=NOW, run_id="r", revision=0))


def _filled(model: type, frame: pl.DataFrame, **values: object) -> pl.DataFrame:
    """Return a frame with the same values in every row; what is left out may be null."""
    known = table_of(model).columns.keys()
    return frame.with_columns(
        pl.lit(value).alias(name) for name, value in values.items() if name in known and value is not None
    )


if __name__ == "__main__":
    main()
