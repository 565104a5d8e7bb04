"""Spark on this machine, for tests: what it needs, or an honest skip."""

import datetime as dt
import os
from importlib.util import find_spec
from pathlib import Path

import polars as pl
import pytest

from engine.prepared import PreparedMatch, read_match
from engine.spark.cluster import java_of
from tests.bench.matching import profiles_of

LIBRARY = Path(__file__).parents[3] / "rules" / "library"
ON = dt.date(2025, 11, 3)


def spark_is_needed() -> None:
    """Skip where Spark cannot run."""
    if find_spec("pyspark") is None:
        pytest.skip("Spark: pip install '.[spark]'")
    if java_of(os.environ) is None:
        pytest.skip("Java 17 for Spark: on Debian, apt-get install openjdk-17-jre-headless")


def shipped(kind: str) -> PreparedMatch:
    """Return the shipped policies for one kind of subject."""
    match = read_match(LIBRARY / "catalogue", LIBRARY / "policies", ON)
    return PreparedMatch(match.catalogue, [each for each in match.versions if each.written.subject == kind], ON)


def made_up(match: PreparedMatch, count: int, seed: int = 1) -> pl.DataFrame:
    """Return subjects with every fact that some policy reads."""
    codes = sorted(frozenset[str]().union(*(each.attributes for each in match.chosen)))
    return profiles_of([match.catalogue.attributes[code] for code in codes], count, seed=seed).drop("day", "through")


def in_files(profiles: pl.DataFrame, folder: Path) -> Path:
    """Write a frame as a folder of files, in folders whose names say something else, beside what is none of it."""
    (folder / "day=2020-01-01").mkdir(parents=True)
    (folder / "_writing").mkdir()
    third = -(-profiles.height // 3)
    for number, name in enumerate(("c.parquet", "day=2020-01-01/a.parquet", "b.parquet")):
        profiles.slice(number * third, third).write_parquet(folder / name, row_group_size=max(1, third // 2))
    (folder / "_SUCCESS").touch()
    (folder / "_writing" / "d.parquet").write_text("not yet Parquet", "utf-8")
    return folder
