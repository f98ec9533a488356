"""`spark.json`: what a PySpark kernel is told of its Spark, in the folder of its process. `docs/reference/spark.md`."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jupyter_workbench.environments.spark import SparkSpec

SPARK_FILE = "spark.json"
"""The kernel removes it when it has read it: settings may be secrets."""


def spark_document(
    spec: SparkSpec, facts: Mapping[str, Any], prefix: PurePath, name: str, memory: int | None = None
) -> dict[str, object]:
    """Return what `spark.json` says; ``facts`` are those of the builder, with paths that may be below ``prefix``.

    ``name`` is what the application is called when the file does not say, ``memory`` the container's limit in bytes.
    """

    def placed(paths: Iterable[str]) -> list[str]:
        return [str(prefix / path) for path in paths]

    return {
        "version": 1,
        "spark_home": str(prefix / facts["home"]),
        "python_path": placed(facts["python_path"]),
        "java_home": str(prefix / facts["java_home"]),
        "configuration": dict(spec.configuration),
        "jars": placed(facts.get("jars", ())),
        "archive": str(prefix / facts["archive"]) if facts.get("archive") else None,
        "app_name": name,
        "memory_bytes": memory,
        "variables": list(spec.variables),
        "file": spec.file,
        "lines": dict(spec.lines),
        "ui_base": None,
    }


def write_spark_file(folder: Path, document: Mapping[str, object]) -> None:
    """Write `spark.json` (0600) into the folder of a process."""
    descriptor = os.open(folder / SPARK_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(document, file)
