"""Counts and times of requests for Prometheus, by declared route: nothing in them is anybody's.

Where several processes answer, each counts in a file of a folder that they share, and whichever is asked tells of all.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.responses import Response

_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_TOGETHER: Final = "PROMETHEUS_MULTIPROC_DIR"
"""The variable by which the client's library, when a process first imports it, counts in files of a folder."""


@contextmanager
def counted_together() -> Iterator[Path]:
    """Have the processes that are begun in the block count together; give the folder in which they do."""
    with TemporaryDirectory(prefix="mianshen-counts-") as folder:
        os.environ[_TOGETHER] = folder
        try:
            yield Path(folder)
        finally:
            del os.environ[_TOGETHER]


class Metrics:
    """The counts of one application."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "mianshen_requests", "Requests answered.", ("route", "method", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "mianshen_request_seconds", "Time to answer.", ("route",), registry=self._registry, buckets=_SECONDS
        )

    def count(self, *, route: str, method: str, status: int, seconds: float) -> None:
        """Count one answer."""
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def page(self) -> Response:
        """Return what Prometheus reads."""
        registry = self._registry
        if _TOGETHER in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library's own, without types
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
