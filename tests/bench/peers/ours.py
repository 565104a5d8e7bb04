"""Ours, and Polars by hand, in the form of a peer: the very ways of `one_match`."""

from collections.abc import Callable
from pathlib import Path

import polars as pl

from engine.planes import MET
from tests.bench.one_match import WAYS
from tests.bench.peers.conditions import Policies


def by_hand(asked: Policies) -> Callable[[Path, Path], None]:
    """Return what somebody writes who knows Polars well: each condition once, the policies over them, all rows at a time."""
    return lambda register, out: _done("by hand", asked, register, out)


def together(asked: Policies) -> Callable[[Path, Path], None]:
    """Return the matcher, asked who is met."""
    return lambda register, out: _done("together", asked, register, out)


def three_planes(asked: Policies) -> Callable[[Path, Path], None]:
    """Return the matcher, asked for three planes of each policy, which are kept beside `out` and not listed."""
    return lambda register, out: _done("three planes", asked, register, out)


def listed_planes(register: Path, out: Path, asked: Policies) -> pl.DataFrame:
    """Return who is met by the planes that were kept: what the other ways list."""
    kept = sorted(out.parent.glob(f"{out.stem}.[0-9]*"), key=lambda path: int(path.suffix[1:]))
    planes = pl.concat([pl.read_ipc(path) for path in kept])
    ids = pl.read_parquet(register, columns=["subject_id"])["subject_id"]
    own = [ids.filter(planes[f"{MET}:{name}"]) for name in asked]
    numbers = [pl.repeat(place, len(each), dtype=pl.UInt16, eager=True) for place, each in enumerate(own)]
    return pl.DataFrame({"subject_id": pl.concat(own), "policy": pl.concat(numbers)})


def _done(way: str, asked: Policies, register: Path, out: Path) -> None:
    WAYS[way](register, {name: list(nodes) for name, nodes in asked.items()}, out)
