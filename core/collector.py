"""Python's search for cyclic garbage, put off where many small objects are made and hardly a cycle."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

SEARCH_AFTER: Final = 20_000  # new objects; a page makes some thousands, which are gone with it


@contextmanager
def no_search_for_cycles() -> Iterator[None]:
    """Keep the cyclic collector from running inside; objects that nobody refers to are freed as ever.

    Every search walks all that lives, so its cost grows with what a job has gathered: a tenth of a first night.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def search_seldom() -> None:
    """Have the cyclic collector search after `SEARCH_AFTER` new objects, and not after 700: a tenth of a page was searching."""
    _, *older = gc.get_threshold()
    gc.set_threshold(SEARCH_AFTER, *older)


def set_apart() -> None:
    """Have the cyclic collector pass over all that lives by now, as what was read of a night; what was set apart before is looked at once more.

    A search of everything stops every page of a process for as long as it takes to walk a night, a third of a second.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
