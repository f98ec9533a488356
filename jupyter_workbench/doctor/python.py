"""The Python that workbench runs in, and whether `jupyter` means the same one."""

from __future__ import annotations

import platform
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from jupyter_workbench.doctor.check import Check

OLDEST = (3, 10)


def checks(_: Path) -> Iterator[Check]:
    """Look at this Python and at the PATH."""
    yield _version()
    yield _jupyter_on_path()


def _version() -> Check:
    detail = f"{platform.python_version()} ({sys.executable})"
    if sys.version_info[:2] < OLDEST:
        return Check.failure("Python", detail, f"install jupyter_workbench in Python {OLDEST[0]}.{OLDEST[1]} or newer")
    return Check.ok("Python", detail)


def _jupyter_on_path() -> Check:
    found = shutil.which("jupyter")
    if found is None:
        detail = "is not on the PATH; only `workbench notebook start` shows the kernels of projects"
        return Check.warning("jupyter command", detail, "activate the environment that workbench is in")
    if Path(found).parent.resolve() != Path(sys.executable).parent.resolve():
        detail = f"{found} belongs to another Python, in which projects may have no kernels"
        return Check.warning("jupyter command", detail, "workbench notebook start")
    return Check.ok("jupyter command", found)
