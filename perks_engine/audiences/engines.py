"""The engines that can evaluate a population: DuckDB in this process, PostgreSQL, or Spark."""

from __future__ import annotations

import os
import shutil
import warnings
from pathlib import Path
from typing import Any

import psycopg

from perks_engine.audiences.engine import Engine
from perks_engine.audiences.heavy import ibis

ENGINES = ("duckdb", "postgresql://…", "spark")


class EngineUnavailableError(RuntimeError):
    """An engine cannot be used here; the message names what installs it."""


def connect(engine: str = "duckdb", memory_limit: str = "1GB") -> Engine:
    """A connection to `duckdb` (in this process, spilling to disk beyond the limit), to a
    `postgresql://USER@HOST/NAME`, or to `spark` (SPARK_REMOTE or a local one). Raises
    `EngineUnavailableError`, and `ValueError` for any other word.
    """
    # Steps that build on each other stay steps in SQL: fused into one, each would repeat all before it.
    ibis.options.sql.fuse_selects = False
    if engine == "duckdb":
        return Engine(duckdb(memory_limit))
    if engine.startswith(("postgresql://", "postgresql+psycopg://")):
        return Engine(postgresql(engine.replace("postgresql+psycopg://", "postgresql://", 1)))
    if engine == "spark":
        return Engine(spark())
    raise ValueError(f"there is no engine '{engine}'; expected one of {', '.join(ENGINES)}")


def duckdb(memory_limit: str = "1GB") -> ibis.BaseBackend:
    connection = ibis.duckdb.connect()
    # ibis writes lambdas with an arrow, which DuckDB 2 takes only when told so.
    connection.raw_sql("SET lambda_syntax = 'ENABLE_SINGLE_ARROW'")
    connection.raw_sql(f"SET memory_limit = '{memory_limit}'")
    connection.raw_sql("SET preserve_insertion_order = false")
    connection.raw_sql("SET TimeZone = 'UTC'")
    return connection


def postgresql(url: str) -> ibis.BaseBackend:
    """Raises `EngineUnavailableError` where no server answers."""
    try:
        backend: Any = ibis.connect(url)
        # A rule is one long expression: compiling it to machine code takes longer than running it.
        backend.raw_sql("SET jit = off").close()
        backend.raw_sql("SET TimeZone = 'UTC'").close()
        return backend
    except psycopg.OperationalError as error:
        raise EngineUnavailableError(f"PostgreSQL does not answer: {str(error).strip()}") from error


def spark() -> ibis.BaseBackend:
    """A local Spark session on every core, or the one that SPARK_REMOTE names."""
    try:
        from pyspark.sql import SparkSession  # noqa: PLC0415 - an extra that is seldom installed
    except ImportError as error:
        raise EngineUnavailableError(
            "Spark is not installed; run: pip install 'perks-engine[spark]'"
        ) from error
    if "SPARK_REMOTE" not in os.environ:
        home = java_home()
        if home is None:
            raise EngineUnavailableError(
                "Spark needs Java 17 or 21; install it (Debian, Ubuntu: apt-get install "
                "openjdk-17-jre-headless) or name it in JAVA_HOME"
            )
        os.environ["JAVA_HOME"] = str(home)
    builder = SparkSession.builder.appName("perks_engine").config("spark.sql.session.timeZone", "UTC")
    builder = builder.config("spark.ui.enabled", "false").config("spark.sql.shuffle.partitions", "8")
    builder = builder.config("spark.ui.showConsoleProgress", "false")
    # A rule of many places is a query of many steps: Spark's usual hundred rounds are too few for it.
    builder = builder.config("spark.sql.analyzer.maxIterations", "10000")
    builder = builder.config("spark.sql.optimizer.maxIterations", "10000")
    # Small tables go over as Arrow, or not at all: the other way turns a missing text into the word `NaN`.
    builder = builder.config("spark.sql.execution.arrow.pyspark.enabled", "true")
    builder = builder.config("spark.sql.execution.arrow.pyspark.fallback.enabled", "false")
    if "SPARK_REMOTE" not in os.environ:
        builder = builder.master("local[*]").config("spark.driver.bindAddress", "127.0.0.1")
        builder = builder.config("spark.driver.host", "127.0.0.1")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ibis.pyspark.connect(builder.getOrCreate())


def java_home() -> Path | None:
    """Where a Java lies that Spark 4 runs on: JAVA_HOME, else a usual place, else beside the `java` found."""
    places = [Path(os.environ["JAVA_HOME"])] if os.environ.get("JAVA_HOME") else []
    for version in ("17", "21"):
        places += sorted(Path("/usr/lib/jvm").glob(f"*{version}*"))
    java = shutil.which("java")
    if java:
        places.append(Path(java).resolve().parent.parent)
    return next((place for place in places if (place / "bin" / "java").is_file()), None)
