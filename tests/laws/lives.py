"""Lives of a small deployment: what becomes known when, which nights look at it, and what happens to the money.

What is learned - deliveries, activations, acts - has its day and its instant, whichever nights run; between nights
money goes out, comes back, and is written off.
"""

import atexit
import datetime as dt
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from core.clock import FixedClock, civil_day, civil_instant
from core.days import add_days
from core.ids import grant_id
from core.ledger import Act, ActKind
from core.workspace import open_workspace
from engine.deployment import Deployment
from engine.run import NightOptions, run_night
from store.batches import read_batches, read_lines
from store.cases import read_cases
from store.grants import grant_of, record_act
from store.ledger import LedgerChanges, write_ledger
from store.opening import open_store
from store.positions import read_obligations
from store.states import Account, BatchState
from tests.store.paying import answer, send
from tests.store.worlds import posting, postings, seen
from tests.world import World

DAY_0 = dt.date(2025, 3, 1)
LAST = 110  # the last night: 2025-06-19
PEOPLE = "abcd"
LATER_NUMBER = "e"  # a corrected number of `a`

Happens = Callable[[World], None]


def day_of(offset: int) -> str:
    """Return the day so many days after the first."""
    return str(add_days(DAY_0, offset))


@dataclass(frozen=True)
class Learned:
    """Something that becomes known on a day, in the words of `tests.world`."""

    offset: int
    how: str  # a method of World
    arguments: Mapping[str, Any]

    def happen(self, world: World) -> None:
        """Let it become known."""
        getattr(world, self.how)(**self.arguments, on=day_of(self.offset))


@dataclass(frozen=True)
class Plan:
    """What is learned, in order, who acts when, and what the paymaster, the bank and a case worker do after nights."""

    policies: Mapping[str, "Policy"]
    learned: Sequence[Learned]
    acts: Sequence[tuple[int, str, str, ActKind]]  # day, policy, letter
    money: Mapping[int, Sequence[str]]
    hour: int  # of the nights: before the day's deliveries, or after them

    @property
    def needed_nights(self) -> frozenset[int]:
        """Return the nights without which nobody could act."""
        return frozenset(offset for offset, *_ in self.acts)


@dataclass(frozen=True)
class Policy:
    """A policy's way of being asked, and its exclusion group."""

    criteria: str
    example: str
    amounts: Mapping[str, int] | int
    terms: str
    excludes: str
    group: str | None
    span: str
    is_bounded: bool
    caps: str = "[]"
    pool_span: str | None = None

    def published(self, offset: int, code: str, version: int = 1, more: int = 0, stands_from: int = -60) -> Learned:
        """Return a version that becomes known, paying so much more than the first."""
        amounts = self.amounts
        raised = amounts + more if isinstance(amounts, int) else {when: each + more for when, each in amounts.items()}
        return Learned(
            offset,
            "rule",
            {
                "policy": code,
                "version": version,
                "criteria": self.criteria,
                "amounts": raised,
                "terms": self.terms,
                "excludes": self.excludes,
                "caps": self.caps,
                "example": self.example,
                "stands_from": day_of(stands_from),
            },
        )


@cache
def _template() -> Path:
    """Return a workspace with the vocabulary, its keys and its empty database, to be copied."""
    folder = Path(tempfile.mkdtemp(prefix="paths-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    root = folder / "w"
    World.at(root).store.close()
    return root


@contextmanager
def new_world() -> Iterator[World]:
    """Give a world in which nothing has happened; its subjects get the same ids every time."""
    with tempfile.TemporaryDirectory(prefix="path-") as folder:
        root = Path(folder) / "w"
        shutil.copytree(_template(), root)
        workspace = open_workspace(root)
        clock = FixedClock(civil_instant(dt.date(2024, 12, 1)))
        with open_store(workspace.database_url, clock=clock) as store:
            yield World(Deployment(workspace, store, clock), clock, root)


def live(world: World, plan: Plan, nights: Sequence[int]) -> None:
    """Let a plan happen, with nights on some days and the one on the last."""
    ran = sorted({*nights, *plan.needed_nights, LAST})
    when: list[tuple[int, int, Happens]] = [(each.offset, 12, each.happen) for each in plan.learned]
    when += [(offset, plan.hour, _night(plan, offset)) for offset in ran]
    when += [(offset, 23, _act(policy, who, kind)) for offset, policy, who, kind in plan.acts]
    for offset, hour, happen in sorted(when, key=lambda each: each[:2]):
        earliest = civil_instant(add_days(DAY_0, offset), hour)
        world.clock.instant = max(world.clock.instant + dt.timedelta(minutes=1), earliest)
        happen(world)


def _night(plan: Plan, offset: int) -> Happens:
    def happen(world: World) -> None:
        date = add_days(DAY_0, offset)
        run_night(world.deployment, date, options=NightOptions(), progress=lambda _: None)
        for what in plan.money.get(offset, ()):
            MONEY[what](world)

    return happen


def _act(policy: str, who: str, kind: ActKind) -> Happens:
    def happen(world: World) -> None:
        key = grant_id(policy, world.subject(who), "")
        with world.store.writing() as tx:
            if grant_of(tx, key) is not None:
                record_act(tx, Act(key, kind, civil_day(world.clock.instant), world.clock.instant, who))

    return happen


def _send(world: World, returned: slice) -> None:
    """Approve and send what is frozen; the bank pays it, but for some lines."""
    with world.store.writing() as tx:
        for batch in read_batches(tx, states=[BatchState.FROZEN]):
            send(tx, batch.batch_id)
            lines = read_lines(tx, batch.batch_id)["item_id"].sort()
            back = lines[returned]
            answer(tx, batch.batch_id, paid=lines.filter(~lines.is_in(back.implode())).to_list(), failed=back.to_list())


def _decide(world: World, account: Account) -> None:
    """Close every open case: its money came back, or is written off."""
    with world.store.writing() as tx:
        for key in read_cases(tx)["obligation_id"]:
            (before,) = read_obligations(tx, [key])
            stood = {Account.RECOVERED: before.recovered_fen, Account.WRITTEN_OFF: before.written_off_fen}[account]
            rows = [(Account.CASE, before.case_open_fen, 0), (account, stood, stood + before.case_open_fen)]
            changes = LedgerChanges(
                postings=postings(*(posting(key, *row) for row in rows)), seen=seen(**{key: before.version})
            )
            write_ledger(tx, changes, run_id=None)


MONEY: Mapping[str, Happens] = {
    "paid": lambda world: _send(world, slice(0, 0)),
    "partly returned": lambda world: _send(world, slice(0, 1)),
    "returned": lambda world: _send(world, slice(None)),
    "recovered": lambda world: _decide(world, Account.RECOVERED),
    "written off": lambda world: _decide(world, Account.WRITTEN_OFF),
}
"""What may happen to money after a night."""
