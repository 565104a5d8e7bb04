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
from engine.overpayments.giving_up import ask_relief, grant_relief
from engine.overpayments.recovering import recover
from engine.overpayments.signing import Signed
from engine.run import NightOptions, run_night
from store.batches import read_batches, read_lines
from store.case_receipts import Receipt
from store.cases import case_records, chosen_for_set_off
from store.grants import grant_of, record_act
from store.opening import open_store
from store.states.cases import ReliefKind, ReliefState
from store.states.paying import BatchState
from tests.same_night import limited_night_agrees
from tests.store.paying import answer, choose_set_off, send
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
        limited_night_agrees(world.deployment, date)
        options = NightOptions(is_whole=offset == LAST)  # what everything comes to is read from its folder
        run_night(world.deployment, date, options=options, progress=lambda _: None)
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


def _come_back(world: World, share: int) -> None:
    """Have the money of every open case come back, all of it or one part of so many; the same bank is never asked twice."""
    on = civil_day(world.clock.instant)
    with world.store.reading() as rx:
        cases = case_records(rx)
    for case in cases:
        receipt = Receipt(f"{case.case_id}/{case.moves}", on, -(-case.amount_fen // share))
        recover(world.deployment, receipt, [case.case_id], by="cashier")


def _give_up(world: World) -> None:
    """Have every open case written off, by two people."""
    with world.store.reading() as rx:
        cases = case_records(rx)
    for case in cases:
        ask_relief(world.deployment, case.case_id, ReliefKind.WRITE_OFF, Signed("clerk", "无法追回", "某办法"))
        for by in ("head", "director"):
            if grant_relief(world.deployment, case.case_id, by=by)[0].state is ReliefState.GRANTED:
                break


def _set_off(world: World) -> None:
    """Have every open case set off from later payments, once it stands; a night does so where the rule allows it."""
    with world.store.writing() as tx:
        chosen = {case.case_id for case in chosen_for_set_off(tx)}
        for case in case_records(tx):
            if case.amount_fen and case.case_id not in chosen:
                choose_set_off(tx, case.obligation_id)


MONEY: Mapping[str, Happens] = {
    "paid": lambda world: _send(world, slice(0, 0)),
    "partly returned": lambda world: _send(world, slice(0, 1)),
    "returned": lambda world: _send(world, slice(None)),
    "recovered": lambda world: _come_back(world, 1),
    "recovered in part": lambda world: _come_back(world, 3),
    "set off": _set_off,
    "written off": _give_up,
}
"""What may happen to money after a night."""
