"""What `spark_builder` is told of an environment."""

from __future__ import annotations

import os
from typing import Any

from jupyter_workbench.config.models import LocalCompute
from jupyter_workbench.environments.local_files import place
from jupyter_workbench.environments.spark import SparkSpec
from jupyter_workbench.environments.spec import EnvironmentSpec

SPARK_BUILDER = "spark_builder"
"""The folder of that package, beside `builder`."""


def plan_of(spec: EnvironmentSpec) -> dict[str, Any] | None:
    """Return Spark's part of the builder's plan; None where there shall be no Spark."""
    spark = spec.spark
    if spark is None:
        return None
    places = {path: place(number, path).as_uri() for number, path in enumerate(spec.files)}
    return {
        **_common(spark),
        "adds_pyspark": not spec.asks_for("pyspark"),
        "repositories": [
            places[repository.folder] if repository.folder else repository.address for repository in spark.repositories
        ],
    }


def local_plan(spark: SparkSpec, compute: LocalCompute) -> dict[str, Any]:
    """Return what is asked for on this machine; the bare word `spark-submit`, which most files have, asks nothing."""
    location = compute.spark_submit_location.strip()
    asked = None if location in ("", "spark-submit") else os.path.expandvars(os.path.expanduser(location))  # noqa: PTH111
    addresses = [
        repository.folder.as_uri() if repository.folder else repository.address for repository in spark.repositories
    ]
    return {**_common(spark), "adds_pyspark": True, "repositories": addresses, "spark_submit": asked}


def _common(spark: SparkSpec) -> dict[str, Any]:
    return {
        "java_home": spark.java_home,
        "spark_home": spark.spark_home,
        "packages": [package.coordinate for package in spark.packages],
        "excludes": list(spark.excludes),
    }
