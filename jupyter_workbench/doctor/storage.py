"""Where the run history is kept: whether it can be written, and lies on a disk of this machine."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from jupyter_workbench.doctor.check import Check
from jupyter_workbench.history.location import data_root
from jupyter_workbench.history.store.database import is_network_file_system

MOUNTS = Path("/proc/mounts")
ELSEWHERE = "name a folder on a local disk in the environment variable JUPYTER_WORKBENCH_DATA_DIR"


def checks(_: Path) -> Iterator[Check]:
    """Look at the data folder."""
    root = data_root()
    existing = next(folder for folder in (root, *root.absolute().parents) if folder.exists())
    problem = _cannot_write(existing)
    if problem is not None:
        fix = f"make {existing} a folder that you can write in, or {ELSEWHERE}"
        yield Check.failure("Data folder", f"{root} cannot be written: {problem}", fix)
    elif MOUNTS.exists() and is_network_file_system(existing, MOUNTS.read_text(encoding="utf-8", errors="replace")):
        yield Check.warning("Data folder", f"{root} is on a network file system, which is slower", ELSEWHERE)
    else:
        yield Check.ok("Data folder", f"{root} can be written and is on a disk of this machine")


def _cannot_write(folder: Path) -> str | None:
    """Try it: permission bits say nothing about a full disk or a file system that is mounted read-only."""
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".workbench-doctor-") as file:
            file.write(b"x")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return error.strerror or type(error).__name__
    return None
