"""Sends what the outbox holds, after a night or by itself; what cannot be sent is listed."""

from dataclasses import replace

from core.errors import MianshenError
from delivery.channel_settings import channels_of
from delivery.dispatch import Dispatcher
from delivery.dispatch_report import DispatchReport
from delivery.notice_templates import read_templates
from engine.claims import holder_name, is_dead
from engine.deployment import Deployment
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
    try:
        findings = tell(deployment).findings
    except MianshenError as error:  # the night stands; its notices wait for the next one
        findings = error.findings
    return replace(report, findings=(*report.findings, *findings))
