"""Nights: where a run stands, and what may follow."""

from enum import StrEnum


class RunState(StrEnum):
    """Where one night stands."""

    CLAIMED = "claimed"
    RUNNING = "running"
    VERIFYING = "verifying"  # computed; its guards are being asked
    PUBLISHED = "published"
    ABORTED = "aborted"


LIVE_RUN = frozenset({RunState.CLAIMED, RunState.RUNNING, RunState.VERIFYING})
"""A run in one of these belongs to the holder of its lease."""


RUN_TRANSITIONS: dict[RunState, frozenset[RunState]] = {
    RunState.CLAIMED: frozenset({RunState.RUNNING, RunState.ABORTED}),
    RunState.RUNNING: frozenset({RunState.VERIFYING, RunState.ABORTED}),
    RunState.VERIFYING: frozenset({RunState.PUBLISHED, RunState.ABORTED}),
    RunState.PUBLISHED: frozenset(),
    RunState.ABORTED: frozenset({RunState.CLAIMED}),
}
