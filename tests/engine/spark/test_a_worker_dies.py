"""A worker process that is killed in the middle of a job changes nothing of what the job comes to."""

import os
import select
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from engine.prepared import Kernel, PreparedMatch, match_file
from engine.spark.cluster import Cluster, spark_session
from tests.engine.spark.clusters import in_files, made_up, shipped, spark_is_needed

pytestmark = pytest.mark.xdist_group("spark")

WORKERS = Cluster("local-cluster[2,1,2048]")
PATIENCE_SECONDS = 600  # for a job that never comes to its middle; the test fails then, and does not hang


@dataclass(frozen=True)
class Waiting(Kernel):
    """A kernel of which the first worker that is asked tells its number, and then does nothing until it dies."""

    folder: str = ""

    def decided(self, chunk: pl.DataFrame) -> dict[str, pl.DataFrame]:
        """Decide, but for the first time."""
        try:
            os.close(os.open(f"{self.folder}/first", os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return super().decided(chunk)
        Path(self.folder, "told").write_text(f"{os.getpid()}\n", "ascii")
        signal.pause()
        raise AssertionError("somebody woke it up, and did not kill it")


@dataclass(frozen=True, slots=True)
class WaitingMatch(PreparedMatch):
    """A match by such a kernel."""

    folder: str = ""

    def kernel(self, *, is_whole: bool = False, is_plain: bool = False) -> Kernel:
        """Return the kernel."""
        own = PreparedMatch(self.catalogue, self.versions, self.on).kernel(is_whole=is_whole, is_plain=is_plain)
        return Waiting(own.on, own.compiled, own.is_whole, own.is_plain, self.folder)


def parent_of(process: int) -> int:
    """Return whose child a process is."""
    return int(Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()[1])


def ancestors(process: int) -> Iterator[int]:
    """Give the processes that a process comes from, its parent first."""
    while process > 1:
        process = parent_of(process)
        yield process


def test_an_executor_is_killed_in_the_middle(tmp_path: Path) -> None:
    """Of two workers, each a process with a machine's memory of its own, one dies over its rows; the file is the same."""
    spark_is_needed()
    from engine.spark.prepared import match_on_spark

    people = shipped("person")
    profiles = in_files(made_up(people, 900), tmp_path / "profiles")
    match_file(profiles, people, out=tmp_path / "here.parquet")
    waiting = WaitingMatch(people.catalogue, people.versions, people.on, str(tmp_path))
    os.mkfifo(tmp_path / "told")
    told = os.open(tmp_path / "told", os.O_RDWR)

    with spark_session(WORKERS) as spark, ThreadPoolExecutor(1) as beside:
        job = beside.submit(match_on_spark, spark, str(profiles), waiting, out=str(tmp_path / "spark.parquet"))
        assert select.select([told], [], [], PATIENCE_SECONDS)[0], job
        python = int(os.read(told, 20))
        above = list(ancestors(python))
        executor = next(each for each in above if b"ExecutorBackend" in Path(f"/proc/{each}/cmdline").read_bytes())
        assert os.getpid() in above[above.index(executor) :]  # our own, and nobody else's
        os.kill(executor, signal.SIGKILL)
        job.result()
    os.close(told)

    assert not Path(f"/proc/{executor}").exists()
    assert (tmp_path / "spark.parquet").read_bytes() == (tmp_path / "here.parquet").read_bytes()
