"""A generated district whose enterprises have been through their three nights: what explanations and pages work on.

Built once per process. Rules are activated without their proofs, which have tests of their own, and only those for
enterprises run at night; the people and their rules arrive after the last night.
"""

import atexit
import datetime as dt
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from core.clock import FixedClock
from core.ids import derive_id
from core.workspace import init_workspace
from engine.deployment import Deployment, deployed
from engine.district import generate_district
from engine.district.plan import DeliveredFile, DistrictPlan, PlannedNight
from engine.library import copy_library
from engine.loading import load_delivered
from engine.run import NightOptions, run_night
from profiles.catalogue_reading import read_catalogue
from rules.bound import RuleVersion
from rules.reading import read_policies
from rules.standing import Activation
from store.accounts import account_of, add_account
from store.activations import activate, publish_version
from store.batches import read_batches, read_lines
from store.states.paying import BatchState
from store.vault_openings import look_up
from tests.store.paying import answer, send

PASSWORD = "a-password-for-tests"
OFFICER = "officer"
CHEAP = (2**4, 8, 1)  # a password that is quick to check
LAST_NIGHT = dt.date(2025, 9, 30)


@dataclass(frozen=True, slots=True)
class TrialWorld:
    """A workspace folder, the plan it was made from, and the instant after everything happened."""

    root: Path
    plan: DistrictPlan
    after: dt.datetime

    @contextmanager
    def open(self, folder: Path | None = None) -> Iterator[Deployment]:
        """Open the workspace, or a copy of its database that a test may write on."""
        root = self.root
        if folder is not None:
            shutil.copytree(self.root, folder)
            root = folder
        with deployed(root, FixedClock(self.after)) as deployment:
            yield deployment


@cache
def trial_world() -> TrialWorld:
    """Return the world; nobody may write on it."""
    folder = Path(tempfile.mkdtemp(prefix="trial"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    plan = generate_district(folder / "deliveries", seed=7, people=300, enterprises=40)
    workspace = init_workspace(folder / "workspace", name="青浦区（演示）", region=plan.region)
    copy_library(workspace)
    catalogue = read_catalogue(workspace.catalogue)
    versions = {(each.policy, each.version): each for each in read_policies(workspace.policies, catalogue)}
    clock = FixedClock(plan.steps()[0][0])
    later: list[DeliveredFile | Activation] = []
    with deployed(workspace.root, clock) as deployment:
        for clock.instant, step in plan.steps():
            match step:
                case PlannedNight():
                    run_night(deployment, step.business_date, options=NightOptions(), progress=lambda _: None)
                    _pay(deployment)
                case _ if _subject_of(step, deployment, versions) != "enterprise":
                    later.append(step)
                case _:
                    _take(step, deployment, plan, versions)
        clock.instant += dt.timedelta(hours=1)
        for step in later:
            _take(step, deployment, plan, versions)
        _open_accounts(deployment, plan)
    return TrialWorld(workspace.root, plan, clock.instant + dt.timedelta(hours=1))


def subject_of(deployment: Deployment, login: str) -> str:
    """Return the subject that a trial account speaks for."""
    with deployment.store.reading() as rx:
        account = account_of(rx, login)
    assert account is not None
    assert account.subject_id is not None
    return account.subject_id


_Versions = dict[tuple[str, int], RuleVersion]


def _subject_of(step: DeliveredFile | Activation, deployment: Deployment, versions: _Versions) -> str:
    if isinstance(step, DeliveredFile):
        return deployment.catalogue.resources[step.resource].subject
    assert step.version is not None
    return versions[step.policy, step.version].written.subject


def _take(step: DeliveredFile | Activation, deployment: Deployment, plan: DistrictPlan, versions: _Versions) -> None:
    if isinstance(step, DeliveredFile):
        load_delivered(deployment, plan.source(step), resource=step.resource, data_date=step.data_date)
        return
    assert step.version is not None
    version = versions[step.policy, step.version]
    publish_unproved(deployment, version, step, by="author")


def publish_unproved(deployment: Deployment, version: RuleVersion, stands: Activation, *, by: str) -> None:
    """Publish a version past plans and proofs, and let it stand now as it would then."""
    days = (version.written.valid_from, version.written.valid_through)
    with deployment.store.writing() as tx:
        publish_version(
            tx,
            version.text,
            policy=version.policy,
            version=version.version,
            fingerprint=version.fingerprint,
            days=days,
            by=by,
        )
        made = replace(stands, valid_through=stands.valid_through or days[1], activated_at=tx.now)
        activate(tx, derive_id("a", repr(made)), made, by=by)


def _pay(deployment: Deployment) -> None:
    with deployment.store.writing() as tx:
        for batch in read_batches(tx, states=[BatchState.FROZEN]):
            send(tx, batch.batch_id)
            answer(tx, batch.batch_id, paid=read_lines(tx, batch.batch_id)["item_id"].to_list())


def _open_accounts(deployment: Deployment, plan: DistrictPlan) -> None:
    with deployment.store.writing() as tx:
        for account in plan.trial_accounts:
            subject_id = look_up(tx, deployment.seals, "enterprise", account.number)
            add_account(tx, account.login, PASSWORD, subject_id=subject_id, cost=CHEAP)
        add_account(tx, OFFICER, PASSWORD, subject_id=None, cost=CHEAP)
