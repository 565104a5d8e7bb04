"""Sends what the outbox holds, after a night or by itself; what cannot be sent is listed."""

from collections.abc import Collection
from dataclasses import replace

from core.errors import MianshenError
from core.findings import Finding
from delivery.batches import Collected
from delivery.channel_settings import channels_of
from delivery.dispatch import Dispatcher
from delivery.dispatch_report import DispatchReport
from delivery.notice_templates import read_templates
from engine.claims import holder_name, is_dead
from engine.deployment import Deployment
from engine.payouts import write_payout_files
from engine.report import NightReport, NightState

NOTICES_MAX = 2_000_000  # in one go; a district's first night has half as many, any other a few thousand


def tell(deployment: Deployment) -> DispatchReport:
    """Send every notice whose time has come, once."""
    workspace = deployment.workspace
    dispatcher = Dispatcher(
        deployment.store,
        deployment.book("notices"),
        channels_of(workspace.settings.channels, workspace.outbox),
        read_templates(),
        holder_name(),
        is_dead,
    )
    return dispatcher.dispatch(NOTICES_MAX)


def told(deployment: Deployment, report: NightReport) -> NightReport:
    """Send the notices of a night, if it was published, and add to its report what keeps some from being sent."""
    if report.state is not NightState.PUBLISHED:
        return report
    return replace(report, findings=(*report.findings, *_sent(deployment)))


def finish(deployment: Deployment) -> list[Finding]:
    """Make what published nights left when they were killed or failed on the way: payout files and notices.

    Nothing is made twice; where nothing was left, nothing is done. Returns what still stands in the way.
    """
    return [*write_payout_files(deployment, Collected()), *_sent(deployment)]


def _sent(deployment: Deployment) -> Collection[Finding]:
    try:
        return tell(deployment).findings
    except MianshenError as error:  # the night stands; its notices wait for the next one
        return error.findings
