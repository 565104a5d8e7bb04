"""Python's search for cyclic garbage, put off while one job makes millions of small objects and hardly a cycle."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


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
