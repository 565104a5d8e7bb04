"""Sends what the outbox holds, after a night or by itself; what cannot be sent is listed."""

import datetime as dt
from collections.abc import Collection
from dataclasses import replace

from core.errors import MianshenError, RefusedError
from core.findings import Finding
from core.roles import Role
from delivery.batches import Collected
from delivery.channel_settings import channels_of
from delivery.dispatch import Dispatcher
from delivery.dispatch_report import DispatchReport
from delivery.manners import manners_of
from engine.authority import authorised
from engine.claims import holder_name, is_dead
from engine.compute import Progress
from engine.deployment import Deployment
from engine.housekeeping import tidy
from engine.paying.exporting import finish_exports
from engine.payouts import write_payout_files
from engine.report import NightReport, NightState
from engine.run import NightOptions, run_night
from store.codes import StoreCode

NOTICES_MAX = 2_000_000  # in one go; a district's first night has half as many, any other a few thousand


def tell(deployment: Deployment) -> DispatchReport:
    """Send every notice whose time has come, once."""
    return dispatcher_of(deployment).dispatch(NOTICES_MAX)


def tell_now(deployment: Deployment, *, by: str) -> DispatchReport:
    """Send every notice whose time has come, once, because somebody says so.

    Fails: RefusedError where they may not.
    """
    authorised(deployment, by, Role.OPERATOR)
    return tell(deployment)


def dispatcher_of(deployment: Deployment) -> Dispatcher:
    """Return what sends the notices of a workspace, with its own letters.

    Fails: DeliveryError where a letter cannot be filled.
    """
    workspace = deployment.workspace
    return Dispatcher(
        deployment.store,
        deployment.book("notices"),
        channels_of(workspace.settings.channels, workspace.outbox),
        deployment.templates,
        manners_of(workspace.settings.notices),
        holder_name(),
        is_dead,
    )


def run_and_tell(
    deployment: Deployment, business_date: dt.date, *, options: NightOptions, progress: Progress
) -> NightReport:
    """Run a night and send its notices; of one that is published already, finish what it left.

    Fails: as `engine.run.run_night`; what still stands in the way of a published night is among the findings.
    """
    try:
        report = run_night(deployment, business_date, options=options, progress=progress)
    except RefusedError as refusal:
        if refusal.findings[0].code is not StoreCode.RUN_PUBLISHED:
            raise
        raise RefusedError([*refusal.findings, *finish(deployment)]) from None
    progress("sending notices")
    return _told(deployment, report)


def _told(deployment: Deployment, report: NightReport) -> NightReport:
    """Send the notices of a night, if it was published, tidy up, and add to its report what stands in the way."""
    if report.state is not NightState.PUBLISHED:
        return report
    left = (*finish_exports(deployment), *_sent(deployment), *tidy(deployment))
    return replace(report, findings=(*report.findings, *left))


def finish(deployment: Deployment) -> list[Finding]:
    """Make what published nights left when they were killed or failed on the way: payout files and notices; and tidy up.

    Nothing is made twice; where nothing was left, nothing is done. Returns what still stands in the way.
    """
    written = write_payout_files(deployment, Collected())
    return [*written, *finish_exports(deployment), *_sent(deployment), *tidy(deployment)]


def _sent(deployment: Deployment) -> Collection[Finding]:
    try:
        return tell(deployment).findings
    except MianshenError as error:  # the night stands; its notices wait for the next one
        return error.findings
