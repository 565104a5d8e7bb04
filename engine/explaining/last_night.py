"""The last night, read before anybody asks: beside the pages, in each process that answers, when it begins and after every night."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

from core.collector import set_apart
from core.errors import MianshenError
from engine.deployment import Deployment
from engine.explaining.explain import viewpoint_on
from engine.night import JOB
from store.runs import latest_night

LOOKS_SECONDS: Final = 1.0  # how often it is looked whether there is a new night


@contextmanager
def last_night_ready(deployment: Deployment, then: Callable[[], None]) -> Iterator[None]:
    """Read the last night while the block goes on, soon after it was published; who asks meanwhile waits for the same reading.

    What cannot be read is told whoever asks. What else is to be ready before anybody asks is made by `then`, once.
    """
    over = threading.Event()

    def look_on() -> None:
        read = _read(deployment, None)
        then()
        set_apart()
        while not over.wait(LOOKS_SECONDS):
            before, read = read, _read(deployment, read)
            if read != before:
                set_apart()

    thread = threading.Thread(target=look_on, name="readiness", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _read(deployment: Deployment, read: str | None) -> str | None:
    """Read the last night where it is another than was read before; return which it is."""
    night: str | None = read
    with suppress(MianshenError), deployment.store.reading() as rx:
        latest = latest_night(rx, JOB)
        night = None if latest is None else latest[0]
        if night is not None and night != read:
            viewpoint_on(rx, deployment, None)
    return night
