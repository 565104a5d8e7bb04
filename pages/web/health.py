"""What machines ask: whether the process lives, whether it can serve, and how much it has served."""

from dataclasses import dataclass
from ipaddress import ip_address

from starlette.responses import PlainTextResponse, Response

from core.errors import MianshenError
from pages.web.guard import Guard
from pages.web.metrics import Metrics
from pages.web.routes import For, Route, page
from pages.web.visits import Visit, missing
from store.schema import is_at_newest_schema

_NOT_READY = 503


@dataclass(frozen=True, slots=True)
class Health:
    """The views for machines."""

    guard: Guard
    metrics: Metrics

    def routes(self) -> list[Route]:
        """Return the routes; counts only where the settings say so."""
        return [
            page("/healthz", self.lives, For.EVERYBODY),
            page("/readyz", self.is_ready, For.EVERYBODY),
            *([page("/metrics", self.counts, For.EVERYBODY)] if self.guard.web.metrics else ()),
        ]

    @staticmethod
    def lives(_: Visit) -> Response:
        """Say that there is somebody."""
        return PlainTextResponse("ok")

    @staticmethod
    def is_ready(visit: Visit) -> Response:
        """Say whether the database answers and has the schema of this version."""
        try:
            with visit.deployment.store.reading() as rx:
                is_ready = is_at_newest_schema(rx.connection)
        except MianshenError:
            is_ready = False
        return PlainTextResponse("ready" if is_ready else "not ready", 200 if is_ready else _NOT_READY)

    def counts(self, visit: Visit) -> Response:
        """Show the counts to this machine alone."""
        client = visit.request.client
        if client is None or not _is_this_machine(client.host):
            raise missing()
        return self.metrics.page()


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
