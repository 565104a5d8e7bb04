"""What was made last, kept for whoever asks for the same again."""

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Made = TypeVar("Made")


class Latest(Generic[Made]):
    """One thing at a time, by its key; nothing is ever told of another key.

    Two who ask at once may both make it, and get what is alike.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: tuple[Hashable, Made] | None = None

    def of(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """Return what was made for a key, or make it."""
        with self._lock:
            kept = self._kept
        if kept is not None and kept[0] == key:
            return kept[1]
        made = make()
        with self._lock:
            self._kept = (key, made)
        return made
