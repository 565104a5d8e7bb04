"""Errands: what takes too long for a page, and how far it is."""

from enum import StrEnum


class ErrandKind(StrEnum):
    """What takes too long for a page, and is carried out beside it."""

    READINESS = "readiness"  # what a data steward does first
    REPLAY = "replay"  # a published night computed again
    PLAN = "plan"  # a change on everybody
    NIGHT = "night"


class ErrandState(StrEnum):
    """How far an errand is."""

    ASKED = "asked"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"  # its result says why
    BROKEN_OFF = "broken_off"  # whoever worked on it is gone, or nobody took it


LIVE_ERRAND = frozenset({ErrandState.ASKED, ErrandState.RUNNING})
