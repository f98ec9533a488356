"""What the server told this kernel about Spark: ``spark.json`` in its spool, version 1, read once and removed."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field, fields
from typing import Any, Dict, Mapping, Optional, Sequence

FILE = "spark.json"


@dataclass(frozen=True)
class Settings:
    """The parts of the file; every path is as this kernel sees it."""

    spark_home: Optional[str] = None  # None: that of the pyspark which Python imports
    python_path: Sequence[str] = ()
    java_home: Optional[str] = None  # None: JAVA_HOME, or `java` on the PATH
    configuration: Mapping[str, str] = field(default_factory=dict)
    jars: Sequence[str] = ()
    archive: Optional[str] = None  # of the JVM's classes (class data sharing)
    app_name: str = "PySpark kernel"
    memory_bytes: Optional[int] = None  # what the container may use
    variables: Sequence[str] = ()  # names of those of the run configuration; the kernel has their values
    file: str = "aml_config/spark_dependencies.yml"
    lines: Mapping[str, int] = field(default_factory=dict)
    ui_base: Optional[str] = None  # under which Jupyter serves Spark's own pages
    ui_socket: Optional[str] = None  # where it meets them

    def place(self, key: str) -> str:
        """Return where a key of the configuration stands: ``file:line: key``, or only the key."""
        line = self.lines.get(key)
        return key if line is None else "{}:{}: {}".format(self.file, line, key)


def take(folder: Optional[str]) -> Settings:
    """Read the file and remove it, since its values may be secret; a kernel started by hand has none."""
    path = os.path.join(folder or "", FILE)
    try:
        with open(path, encoding="utf-8") as file:
            told: Dict[str, Any] = json.load(file)
    except FileNotFoundError:
        return Settings()
    os.unlink(path)
    known = {part.name for part in fields(Settings)}
    return Settings(**{name: value for name, value in told.items() if name in known and value is not None})
