"""Matching on a prepared frame by Spark: as `engine.prepared`, of frames that no machine holds alone.

A frame is a path of this machine, or an address that Spark knows (`file:`, `hdfs:`, `s3a:`). A result goes to a path as the one
file that one machine writes, or to an address as a folder of parts: read in the order of their names, they are by
policy and subject.
"""

import pickle
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import polars as pl

from engine.prepared import MATCHES, Counts, Kernel, PreparedMatch, counted, write_matches
from engine.prepared_frames import SUBJECT, check_columns, check_subjects, is_address, unwritable
from engine.spark.hadoop import Hadoop

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_TOLD = (
    "policy string, subject_id string, outcome string, failing array<string>, missing array<string>, amount_fen bigint"
)


def match_on_spark(
    spark: "SparkSession",
    profiles: str,
    match: PreparedMatch,
    *,
    out: str,
    is_whole: bool = False,
    is_plain: bool = False,
) -> Counts:
    """Match a prepared frame and write the outcomes; return how many there are, by policy and outcome.

    Fails: as `engine.prepared.match_file`, with the same findings. A result is there whole or not at all.
    """
    hadoop, place = Hadoop(spark), PurePosixPath(profiles.rstrip("/")).name
    if is_address(out) and hadoop.exists(out):
        raise unwritable(PurePosixPath(out.rstrip("/")).name, "there is something of that name already")
    address = profiles if is_address(profiles) else Path(profiles).absolute().as_uri()
    frame = spark.read.parquet(*hadoop.frame_files(address))
    check_columns(match.catalogue, match.chosen, _columns(frame), place)
    check_subjects(place, **_wrong_subjects(frame))
    told = _told(spark, frame, match.kernel(is_whole=is_whole, is_plain=is_plain))
    if is_address(out):
        _write_parts(hadoop, told, out, mark=spark.sparkContext.applicationId)
        return _counted(match, spark.read.parquet(out))
    matches = pl.DataFrame(told.toArrow()).cast(MATCHES).sort("policy", SUBJECT)
    write_matches(matches, Path(out))
    return counted(match, matches)


def _columns(frame: "DataFrame") -> pl.Schema:
    return pl.DataFrame(frame.limit(0).toArrow()).schema


def _wrong_subjects(frame: "DataFrame") -> Mapping[str, int]:
    """Return how many rows name a subject twice, and how many nobody."""
    from pyspark.sql import functions as F  # noqa: N812  # as everybody writes it

    rows = frame.groupBy(SUBJECT).agg(F.count(F.lit(1)).alias("rows"))
    is_nobody, count = F.col(SUBJECT).isNull(), F.col("rows")
    twice = F.sum(F.when(~is_nobody & (count > 1), count))
    (found,) = rows.agg(twice.alias("twice"), F.sum(F.when(is_nobody, count)).alias("nobody")).collect()
    return {name: found[name] or 0 for name in ("twice", "nobody")}


def _told(spark: "SparkSession", frame: "DataFrame", kernel: Kernel) -> "DataFrame":
    rules = spark.sparkContext.broadcast(pickle.dumps(kernel))

    def of_rows(batches: Iterator[Any]) -> Iterator[Any]:
        from engine.spark.worker import matches

        return matches(batches, rules.value)

    return frame.selectExpr(
        f"cast({SUBJECT} as string) as {SUBJECT}", *(f"`{code}`" for code in kernel.reads)
    ).mapInArrow(of_rows, _TOLD)


def _write_parts(hadoop: Hadoop, told: "DataFrame", out: str, *, mark: str) -> None:
    """Write a folder of parts beside, then give it its name."""
    parent, _, name = out.rstrip("/").rpartition("/")
    beside = f"{parent}/.{name}.{mark}.writing"
    try:
        told.orderBy("policy", SUBJECT).write.parquet(beside)
        if hadoop.exists(out) or not hadoop.move(beside, out):
            raise unwritable(name, "there is something of that name already")
    finally:
        if hadoop.exists(beside):
            hadoop.delete(beside)


def _counted(match: PreparedMatch, matches: "DataFrame") -> Counts:
    counts: Counts = {version.policy: {} for version in match.chosen}
    for policy, outcome, count in matches.groupBy("policy", "outcome").count().orderBy("policy", "outcome").collect():
        counts[policy][outcome] = count
    return counts
