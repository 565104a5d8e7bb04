"""A night's matching by Spark: profiles go out in parts, each with all rows of its units, and what they come to comes back.

Workers see profiles and rules: no store, no vault, no ledger. What they tell waits on this machine's disk until the night asks
for it, policy by policy. So no file system has to be shared.
"""

import pickle
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from itertools import islice, pairwise
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import polars as pl

from engine.policy_match import Matched, PolicyMatch
from engine.spark.cluster import Cluster, jobs_on
from engine.spark.night_worker import OUTCOMES, STRETCHES, Told

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

PART_ROWS = 100_000
"""About how many rows of profiles go out at once: seconds of work for some hundred policies, megabytes on the way."""

PARTS_PER_CORE = 2  # on their way at once; what is not yet asked waits here, not in the memory of Java


@dataclass(frozen=True, slots=True)
class Spool:
    """What workers told, on this machine's disk: frames by policy, part after part."""

    file: Path
    places: dict[tuple[str, str], list[tuple[int, int]]] = field(default_factory=dict)

    def keep(self, told: Told) -> None:
        """Keep what one part came to, behind those before it."""
        with self.file.open("ab") as file:
            for policy, what, frame in told:
                self.places.setdefault((policy, what), []).append((file.tell(), len(frame)))
                file.write(frame)

    def frame(self, policy: str, what: str) -> pl.DataFrame | None:
        """Return what all parts came to, in their order; None: nobody told anything."""
        places, parts = self.places.get((policy, what)), list[pl.DataFrame]()
        if places is None:
            return None
        with self.file.open("rb") as file:
            for place, size in places:
                file.seek(place)
                parts.append(pl.read_ipc(BytesIO(file.read(size))))
        return pl.concat(parts)


@dataclass(frozen=True, slots=True)
class MatchedThere:
    """What everybody came to under one policy, as workers told it."""

    policy: str
    spool: Spool

    def stretches(self) -> pl.DataFrame:
        """Return the stretches that are met or unknown."""
        found = self.spool.frame(self.policy, STRETCHES)
        assert found is not None, self.policy
        return found

    def outcomes(self) -> pl.DataFrame | None:
        """Return the outcomes of the business date."""
        return self.spool.frame(self.policy, OUTCOMES)


@dataclass(frozen=True, slots=True)
class SparkMatching:
    """Matching by the workers of a cluster; `folder` is for what they tell."""

    spark: "SparkSession"
    cluster: Cluster
    folder: Path
    part_rows: int = PART_ROWS

    def __call__(self, asked: Mapping[str, PolicyMatch], profiles: Mapping[str, pl.DataFrame]) -> Mapping[str, Matched]:
        """Match: as `engine.policy_match.match_here`.

        Fails: RunError where a job fails.
        """
        spool = Spool(self.folder / f"{uuid4()}.spool")
        with jobs_on(self.cluster):
            for kind, frame in profiles.items():
                own = {policy: each for policy, each in asked.items() if each.kind == kind}
                for told in self._told(parts_of(frame, self.part_rows), pickle.dumps(own)):
                    spool.keep(told)
        return {policy: MatchedThere(policy, spool) for policy in asked}

    def _told(self, parts: Iterator[pl.DataFrame], rules: bytes) -> Iterator[Told]:
        """Give what each part comes to, in their order."""
        context = self.spark.sparkContext
        sent = context.broadcast(rules)

        def of_part(part: bytes) -> Told:
            from engine.spark.night_worker import matched

            return matched(part, sent.value)

        waiting = map(_as_bytes, parts)
        while some := list(islice(waiting, PARTS_PER_CORE * context.defaultParallelism)):
            yield from context.parallelize(some, len(some)).map(of_part).collect()
        sent.destroy()


def parts_of(profiles: pl.DataFrame, rows: int) -> Iterator[pl.DataFrame]:
    """Give profiles in parts of about so many rows, each with all rows of its units; of none, one part without rows.

    Expects: sorted by unit, as `profiles.assemble` makes them.
    """
    ids = profiles["subject_id"]
    begins = (ids != ids.shift(1)).fill_null(value=True).arg_true()
    wished = pl.int_range(0, profiles.height, rows, eager=True).cast(begins.dtype)
    places = begins.search_sorted(wished).unique().sort()
    firsts = begins.gather(places.filter(places < len(begins))).to_list() or [0]
    for first, end in pairwise([*firsts, profiles.height]):
        yield profiles.slice(first, end - first)


def _as_bytes(part: pl.DataFrame) -> bytes:
    return part.write_ipc(None, compression="lz4").getvalue()
