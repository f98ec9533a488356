"""What `spark_builder` is told of an environment."""

from __future__ import annotations

from typing import Any

from jupyter_workbench.environments.spec import EnvironmentSpec

SPARK_BUILDER = "spark_builder"
"""The folder of that package, beside `builder`."""


def plan_of(spec: EnvironmentSpec) -> dict[str, Any] | None:
    """Return Spark's part of the builder's plan; None where there shall be no Spark."""
    spark = spec.spark
    if spark is None:
        return None
    return {
        "adds_pyspark": not spec.asks_for("pyspark"),
        "java_home": spark.java_home,
        "spark_home": spark.spark_home,
    }
