"""Matching on Spark: what this machine says of a frame, byte for byte, and the same of what is wrong with one."""

import math
import pickle
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest

from core.errors import MianshenError, RunError
from engine.codes import RunCode
from engine.prepared import MATCHES, PreparedMatch, match_file, match_prepared
from engine.spark.cluster import Cluster, jobs_on, spark_session
from tests.engine.spark.clusters import in_files, made_up, shipped, spark_is_needed

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.xdist_group("spark")

HERE = Cluster("local[2]")


@pytest.fixture(scope="module")
def spark() -> Iterator["SparkSession"]:
    """Return Spark with two cores of this machine."""
    spark_is_needed()
    with spark_session(HERE) as session:
        yield session


@pytest.fixture(scope="module")
def people() -> PreparedMatch:
    """Return the shipped policies for people."""
    return shipped("person")


def on_spark(spark: "SparkSession", profiles: object, match: PreparedMatch, out: object, **how: bool) -> object:
    """Match by Spark."""
    from engine.spark.prepared import match_on_spark

    with jobs_on(HERE):
        return match_on_spark(spark, str(profiles), match, out=str(out), **how)


def digest(file: Path) -> str:
    """Return what a file is known by."""
    return sha256(file.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("kind", "seed", "how"),
    [("person", 1, {}), ("enterprise", 2, {"is_whole": True}), ("person", 3, {"is_plain": True})],
)
def test_the_same_file_as_here(
    spark: "SparkSession", tmp_path: Path, kind: str, seed: int, how: dict[str, bool]
) -> None:
    """Random frames under all shipped policies: the one file is the same, byte for byte."""
    match = shipped(kind)
    profiles = in_files(made_up(match, 900, seed), tmp_path / "profiles")
    is_whole, is_plain = "is_whole" in how, "is_plain" in how
    told = match_file(profiles, match, out=tmp_path / "here.parquet", is_whole=is_whole, is_plain=is_plain)

    found = on_spark(spark, profiles, match, tmp_path / "spark.parquet", **how)

    assert found == told
    assert digest(tmp_path / "spark.parquet") == digest(tmp_path / "here.parquet")
    assert pl.read_parquet(tmp_path / "here.parquet").height > 900


def test_a_folder_of_parts(spark: "SparkSession", people: PreparedMatch, tmp_path: Path) -> None:
    """At an address stands a folder: its parts, in the order of their names, are the rows of the one file."""
    profiles, out = in_files(made_up(people, 900), tmp_path / "profiles"), tmp_path / "out"
    told = match_file(profiles, people, out=tmp_path / "here.parquet")

    found = on_spark(spark, profiles.as_uri(), people, out.as_uri())

    parts = pl.concat([pl.read_parquet(each).cast(MATCHES) for each in sorted(out.glob("*.parquet"))])
    assert found == told
    assert parts.equals(pl.read_parquet(tmp_path / "here.parquet"))
    assert sorted(each.name for each in tmp_path.iterdir()) == ["here.parquet", "out", "profiles"]


def test_what_is_there_stays(spark: "SparkSession", people: PreparedMatch, tmp_path: Path) -> None:
    """Nothing is written into a folder that is there, and nothing of it is lost."""
    profiles, out = in_files(made_up(people, 30), tmp_path / "profiles"), tmp_path / "out"
    out.mkdir()
    (out / "dear").touch()

    with pytest.raises(RunError, match="there is something of that name already"):
        on_spark(spark, profiles, people, out.as_uri())

    assert [each.name for each in out.iterdir()] == ["dear"]


def test_a_job_that_fails_leaves_nothing(spark: "SparkSession", people: PreparedMatch, tmp_path: Path) -> None:
    """A file whose last page is damaged fails the job: no result, not half of one, no trace of one."""
    profiles = in_files(made_up(people, 900), tmp_path / "profiles")
    damaged, out = profiles / "b.parquet", tmp_path / "out"
    text = bytearray(damaged.read_bytes())
    text[4:2_000] = bytes(1_996)  # the footer stands at the end
    damaged.write_bytes(bytes(text))

    for to in (out.as_uri(), out):
        with pytest.raises(RunError) as caught:
            on_spark(spark, profiles, people, to)
        assert [each.code for each in caught.value.findings] == [RunCode.SPARK_FAILED]
    assert [each.name for each in tmp_path.iterdir()] == ["profiles"]


def faulty(profiles: pl.DataFrame, folder: Path, fault: str) -> Path:
    """Return where a frame stands that has a fault."""
    read = next(name for name, dtype in profiles.schema.items() if dtype == pl.Boolean)
    path = folder / "profiles.parquet"
    match fault:
        case "column":
            profiles.drop(read).write_parquet(path)
        case "type":
            profiles.with_columns(pl.col(read).cast(pl.String)).write_parquet(path)
        case "no number":
            money = next(name for name, dtype in profiles.schema.items() if dtype == pl.Int64)
            profiles.with_columns(pl.lit(math.nan).alias(money)).write_parquet(path)
        case "no subject":
            profiles.drop("subject_id").write_parquet(path)
        case "nobody":
            profiles.with_columns(subject_id=pl.when(pl.col("subject_id") != "7").then("subject_id")).write_parquet(
                path
            )
        case "twice":
            profiles.with_columns(subject_id=pl.col("subject_id").replace("7", "8")).write_parquet(path)
        case "text":
            path.write_text("subject_id,card\n", "utf-8")
        case "other columns":
            path = in_files(profiles, folder / "profiles")
            profiles.head(3).drop(read).write_parquet(path / "d.parquet")
        case "empty folder":
            (path := folder / "profiles").mkdir()
        case _:
            assert fault == "nothing there"
    return path


FAULTS = [
    *("column", "type", "no number", "no subject", "nobody", "twice", "text"),
    *("other columns", "empty folder", "nothing there"),
]


@pytest.mark.parametrize("fault", FAULTS)
def test_the_same_findings_as_here(spark: "SparkSession", people: PreparedMatch, tmp_path: Path, fault: str) -> None:
    """Whatever is wrong with a frame, Spark says it in the words of this machine, and writes nothing."""
    path, out = faulty(made_up(people, 30), tmp_path, fault), tmp_path / "out"
    with pytest.raises(MianshenError) as here:
        match_file(path, people, out=out)

    with pytest.raises(MianshenError) as there:
        on_spark(spark, path, people, out)

    assert there.value.findings == here.value.findings
    assert not out.exists()


@pytest.mark.parametrize("size", [1, 7, 1_000])
def test_batches_do_not_matter(people: PreparedMatch, size: int) -> None:
    """However a worker is given its rows, it tells what they come to; of none it tells nothing."""
    arrow = pytest.importorskip("pyarrow", reason="Spark: pip install '.[spark]'")
    from engine.spark.worker import matches

    profiles, kernel = made_up(people, 60), people.kernel()
    batches = kernel.asked(profiles.lazy()).collect().to_arrow(compat_level=pl.CompatLevel.oldest()).to_batches(size)
    rules = pickle.dumps(kernel)

    told = (
        pl.DataFrame(arrow.Table.from_batches(matches(iter(batches), rules))).cast(MATCHES).sort("policy", "subject_id")
    )

    assert told.equals(match_prepared(profiles.lazy(), people, place="p"))
    assert list(matches(iter(()), rules)) == []
