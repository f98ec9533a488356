"""A Spark that is installed, known by its files: nothing is started."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from .refusal import Refused

_CORE = re.compile(r"spark-core_(?P<scala>[\d.]+)-(?P<version>\d[\w.]*).*\.jar")


class Home(NamedTuple):
    """A SPARK_HOME. ``python_path`` is what Python needs to import its pyspark: nothing when that is a package."""

    path: Path
    version: str
    scala: str
    python_path: tuple[Path, ...] = ()


def with_modules(variables: Mapping[str, str], home: Home) -> dict[str, str]:
    """Return variables with which Python finds the pyspark of a Spark."""
    paths = [*map(str, home.python_path), *filter(None, [variables.get("PYTHONPATH")])]
    return {**variables, "PYTHONPATH": os.pathsep.join(paths)} if paths else dict(variables)


def is_home(path: Path) -> bool:
    """Tell a Spark from other folders, and from a pyspark that is a client only."""
    return _core(path) is not None


def is_new(home: Home) -> bool:
    """Tell Spark 4 from those before."""
    return int(home.version.split(".")[0]) >= 4


def find_home(named: str | None, environment: Mapping[str, str]) -> Home | None:
    """Return the Spark that SPARK_HOME names, here or (``named``) by the user; None without one. Raises Refused."""
    written = named or environment.get("SPARK_HOME")
    if not written:
        return None
    if is_home(Path(written)):
        return read_home(Path(written))
    if named:
        raise Refused("no-home", named=named)
    return None


def read_home(path: Path, is_package: bool = False) -> Home:
    """Read which Spark a folder has, one of `is_home`."""
    core = _core(path)
    assert core, "the caller has looked"
    python = path / "python"
    # One that pip has installed has its modules elsewhere, and in an archive as well.
    modules = python if (python / "pyspark" / "__init__.py").exists() else python / "lib" / "pyspark.zip"
    below = () if is_package else (modules, *sorted((python / "lib").glob("py4j-*.zip")))
    return Home(path, core.group("version"), core.group("scala"), below)


def _core(path: Path) -> re.Match[str] | None:
    names = (file.name for file in path.glob("jars/spark-core_*.jar"))
    return next((found for found in map(_CORE.fullmatch, names) if found), None)
