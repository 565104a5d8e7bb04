"""How fast an enterprise's own page is: `python -m tests.bench.pages --enterprises 1000000 --policies 300`.

A district of enterprises is loaded and one night runs; then every policy for enterprises is published again and again under
other names until there are as many as asked, and a further night is recorded without being run. Sessions are opened past the
pages, and random enterprises read their first page over loopback from `mianshen serve`, one after the other, then several at once.
"""

import argparse
import datetime as dt
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from rich.console import Console
from rich.table import Table

from core.clock import FixedClock, civil_instant
from core.days import add_days
from core.workspace import init_workspace
from engine.deployment import Deployment, deployed
from engine.district import generate_district
from engine.district.plan import DeliveredFile, DistrictPlan, PlannedNight
from engine.library import copy_library
from engine.loading import load_delivered
from engine.night import JOB
from engine.run import NightOptions, run_night
from rules.bound import RuleVersion
from rules.reading import parse_version, read_policies
from rules.standing import Activation
from store.activations import published_versions
from store.opening import Writing
from store.runs import latest_published
from store.sessions import Login, open_session
from store.states.entry import LoginWay
from store.tables import Run, Subject, table_of
from tests.bench.page_load import Load, ask
from tests.trial_world import publish_unproved

SEED = 11
ROOT = Path(__file__).parents[2]
AT_ONCE = 4
BUILT = "built"
FIRST_PAGE_SECONDS = 2.0  # of CPU; whoever has used so much has read the policies
_TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Build, measure and show."""
    parser = argparse.ArgumentParser(prog="tests.bench.pages", description="how fast an enterprise's page is here")
    parser.add_argument("--enterprises", type=int, default=20_000)
    parser.add_argument("--policies", type=int, default=300)
    parser.add_argument("--pages", type=int, default=400)
    parser.add_argument("--servers", type=int, default=2, help="processes that serve, in the second part")
    parser.add_argument("--keep", type=Path, help="a folder in which the workspace stays, and is found again")
    given = parser.parse_args()
    said = Console(stderr=True).print
    Console(width=110).print(
        own_pages_table(given.enterprises, given.policies, given.pages, given.servers, keep=given.keep, said=said)
    )


def own_pages_table(  # all by name but for the sizes
    enterprises: int,
    policies: int,
    pages: int = 400,
    servers: int = 2,
    *,
    keep: Path | None = None,
    said: Callable[[str], None],
) -> Table:
    """Build a district of so many enterprises, or find it where it was kept, and have some of them read their page."""
    with tempfile.TemporaryDirectory(prefix="bench") as passing:
        folder = keep or Path(passing)
        if not (folder / BUILT).exists():
            _build(folder, enterprises, policies, said)
        said("reading pages")
        return pages_table(folder / "workspace", min(pages, enterprises), servers)


def pages_table(root: Path, pages: int, servers: int) -> Table:
    """Have random enterprises read their page; say how long it took them, and what it took the server and who asked."""
    tokens = _sessions(root, pages)
    table = Table(title=f"{pages:,} enterprises read their page")
    for heading in ("how", "p50 ms", "p99 ms", "pages/s", "server CPU ms/page", "client", "KiB", "peak MiB"):
        table.add_column(heading, justify="left" if heading == "how" else "right")
    for how, processes, at_once in (
        ("one after the other, one process", 1, 1),
        (f"{AT_ONCE} at once, {servers} processes", servers, AT_ONCE),
    ):
        with _served(root, processes) as (port, server):
            ask(port, tokens[:1], at_once=1)  # whoever answers was begun, and so were the others
            answering = _answering(server, processes)
            _warm(port, tokens[0], answering)
            before = sum(map(_cpu, answering))
            load = ask(port, tokens, at_once=at_once)
            cpu = sum(map(_cpu, answering)) - before
            table.add_row(how, *_figures(load, cpu), f"{max(map(_peak_mib, answering)):,}")
    return table


def _figures(load: Load, cpu: float) -> tuple[str, ...]:
    pages, cuts = len(load.milliseconds), statistics.quantiles(load.milliseconds, n=100)
    return (
        f"{cuts[49]:.1f}",
        f"{cuts[98]:.1f}",
        f"{pages / load.seconds:.0f}",
        f"{1000 * cpu / pages:.1f}",
        f"{1000 * load.cpu_seconds / pages:.2f}",
        f"{statistics.mean(load.sizes) / 1024:.0f}",
    )


def _build(folder: Path, enterprises: int, policies: int, said: Callable[[str], None]) -> None:
    said(f"generating and loading {enterprises:,} enterprises")
    plan = generate_district(folder / "deliveries", seed=SEED, people=300, enterprises=enterprises)
    workspace = init_workspace(folder / "workspace", region=plan.region)
    copy_library(workspace)
    clock = FixedClock(plan.steps()[0][0])
    with deployed(workspace.root, clock) as deployment:
        date = _load(deployment, clock, plan)
        said("one night")
        _one_night(deployment, date)
        clock.instant = civil_instant(add_days(date, 1), 22)
        _publish_more(deployment, policies, date)
        with deployment.store.writing() as tx:
            _as_if_run(tx, add_days(date, 1))
    (folder / BUILT).touch()


def _load(deployment: Deployment, clock: FixedClock, plan: DistrictPlan) -> dt.date:
    """Take in what concerns enterprises before the first night, and return its date."""
    resources = deployment.catalogue.resources
    own = read_policies(deployment.workspace.policies, deployment.catalogue)
    versions = {(each.policy, each.version): each for each in own if each.written.subject == "enterprise"}
    for clock.instant, step in plan.steps():
        match step:
            case DeliveredFile() if resources[step.resource].subject == "enterprise":
                load_delivered(deployment, plan.source(step), resource=step.resource, data_date=step.data_date)
            case Activation() if (step.policy, step.version) in versions:
                publish_unproved(deployment, versions[step.policy, step.version or 0], step, by="bench")
            case PlannedNight():
                return step.business_date
            case _:
                pass
    raise AssertionError("the plan has a night")


def _one_night(deployment: Deployment, date: dt.date) -> None:
    with deployment.store.reading() as rx:
        accepted = {each.policy for each in published_versions(rx)}
    run_night(deployment, date, options=NightOptions(accepted=accepted), progress=lambda _: None)


def _publish_more(deployment: Deployment, policies: int, date: dt.date) -> None:
    """Publish what stands under further names, in turn, until so many policies stand."""
    every = read_policies(deployment.workspace.policies, deployment.catalogue)
    own = [each for each in every if each.written.subject == "enterprise" and _stands(each, date)]
    for number in range(policies - len(own)):
        source = own[number % len(own)]
        name = f"{source.policy}-{number // len(own) + 2}"
        text = re.sub(rf"^policy: {re.escape(source.policy)}$", f"policy: {name}", source.text, flags=re.MULTILINE)
        version = parse_version(text, deployment.catalogue, f"{name}/{source.version}")
        stands = Activation(name, version.version, date, None, deployment.clock.now())
        publish_unproved(deployment, version, stands, by="bench")


def _stands(version: RuleVersion, date: dt.date) -> bool:
    return version.written.valid_from <= date <= (version.written.valid_through or date)


def _as_if_run(tx: Writing, date: dt.date) -> None:
    """Record a night as published that knows everything so far."""
    latest = latest_published(tx, JOB)
    assert latest is not None
    run = table_of(Run)
    own = tx.connection.execute(sa.select(run).where(run.c.run_id == latest.run_id)).mappings().one()
    tx.connection.execute(sa.insert(run), {**own, "run_id": "r_bench", "business_date": date, "known_at": tx.now})


def _sessions(root: Path, count: int) -> list[str]:
    """Open sessions of random enterprises, as logging in does."""
    from core.clock import SystemClock  # sessions end by the clock of the server

    with deployed(root, SystemClock()) as deployment, deployment.store.writing() as tx:
        subject = table_of(Subject)
        ids = (
            tx.connection.execute(sa.select(subject.c.subject_id).where(subject.c.kind == "enterprise")).scalars().all()
        )
        chosen = random.Random(SEED).sample(sorted(ids), count)  # noqa: S311  # not a secret
        logins = (Login(f"login {each}", LoginWay.OIDC, (each,), "某企业") for each in chosen)
        return [open_session(tx, deployment.seals, login) for login in logins]


@contextmanager
def _served(root: Path, processes: int) -> Iterator[tuple[int, int]]:
    """Give the port and the process id of a server, of which so many processes answer."""
    command = [sys.executable, "-m", "cli", "serve", "--port", "0", "--workspace", str(root)]
    command += ["--processes", str(processes)]
    started = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    try:
        yield _port(started), started.pid
    finally:
        started.terminate()
        started.communicate()


def _answering(server: int, processes: int) -> list[int]:
    """Return the processes that answer: the server itself, or those that it began."""
    if processes == 1:
        return [server]
    begun = Path(f"/proc/{server}/task/{server}/children").read_text("utf-8").split()
    return [int(each) for each in begun if b"spawn_main" in Path(f"/proc/{each}/cmdline").read_bytes()]


def _warm(port: int, token: str, answering: Sequence[int]) -> None:
    """Ask, a client beside the other, until every process has read the policies, which it does for its first page."""
    begun = {each: _cpu(each) for each in answering}
    while any(_cpu(each) - begun[each] < FIRST_PAGE_SECONDS for each in answering):
        ask(port, [token] * AT_ONCE, at_once=AT_ONCE)


def _port(server: subprocess.Popen[str]) -> int:
    assert server.stderr is not None
    for line in server.stderr:
        found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
        if found:
            ThreadPoolExecutor(1).submit(server.stderr.read)  # its log is not kept
            return int(found.group(1))
    raise AssertionError("the server did not start")


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _peak_mib(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    found = re.search(r"VmHWM:\s+(\d+)", status)
    assert found is not None
    return int(found.group(1)) // 1024


if __name__ == "__main__":
    main()
