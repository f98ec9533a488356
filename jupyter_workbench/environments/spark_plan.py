"""What `spark_builder` is told of an environment."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from jupyter_workbench.config.models import LocalCompute
from jupyter_workbench.environments.local_files import place
from jupyter_workbench.environments.spark import SparkSpec
from jupyter_workbench.environments.spec import EnvironmentSpec

_NEW_SPARK = re.compile(r"pyspark(\[[^\]]*\])?\s*(==|>=|~=|===|>)\s*([4-9]|\d\d)", re.IGNORECASE)
"""Lines that admit no Spark 3: what would come of them need not be downloaded to know that it has the wrong Java."""

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
        "needs_newer_java": any(_NEW_SPARK.match(line.text) for line in spec.requirements),
        "repositories": [
            places[repository.folder] if repository.folder else repository.address for repository in spark.repositories
        ],
    }


def local_plan(spark: SparkSpec, compute: LocalCompute, project_dir: Path) -> dict[str, Any]:
    """Return what is asked for on this machine; the bare word `spark-submit`, which most files have, asks nothing."""
    location = compute.spark_submit_location.strip()
    return {
        **_common(spark),
        "adds_pyspark": True,
        "needs_newer_java": False,
        "repositories": [one.folder.as_uri() if one.folder else one.address for one in spark.repositories],
        "spark_submit": None if location in ("", "spark-submit") else _program(location, project_dir),
    }


def _program(location: str, project_dir: Path) -> str:
    """Return a path, which may be relative to the project, or a bare name that is looked for on the PATH."""
    written = os.path.expandvars(os.path.expanduser(location))  # noqa: PTH111 - pathlib's raises without a home
    return str(project_dir / written) if os.sep in written else written


def _common(spark: SparkSpec) -> dict[str, Any]:
    return {
        "java_home": spark.java_home,
        "spark_home": spark.spark_home,
        "packages": [package.coordinate for package in spark.packages],
        "excludes": list(spark.excludes),
    }
