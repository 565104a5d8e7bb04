"""What may be shown of a table of counts whose total is known: no small cell, and none that the others give away.

A cell below `k` people is hidden; so are as many others as it takes that each hidden cell may be anything from 1 to at
least `k`, for all that the total and the shown cells say. Where the total itself is too small, nothing is shown.
"""

from collections.abc import Mapping, Sequence
from typing import TypeVar

K_LEAST = 5  # fewer people than this are never shown together

_Key = TypeVar("_Key")


def shown_cells(counts: Mapping[_Key, int], k: int = K_LEAST) -> dict[_Key, int | None]:
    """Return each cell, or None where it is hidden; a cell of nobody is shown as 0 unless all are hidden.

    Expects: counts of 0 or more that add up to a total which is known.
    """
    hidden = {key for key, count in counts.items() if 0 < count < k}
    if not hidden:
        return dict(counts)
    others = sorted((key for key, count in counts.items() if count >= k), key=lambda key: counts[key])
    while not _is_safe([counts[key] for key in hidden], k):
        if not others:
            return dict.fromkeys(counts)
        hidden.add(others.pop(0))
    return {key: None if key in hidden else count for key, count in counts.items()}


def _is_safe(hidden: Sequence[int], k: int) -> bool:
    """Say whether each of some hidden cells, of which only the sum is known, may be anything from 1 to `k`."""
    return len(hidden) > 1 and sum(hidden) - (len(hidden) - 1) >= k
