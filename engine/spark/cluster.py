"""A Spark cluster: where it is, what it needs here, and what became of it, as findings.

Workers run this product's own code: they need mianshen with its extra `spark`, installed or sent along (docs/scale.md).
"""

import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import RunError
from engine.codes import RunCode
from engine.spark.java import OPTIONS, QUIET, java_for

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

EVERY_CORE = "local[*]"
"""The cores of this machine, as Spark names them."""

_MASTER = re.compile(r"local(\[(\d+|\*)(, *\d+)?\])?|local-cluster\[\d+, *\d+, *\d+\]|spark://.+|k8s://.+|yarn")
_MODULE = re.compile(r"No module named '([\w.]+)'")
_ROOT = Path(__file__).parents[2]  # where the packages of mianshen stand

_SETTINGS = {
    "spark.app.name": "mianshen",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.maxResultSize": "0",  # what this machine is told is kept on its disk, or asked for as one file
    "spark.sql.session.timeZone": "Asia/Shanghai",
    "spark.executorEnv.POLARS_MAX_THREADS": "1",  # Spark gives each core its own task
}
_SETTINGS_HERE = {
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.executorEnv.PYTHONPATH": str(_ROOT),
}


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster by the address of its master, as Spark writes it, and settings of Spark above ours."""

    master: str = EVERY_CORE
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_here(self) -> bool:
        """Say whether its workers are processes of this machine."""
        return self.master.startswith("local")

    @property
    def configuration(self) -> dict[str, str]:
        """Return all settings; to options of Java ours are added."""
        here = _SETTINGS_HERE if self.is_here else {}
        options = (
            f"{QUIET} {self.settings.get(OPTIONS, '')}".strip()
        )  # of two that say different things the last stands
        return {"spark.master": self.master, **_SETTINGS, **here, **self.settings, OPTIONS: options}


def settings_of(written: Sequence[str]) -> dict[str, str]:
    """Return settings of Spark that are written as `name=value`.

    Fails: RunError.
    """
    faults = [each for each in written if not re.fullmatch(r"spark\.[^=\s]+=.*", each)]
    if faults:
        raise RunError.one(
            RunCode.SPARK_ADDRESS, "--conf", f"`{faults[0]}` is no setting of Spark", "write `spark.name=value`"
        )
    return dict(each.split("=", 1) for each in written)


def check_master(master: str) -> None:
    """Check that a master's address is one.

    Fails: RunError.
    """
    if _MASTER.fullmatch(master) is None:
        raise RunError.one(
            RunCode.SPARK_ADDRESS,
            "--master",
            f"`{master}` is no master of Spark",
            "write `local[2]`, `spark://host:7077`, `yarn` or `k8s://…`",
        )


def check_ready(cluster: Cluster) -> None:
    """Check, before anything is started, that a cluster can be spoken to from here.

    Fails: RunError.
    """
    check_master(cluster.master)
    check_installed(has_pyspark=find_spec("pyspark") is not None, java=java_of(os.environ))


def check_installed(*, has_pyspark: bool, java: str | None) -> None:
    """Check that this machine can speak to a cluster.

    Fails: RunError.
    """
    if not has_pyspark:
        raise RunError.one(
            RunCode.SPARK_MISSING,
            "--engine",
            "Spark is not installed here",
            "pip install 'mianshen[spark]', here and on the workers; or match without `--engine spark`",
        )
    if java is None:
        raise RunError.one(
            RunCode.SPARK_MISSING,
            "--engine",
            "Spark needs Java, and there is none here",
            "install Java 17 or later, and put it on the path or into JAVA_HOME; or match without `--engine spark`",
        )


def java_of(environ: Mapping[str, str]) -> str | None:
    """Return the program that runs Java, as Spark looks for it: in JAVA_HOME, or else on the path."""
    home = environ.get("JAVA_HOME")
    return shutil.which("java", path=str(Path(home) / "bin") if home else environ.get("PATH"))


def job_failure(cluster: Cluster, told: str) -> RunError:
    """Return what is wrong where a job failed, by what Spark told; nothing of that is repeated, it may quote facts.

    Nothing was written.
    """
    module = _MODULE.search(told)
    if module is not None:
        return RunError.one(
            RunCode.SPARK_FAILED,
            cluster.master,
            f"a worker has no Python module `{module[1]}`",
            "install mianshen with its extra `spark` on every worker, or send it along: docs/scale.md",
        )
    return RunError.one(
        RunCode.SPARK_FAILED,
        cluster.master,
        "the job failed on Spark, and nothing was written",
        "Spark's own log says why; a worker that runs out of memory is a frequent reason",
    )


@contextmanager
def spark_session(cluster: Cluster) -> Iterator["SparkSession"]:
    """Open a session on a cluster, and close it at the end.

    Fails: RunError where this machine lacks something, the cluster does not answer, or a job fails on it.
    """
    check_ready(cluster)
    from py4j.protocol import Py4JError
    from pyspark import SparkConf, SparkContext
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    if cluster.is_here:
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # the only way to tell it; else whatever `python3` is
    conf = SparkConf().setAll(list(cluster.configuration.items()))
    try:
        SparkContext(conf=conf, gateway=java_for(conf))
        spark = SparkSession.builder.getOrCreate()
    except (PySparkException, Py4JError) as fault:
        raise RunError.one(
            RunCode.SPARK_FAILED,
            cluster.master,
            "Spark could not be started",
            "see that the master answers, and that Java is 17 or later",
        ) from fault
    try:
        with jobs_on(cluster):
            yield spark
    finally:
        spark.stop()


@contextmanager
def jobs_on(cluster: Cluster) -> Iterator[None]:
    """Run jobs within.

    Fails: RunError where one fails.
    """
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError) as fault:
        raise job_failure(cluster, str(fault)) from fault
