"""How long nights take: a generated district is loaded, then each night runs in a process of its own.

Only the ratios carry over to other machines; a second night after the first shows how much is noise.
"""

import datetime as dt
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from core.clock import FixedClock, civil_day
from core.days import add_days
from core.workspace import init_workspace
from engine.demo_library import mark_for_demonstration
from engine.deployment import Deployment, deployed
from engine.district import generate_district
from engine.district.plan import DeliveredFile, DistrictPlan, PlannedNight
from engine.library import copy_library
from engine.lifecycle.unplanned import Unplanned, publish_unplanned
from engine.loading import load_delivered
from rules.reading import read_policies
from rules.standing import Activation

SEED = 1
HOW = Unplanned("bench", "second officer", "only the speed is asked for")
QUIET_NIGHTS = 3  # nights without news; their median is what a night costs
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Measured:
    """What one night, or all loads together, took; `work` says what came of it."""

    name: str
    seconds: float
    cpu_seconds: float
    peak_mib: int
    work: str
    stages: tuple[tuple[str, float], ...] = ()


def nights_table(people: int, enterprises: int, said: Callable[[str], None]) -> Table:
    """Load a district of such a size, run its nights, and say how long each took."""
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        measured = _measured(Path(folder), people, enterprises, said)
    quiet = measured[-1].seconds
    table = Table(
        title=f"Nights of {people:,} people and {enterprises:,} enterprises on SQLite",
        caption="quiet night: the median of several without news. share: of the stages of a night, in percent.",
        caption_justify="left",
    )
    for heading in ("what", "seconds", "CPU", "peak", "× quiet night", "work", "share"):
        table.add_column(heading, justify="left" if heading in {"what", "work", "share"} else "right")
    for each in measured:
        shares = ", ".join(f"{name} {100 * seconds / each.seconds:.0f}" for name, seconds in each.stages)
        table.add_row(
            each.name,
            f"{each.seconds:.1f}",
            f"{each.cpu_seconds:.1f}",
            f"{each.peak_mib:,} MiB" if each.peak_mib else "",
            f"{each.seconds / quiet:.1f}",
            each.work,
            shares,
        )
    return table


def _measured(folder: Path, people: int, enterprises: int, said: Callable[[str], None]) -> list[Measured]:
    said(f"generating {people:,} people and {enterprises:,} enterprises")
    plan = generate_district(folder / "deliveries", seed=SEED, people=people, enterprises=enterprises)
    workspace = init_workspace(folder / "workspace", region=plan.region)
    copy_library(workspace)
    clock = FixedClock(plan.steps()[0][0])
    mark_for_demonstration(workspace.policies, by="bench", on=civil_day(clock.instant))
    with deployed(workspace.root, clock) as deployment:
        said("loading what is delivered before the first night")
        loads, first = _load(deployment, clock, plan)
    said("first night")
    found = [loads, _night(workspace.root, first.business_date, "first night")]
    said("nights after it")
    found.append(_night(workspace.root, add_days(first.business_date, 1), "new month"))
    quiet = [
        _night(workspace.root, add_days(first.business_date, 2 + number), "quiet night")
        for number in range(QUIET_NIGHTS)
    ]
    said("plans")
    last = add_days(first.business_date, 1 + QUIET_NIGHTS)
    ahead = last.replace(year=last.year + 1, month=1, day=1)
    plans = [
        _child("one_plan", "plan, from next year", workspace.root, last, ahead),
        _child("one_plan", "plan, from this month", workspace.root, last, last.replace(day=1)),
    ]
    paid = _child("one_payout", "largest batch out and back", workspace.root, last)
    return [*found, *plans, paid, sorted(quiet, key=lambda each: each.seconds)[QUIET_NIGHTS // 2]]


def _load(deployment: Deployment, clock: FixedClock, plan: DistrictPlan) -> tuple[Measured, PlannedNight]:
    """Take in what comes before the first night, and return that night."""
    versions = {(v.policy, v.version): v for v in read_policies(deployment.workspace.policies, deployment.catalogue)}
    begun, cpu_begun, rows = time.perf_counter(), time.process_time(), 0
    for clock.instant, step in plan.steps():
        match step:
            case DeliveredFile():
                report = load_delivered(deployment, plan.source(step), resource=step.resource, data_date=step.data_date)
                rows += report.load.row_count
            case Activation():
                assert step.version is not None
                publish_unplanned(deployment, [versions[step.policy, step.version]], [step], HOW)
            case PlannedNight():
                seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu_begun
                return Measured("loads", seconds, cpu, 0, f"{rows:,} rows"), step
    raise AssertionError("the plan has a night")


def _night(root: Path, date: dt.date, name: str) -> Measured:
    """Run a night in a process of its own: its peak of memory is nobody else's."""
    return _child("one_night", name, root, date)


def _child(module: str, name: str, root: Path, *days: dt.date) -> Measured:
    command = [sys.executable, "-m", f"tests.bench.{module}", str(root), *(day.isoformat() for day in days)]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, encoding="utf-8")
    told = json.loads(done.stdout)
    return Measured(name, told["seconds"], told["cpu_seconds"], told["peak_mib"], told["work"], tuple(told["stages"]))
