"""What plays Java and Spark: a program that says a version, and folders with files of the right names."""

from __future__ import annotations

import subprocess
from pathlib import Path


def a_java(home: Path, version: str = "17.0.15", code: int = 0) -> Path:
    """Make a JAVA_HOME whose java says its version, as all do, on stderr."""
    program = home / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2025-04-15' >&2\nexit {code}\n")
    program.chmod(0o755)
    return home


def a_spark(home: Path, version: str = "3.5.9", scala: str = "2.12") -> Path:
    """Make a SPARK_HOME as Spark's own archive has it."""
    for file in (f"jars/spark-core_{scala}-{version}.jar", "python/lib/py4j-0.10.9.7-src.zip", "bin/spark-submit"):
        (home / file).parent.mkdir(parents=True, exist_ok=True)
        (home / file).touch(0o755)
    for module in (
        "pyspark/__init__.py",
        "pyspark/sql/__init__.py",
        "pyspark/sql/functions.py",
        "pyspark/sql/types.py",
    ):
        (home / "python" / module).parent.mkdir(parents=True, exist_ok=True)
        (home / "python" / module).touch()
    return home


PYSPARK = {
    "pyspark/__init__.py": "",
    "pyspark/sql/__init__.py": "",
    "pyspark/sql/functions.py": "",
    "pyspark/sql/types.py": "",
}
"""Modules of a package that plays pyspark; its jars come on top."""


def pyspark_modules(version: str = "4.0.5", scala: str = "2.13") -> dict[str, str]:
    """Return the files of a package that plays pyspark."""
    return {**PYSPARK, f"pyspark/jars/spark-core_{scala}-{version}.jar": ""}


def run(command: list[str], variables: dict[str, str]) -> tuple[int, str, str]:
    """Run a program as the builder does."""
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr, done.stdout
