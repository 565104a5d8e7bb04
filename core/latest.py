"""What was made last, kept for whoever asks for the same again."""

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Made = TypeVar("Made")


class Latest(Generic[Made]):
    """One thing at a time, by its key; nothing is ever told of another key.

    Of those who ask at once for what is not there one makes it, and the others wait.
    """

    def __init__(self) -> None:
        self._making = Lock()
        self._kept: tuple[Hashable, Made] | None = None

    def of(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """Return what was made for a key, or make it."""
        found = self._found(key)
        if found is not None:
            return found[1]
        with self._making:
            found = self._found(key)
            if found is None:
                found = self._kept = (key, make())
        return found[1]

    def _found(self, key: Hashable) -> tuple[Hashable, Made] | None:
        kept = self._kept
        return kept if kept is not None and kept[0] == key else None
