"""Whose sessions are in use: kept for many together a moment later, so that no page that is read waits for a write.

Whoever writes waits while a night writes; a page does not. A session that was left alone for so long that it may soon be over is
kept at once, so that no other process takes it for one that is.
"""

import datetime as dt
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from core.errors import RunError
from store.opening import Store
from store.sessions import IDLE, SEEN_EVERY, SessionRecord, mark_seen

SOON_SECONDS: Final = 1.0
_AT_ONCE_AFTER: Final = IDLE / 2


class Presence:
    """The sessions that were in use since the last were kept; outside of `kept_soon` each is kept at once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting = set[str]()
        self._lock = threading.Lock()
        self._waits = False

    def note(self, session: SessionRecord, now: dt.datetime) -> None:
        """Take note that a session is in use.

        Fails: RunError where the database cannot be written to, and the session may soon be over.
        """
        alone = now - session.seen_at
        if alone < SEEN_EVERY:
            return
        if self._waits and alone < _AT_ONCE_AFTER:
            with self._lock:
                self._waiting.add(session.token_digest)
            return
        with self._store.writing() as tx:
            mark_seen(tx, [session.token_digest])

    def keep(self) -> None:
        """Keep what was noted; where the database refuses it for now, it waits on.

        Fails: RunError.
        """
        with self._lock:
            noted, self._waiting = self._waiting, set()
        if not noted:
            return
        try:
            with self._store.writing() as tx:
                mark_seen(tx, sorted(noted))
        except BaseException:
            with self._lock:
                self._waiting |= noted
            raise

    @contextmanager
    def kept_soon(self) -> Iterator[None]:
        """Keep what is noted in the block a moment later, beside it, and at its end."""
        over = threading.Event()

        def keep_on() -> None:
            while not over.wait(SOON_SECONDS):
                with suppress(RunError):  # it waits for the next time
                    self.keep()

        thread = threading.Thread(target=keep_on, name="presence", daemon=True)
        self._waits = True
        thread.start()
        try:
            yield
        finally:
            self._waits = False
            over.set()
            thread.join()
            with suppress(RunError):  # who was there within the last second counts as gone a moment sooner
                self.keep()
