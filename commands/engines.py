"""Where matching is done: on this machine, or on a Spark cluster; the options that say so."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from engine.policy_match import Matching
    from engine.spark.cluster import Cluster


class Engine(StrEnum):
    """What matches."""

    LOCAL = "local"
    SPARK = "spark"


EngineName = Annotated[Engine, typer.Option("--engine", help="What matches: this machine, or Spark.")]
MasterAddress = Annotated[
    str | None,
    typer.Option(
        help="The master of Spark: local[2], spark://host:7077, yarn, k8s://…; else the cores of this machine."
    ),
]
SparkSettings = Annotated[
    list[str] | None, typer.Option("--conf", help="A setting of Spark, as spark.name=value.", metavar="NAME=VALUE")
]


def cluster_of(engine: Engine, master: str | None, conf: list[str] | None) -> "Cluster | None":
    """Return the cluster that was asked for; None where this machine matches.

    Fails: BadParameter where a cluster is described that is not asked for; RunError where its description is wrong.
    """
    if engine is Engine.LOCAL:
        if master or conf:
            raise typer.BadParameter("--master and --conf are for --engine spark")
        return None
    from engine.spark.cluster import EVERY_CORE, Cluster, check_master, settings_of

    check_master(master or EVERY_CORE)
    return Cluster(master or EVERY_CORE, settings_of(conf or ()))


@contextmanager
def matching_on(cluster: "Cluster | None") -> "Iterator[Matching]":
    """Open what a night matches with: this machine, or a session on a cluster, which is closed at the end."""
    if cluster is None:
        from engine.policy_match import match_here

        yield match_here
        return
    from engine.spark.cluster import spark_session
    from engine.spark.nights import SparkMatching

    with TemporaryDirectory(prefix="mianshen") as folder, spark_session(cluster) as spark:
        yield SparkMatching(spark, cluster, Path(folder))
