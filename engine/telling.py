"""Sends what the outbox holds, after a night or by itself; what cannot be sent is listed."""

from core.findings import Finding
from delivery.channel_settings import channels_of
from delivery.dispatch import Dispatcher
from delivery.dispatch_report import DispatchReport
from delivery.notice_templates import read_templates
from engine.claims import holder_name
from engine.deployment import Deployment

NOTICES_MAX = 100_000  # in one go; a night of a district has a few thousand


def tell(deployment: Deployment) -> DispatchReport:
    """Send every notice whose time has come, once."""
    workspace = deployment.workspace
    dispatcher = Dispatcher(
        deployment.store,
        deployment.book("notices"),
        channels_of(workspace.settings.channels, workspace.outbox),
        read_templates(),
        holder_name(),
    )
    return dispatcher.dispatch(NOTICES_MAX)


def telling_findings(report: DispatchReport) -> list[Finding]:
    """Return what keeps notices from being sent."""
    return list(report.findings)
