"""Reading ahead: what comes next is read by the database while Python works on what came last, and each takes a core."""

from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_Part = TypeVar("_Part")
_Read = TypeVar("_Read")


def read_ahead(parts: Sequence[_Part], read: Callable[[_Part], _Read]) -> Generator[_Read, None, None]:
    """Give what is read of each part, in their order; a part is read while the one before is worked on.

    One part alone is read without a thread. Parts are read one after the other, so that they may share a transaction.
    Expects: nobody else uses what `read` uses before all is read, or this iterator is closed.
    """
    if len(parts) <= 1:
        yield from map(read, parts)
        return
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="ahead") as beside:
        coming = beside.submit(read, parts[0])
        for part in parts[1:]:
            come, coming = coming.result(), beside.submit(read, part)
            yield come
        yield coming.result()
