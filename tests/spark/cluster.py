"""One Spark session on a cluster of two workers in processes of their own, on this machine and for itself alone.

What belongs here: starting and stopping it, and whether this machine can. What runs on it is the engine's matter.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

MASTER = "local-cluster[2,1,1024]"
LOOPBACK = "127.0.0.1"
OLDEST_JAVA = 17
SHORT_LIVED = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"""Java options of processes that end before a thorough compilation would pay."""

SETTINGS = {
    # as in production: one zone, errors instead of NULLs, Parquet that others read
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.catalogImplementation": "in-memory",
    # small data, many queries: a task costs more than its rows
    "spark.sql.shuffle.partitions": "2",
    "spark.default.parallelism": "2",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.driver.extraJavaOptions": SHORT_LIVED,
    "spark.executor.extraJavaOptions": SHORT_LIVED,
    "spark.sql.autoBroadcastJoinThreshold": "-1",
    "spark.sql.sources.parallelPartitionDiscovery.threshold": "100000",
    # nobody else sees it
    "spark.driver.host": LOOPBACK,
    "spark.driver.bindAddress": LOOPBACK,
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}


def missing_java() -> str | None:
    """Why Spark cannot run here, as one sentence; None if it can."""
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=str(Path(home) / "bin") if home else None)
    if java is None:
        return f"Spark needs Java {OLDEST_JAVA} or later, and there is no `java` on this machine."
    told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(?:1\.)?(\d+)', told)
    if found is None or int(found[1]) < OLDEST_JAVA:
        return (
            f"Spark needs Java {OLDEST_JAVA} or later, and `java` here is {found[1] if found else 'unknown'}."
        )
    return None


@contextmanager
def cluster(folder: Path) -> Iterator[Any]:
    """A SparkSession; all that it and its workers write is under `folder`."""
    import pyspark
    from pyspark.sql import SparkSession

    os.environ |= {
        "SPARK_HOME": str(_spark_home(folder / "spark", Path(pyspark.__file__).parent)),
        "SPARK_LOCAL_IP": LOOPBACK,
        "SPARK_LOCAL_DIRS": str(folder / "local"),
    }
    builder = SparkSession.builder.master(MASTER).appName("suanzhang tests")
    for key, value in {**SETTINGS, "spark.sql.warehouse.dir": folder / "warehouse"}.items():
        builder = builder.config(key, str(value))
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    try:
        yield session
    finally:
        session.stop()


def _spark_home(folder: Path, package: Path) -> Path:
    """The installed Spark under another name: workers write their logs into its home, which is not theirs."""
    folder.mkdir(parents=True)
    for each in package.iterdir():
        (folder / each.name).symlink_to(each)
    return folder
