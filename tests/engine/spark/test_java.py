"""What Java tells on the terminal of whoever starts Spark: what is wrong, and nothing of what is not."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.engine.spark.clusters import spark_is_needed

pytestmark = pytest.mark.xdist_group("spark")

ROOT = Path(__file__).parents[3]
SUM = """
import sys
from engine.spark.cluster import Cluster, spark_session
with spark_session(Cluster("local[1]", dict([sys.argv[1].split("=")]))) as spark:
    print(spark.sparkContext.parallelize([1, 2], 1).sum())
"""


def summed(setting: str) -> subprocess.CompletedProcess[str]:
    """Have Spark add two numbers, in a process of its own."""
    spark_is_needed()
    return subprocess.run([sys.executable, "-c", SUM, setting], cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_start_says_nothing() -> None:
    """No greeting, no warnings, no levels of logging: the answer is all; options of Java may be given beside ours."""
    done = summed("spark.driver.extraJavaOptions=-Xss2m")

    assert (done.returncode, done.stdout, done.stderr) == (0, "3\n", "")


def test_what_java_says_of_a_fault_is_told() -> None:
    """A start that fails has Java's own words above our finding, and nothing where results stand."""
    done = summed("spark.driver.memory=1m")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.index("Too small maximum heap") < done.stderr.index("E423")
