"""The Java of this place, and which Spark runs on it.

Source of the versions: https://spark.apache.org/docs/latest/#downloading, and the same page of each version.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from .refusal import Refused

PLACES = ("/opt/java/*", "/usr/lib/jvm/default-java", "/usr/lib/jvm/*", "/usr/local/openjdk-*", "/opt/*jdk*")
"""Where images and distributions put it when neither JAVA_HOME nor the PATH says."""

OLD_PYSPARK = "pyspark>=3.4,<4"
NEEDED_BY_OLD_PYSPARK = "setuptools; python_version >= '3.12'"
"""Has `distutils`, which Python had until 3.11 and pyspark 3 imports for pandas."""

_VERSION = re.compile(r'version "(?P<version>[^"]+)"')


class Java(NamedTuple):
    """A Java that runs: its JAVA_HOME, and its version (``17.0.15``, ``1.8.0_392``)."""

    home: Path
    version: str

    @property
    def major(self) -> int:
        """Return 8, 11, 17, 21."""
        return major(self.version)


def major(version: str) -> int:
    """Return the number that Java is called by: ``1.8.0_392`` is 8."""
    numbers = [int(number) for number in re.findall(r"\d+", version)]
    return numbers[1] if numbers[0] == 1 and len(numbers) > 1 else numbers[0]


def find_java(
    named: str | None,
    environment: Mapping[str, str],
    run: Callable[[list[str], dict[str, str]], tuple[int, str, str]],
) -> Java:
    """Return the first Java that runs: JAVA_HOME's, the one on the PATH, one in a usual place. Raises Refused.

    ``named`` is a JAVA_HOME that the user wrote: another one is no answer then.
    """
    broken = []
    for home in [Path(named)] if named else homes(environment):
        if version := version_of(home, run, dict(environment)):
            return Java(home, version)
        broken.append(str(home))
    raise Refused("no-java", named=named, broken=broken)


def version_of(
    home: Path, run: Callable[[list[str], dict[str, str]], tuple[int, str, str]], variables: dict[str, str]
) -> str | None:
    """Return the version that a Java says it has; None when it does not run."""
    program = home / "bin" / "java"
    if not program.exists():
        return None
    code, words, _ = run([str(program), "-version"], variables)
    found = _VERSION.search(words)
    return found.group("version") if code == 0 and found else None


def homes(environment: Mapping[str, str]) -> Iterator[Path]:
    """Yield what may be a JAVA_HOME."""
    if environment.get("JAVA_HOME"):
        yield Path(environment["JAVA_HOME"])
    program = shutil.which("java", path=environment.get("PATH", os.defpath))
    if program:
        yield Path(os.path.realpath(program)).parent.parent
    for pattern in PLACES:
        for folder in sorted(Path("/").glob(pattern.lstrip("/"))):
            if (folder / "bin" / "java").exists():
                yield Path(os.path.realpath(folder))


def oldest_for(spark: str) -> int:
    """Return the oldest Java that a version of Spark runs on."""
    return 17 if int(spark.split(".")[0]) >= 4 else 8


def newest_for(spark: str) -> int | None:
    """Return the newest Java that a version of Spark runs on; None when none is known not to do."""
    numbers = tuple(int(number) for number in re.findall(r"\d+", spark)[:2])
    if numbers < (3, 0):
        return 8
    if numbers < (3, 3):
        return 11
    return 21 if numbers < (4, 0) else None


def unfit(java: Java, spark: str) -> bool:
    """Tell that a version of Spark does not run on a Java."""
    newest = newest_for(spark)
    return java.major < oldest_for(spark) or (newest is not None and java.major > newest)


def pyspark_for(java: Java, scalas: Collection[str] = ()) -> str:
    """Return the requirement of a pyspark that runs on a Java; which one fits the Python is for uv to say.

    ``scalas`` are the versions of Scala that packages are for: pyspark 3 of PyPI has 2.12, pyspark 4 has 2.13.
    """
    if java.major < 17 or "2.12" in scalas:
        return OLD_PYSPARK
    return "pyspark>=4" if java.major > 21 or scalas else "pyspark>=3.4"
