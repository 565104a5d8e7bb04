"""A made-up district through three nights: deliveries as they come, rules as they are published, money as it is paid.

What the district plants is known beforehand (`engine.district`), so the demonstration can say of each fault whether it
was found and came to what the law wants (`engine.demo_faults`).
"""

import datetime as dt
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from core.clock import FixedClock, civil_day
from core.errors import RunError
from core.findings import Finding
from core.ids import text_digest
from core.settings import FILE_NAME
from core.workspace import init_workspace
from delivery.bank_verdicts import SAID_LINES
from engine.codes import RunCode
from engine.demo_faults import FaultResult, Remembered, results_of
from engine.demo_library import mark_for_demonstration
from engine.deployment import Deployment, deployed
from engine.district import generate_district
from engine.district.plan import DeliveredFile, DistrictPlan, PlannedNight, Step
from engine.library import copy_library
from engine.lifecycle.unplanned import Unplanned, publish_unplanned
from engine.loading import load_delivered
from engine.paying.answers import take_in
from engine.paying.deciding import approve
from engine.paying.exporting import export
from engine.report import NightReport
from engine.run import NightOptions, run_night
from engine.telling import tell
from rules.bound import RuleVersion
from rules.reading import read_policies
from rules.standing import Activation
from store.accounts import add_account
from store.bank_lines import BankFileHead
from store.batches import read_batches, read_lines
from store.states.paying import BatchState
from store.vault_openings import look_up

PASSWORD = "mianshen-demo"  # noqa: S105  # of made-up enterprises, and printed
OFFICERS = {
    "chen": ("政策起草", "政策事项：起草、检查、试算、提交"),
    "zhou": ("政策审批", "政策事项：审批、发布；名单确认和公示"),
    "wang": ("批次审批", "发放批次：核对金额和校验值后批准"),
    "li": ("出纳对账", "发放批次、银行回单：发出、导入、对账"),
    "sun": ("监察审计", "电子监察、审计查询：超期、欠账和每一步记录"),
}
"""Logins of officers with post and what each looks at: several people have to look at money, so a trial needs several."""

OFFICER, APPROVER, PAYMASTER = "示例政策人员", "示例审批人员", "示例出纳"
SIGNATORIES = ("示例复核一", "示例复核二")
SHOWN = Unplanned(OFFICER, APPROVER, "演示：未测算影响")

Said = Callable[[str], None]


@dataclass(slots=True)
class Demo:
    """What a demonstration has done so far."""

    plan: DistrictPlan
    root: Path
    unverified: int  # figures of the library that nobody compared with their originals
    nights: list[NightReport] = field(default_factory=list)
    loads: list[tuple[str, Finding]] = field(default_factory=list)
    remembered: dict[dt.date, Remembered] = field(default_factory=dict)
    faults: tuple[FaultResult, ...] = ()


@dataclass(slots=True)
class Stage:
    """A made-up district whose days pass step by step."""

    deployment: Deployment
    demo: Demo
    clock: FixedClock
    versions: Mapping[tuple[str, int], RuleVersion]
    said: Said

    def take(self, instant: dt.datetime, step: Step) -> None:
        """Let one thing happen: a delivery, a publication, or a night; what a night freezes waits to be paid."""
        self.clock.instant = instant
        match step:
            case DeliveredFile():
                _load(self.deployment, self.demo, step, self.said)
            case Activation():
                _publish(self.deployment, step, self.versions, self.said)
            case PlannedNight():
                _night(self.deployment, self.demo, step, self.said)


@contextmanager
def staged(folder: Path, *, people: int, enterprises: int, seed: int, said: Said) -> Iterator[Stage]:
    """Generate a district under a folder, with a workspace beside it in which nothing has happened yet.

    A demonstration that stood there before gives way.
    Fails: RunError where the folder holds something else.
    """
    _clear(folder)
    said(f"generating a district of {people:,} people and {enterprises:,} enterprises")
    plan = generate_district(folder / "deliveries", seed=seed, people=people, enterprises=enterprises)
    workspace = init_workspace(folder / "workspace", name="青浦区（演示）", region=plan.region)
    copy_library(workspace)
    clock = FixedClock(plan.steps()[0][0])
    unverified = mark_for_demonstration(workspace.policies, by=OFFICER, on=civil_day(clock.instant))
    with deployed(workspace.root, clock) as deployment:
        versions = {
            (each.policy, each.version): each for each in read_policies(workspace.policies, deployment.catalogue)
        }
        yield Stage(deployment, Demo(plan, workspace.root, unverified), clock, versions, said)


