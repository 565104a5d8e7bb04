"""What a worker does with a part of a night's profiles: everything that policies ask of it, as one machine would."""

import pickle
from collections.abc import Mapping
from functools import lru_cache
from io import BytesIO

import polars as pl

from engine.policy_match import MatchedHere, PolicyMatch

STRETCHES, OUTCOMES = "stretches", "outcomes"

Told = list[tuple[str, str, bytes]]
"""Policy, which of the two, and the frame, as Arrow writes files."""


def matched(part: bytes, rules: bytes) -> Told:
    """Return what the units of a part come to under every policy."""
    profiles, told = pl.read_ipc(BytesIO(part)), Told()
    for policy, asked in _asked(rules).items():
        here = MatchedHere(asked, profiles)
        told.append((policy, STRETCHES, _as_bytes(here.stretches())))
        outcomes = here.outcomes()
        if outcomes is not None:
            told.append((policy, OUTCOMES, _as_bytes(outcomes)))
    return told


def _as_bytes(frame: pl.DataFrame) -> bytes:
    return frame.write_ipc(None, compression="lz4").getvalue()


@lru_cache(maxsize=1)
def _asked(rules: bytes) -> Mapping[str, PolicyMatch]:
    """Return what policies ask; read once in each process."""
    asked: Mapping[str, PolicyMatch] = pickle.loads(rules)  # noqa: S301  # written by whoever sent this worker its code
    return asked
