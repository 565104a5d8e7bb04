"""The Java that speaks to a cluster: started once in a process, and telling on standard error of what is wrong alone."""

import os
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py4j.java_gateway import JavaGateway
    from pyspark import SparkConf

OPTIONS = "spark.driver.extraJavaOptions"
"""The setting of Spark that has options of Java."""

QUIET = f"-Dlog4j2.configurationFile={(Path(__file__).parent / 'log4j2.properties').as_uri()}"
"""An option of Java: errors of Spark and Hadoop are told, and nothing less."""

_SAID_ALWAYS = b"WARNING: Using incubator modules:"  # by Java itself, about modules that Spark always asks for
_STDERR = 2
_LAST_WORDS_SECONDS = 5  # until what a Java said that did not start is told


def java_for(conf: "SparkConf") -> "JavaGateway":
    """Return the way to Java; one that runs already in this process is taken, whatever the settings.

    Fails: PySparkException where it does not start; what it said then is on standard error.
    """
    from pyspark import SparkContext
    from pyspark.java_gateway import launch_gateway

    if (running := SparkContext._gateway) is not None:  # noqa: SLF001  # nothing else says whether one runs
        return running
    heard, said = os.pipe()
    passing = Thread(target=_pass_on, args=(heard,), daemon=True)
    passing.start()
    is_started = False
    try:
        gateway = launch_gateway(conf, popen_kwargs={"stdout": said, "stderr": said})
        is_started = True
        return gateway
    finally:
        os.close(said)  # Java has its own
        if not is_started:
            passing.join(_LAST_WORDS_SECONDS)


def _pass_on(heard: int) -> None:
    """Tell on standard error what Java tells, as it comes."""
    with os.fdopen(heard, "rb") as lines:
        for line in lines:
            if not line.startswith(_SAID_ALWAYS):
                os.write(_STDERR, line)