def run_demo(folder: Path, *, people: int, enterprises: int, seed: int, said: Said) -> Demo:
    """Let a made-up district go through its nights, and check what was planted.

    Fails: as `staged`.
    """
    with staged(folder, people=people, enterprises=enterprises, seed=seed, said=said) as stage:
        deployment, demo = stage.deployment, stage.demo
        for instant, step in demo.plan.steps():
            stage.take(instant, step)
            if isinstance(step, PlannedNight) and step.business_date in demo.plan.pay_days:
                _pay(deployment)
        said("opening trial accounts")
        _open_accounts(deployment, demo.plan)
        demo.faults = results_of(deployment, demo.plan, demo.remembered, demo.loads)
    return demo


def _clear(folder: Path) -> None:
    workspace = folder / "workspace"
    if folder.exists() and any(folder.iterdir()) and not (workspace / FILE_NAME).exists():
        message = "the folder holds something that is no demonstration"
        raise RunError.one(RunCode.DEMO_FOLDER, folder.name, message, "name a folder that does not exist yet")
    shutil.rmtree(folder / "deliveries", ignore_errors=True)
    shutil.rmtree(workspace, ignore_errors=True)


def _load(deployment: Deployment, demo: Demo, step: DeliveredFile, said: Said) -> None:
    said(f"{step.delivered_at:%Y-%m-%d} {step.resource} ({step.format}{', ' + step.encoding if step.encoding else ''})")
    report = load_delivered(deployment, demo.plan.source(step), resource=step.resource, data_date=step.data_date)
    demo.loads += [(step.resource, finding) for finding in report.findings]


def _publish(
    deployment: Deployment, step: Activation, versions: Mapping[tuple[str, int], RuleVersion], said: Said
) -> None:
    assert step.version is not None
    said(f"{step.activated_at:%Y-%m-%d} publishing {step.policy} {step.version}")
    publish_unplanned(deployment, [versions[step.policy, step.version]], [step], SHOWN)


def _night(deployment: Deployment, demo: Demo, step: PlannedNight, said: Said) -> None:
    """Run one night and send its notices."""
    date = step.business_date
    report = run_night(
        deployment, date, options=NightOptions(), progress=lambda stage: said(f"night of {date}: {stage}")
    )
    demo.nights.append(report)
    demo.remembered[date] = Remembered.of(deployment, demo.plan, report)
    tell(deployment)


def _pay(deployment: Deployment) -> None:
    """Approve what was frozen, send it, and take the bank's word that all of it arrived."""
    with deployment.store.reading() as rx:
        frozen = read_batches(rx, states=[BatchState.FROZEN])
    for batch in frozen:
        for signatory in SIGNATORIES[: deployment.workspace.settings.payouts.people_for(batch.total_fen)]:
            approve(deployment, batch.batch_id, content_hash=batch.content_hash, by=signatory)
        export(deployment, batch.batch_id, by=PAYMASTER)
        with deployment.store.reading() as rx:
            lines = read_lines(rx, batch.batch_id)
        said = lines.select("reference", "amount_fen", outcome=pl.lit("paid"), line=pl.int_range(1, pl.len() + 1))
        head = BankFileHead(f"{batch.batch_id}.txt", "returns", "demo", text_digest(batch.batch_id))
        take_in(deployment, head, pl.concat([SAID_LINES.to_frame(), said], how="diagonal"), by=PAYMASTER)


def _open_accounts(deployment: Deployment, plan: DistrictPlan) -> None:
    with deployment.store.writing() as tx:
        for account in plan.trial_accounts:
            subject_id = look_up(tx, deployment.seals, "enterprise", account.number)
            add_account(tx, account.login, PASSWORD, subject_id=subject_id)
        for officer in OFFICERS:
            add_account(tx, officer, PASSWORD, subject_id=None)
