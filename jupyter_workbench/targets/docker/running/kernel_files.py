"""What is put into a kernel process' own folder before it starts."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from jupyter_workbench.targets.docker import paths
from jupyter_workbench.targets.docker.building.environments import Built
from jupyter_workbench.targets.docker.running.folders import locked
from jupyter_workbench.targets.docker.running.overlay import overlay_files, overlay_links

if sys.platform != "win32":
    import fcntl

LOCK_FILE = "lock"
GATE_FILE = "gate"
UNFETCHED_FILE = "unfetched"
"""Tells the run history that a container holds more of this folder; see `docs/reference/spool.md`."""

O_CLOEXEC = getattr(os, "O_CLOEXEC", 0)  # not on Windows
VARIABLES_FILE = "variables.json"
"""The variables of the kernel: here and not in the container's settings, which `docker inspect` shows."""


def hold_as_alive(folder: Path) -> int:
    """Lock the folder's file as a kernel of this machine does, for one whose lock is in its container only.

    Returns the descriptor: the lock lasts until it is closed, or any other of the same file (fcntl(2)), as by whoever
    copies the folder.
    """
    descriptor = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT | O_CLOEXEC, 0o600)
    if sys.platform != "win32":
        fcntl.lockf(descriptor, fcntl.LOCK_EX)
    return descriptor


def mark_unfetched(folder: Path) -> None:
    """Make the mark without a time: whoever misses the server that was to fetch the rest gives it one."""
    mark = folder / UNFETCHED_FILE
    mark.touch(0o600)
    os.utime(mark, (0, 0))


def mark_fetched(folder: Path) -> None:
    """Let the run history finish with what is in the folder: no container holds more of it."""
    (folder / UNFETCHED_FILE).unlink(missing_ok=True)


def close_gate(folder: Path) -> int:
    """Keep the process of a folder from taking its kernel's address; it may once the descriptor is closed."""
    return locked(os.open(folder / GATE_FILE, os.O_RDWR | os.O_CREAT | os.O_EXCL | O_CLOEXEC, 0o600))


def write_kernel_files(folder: Path, built: Built, variables: Mapping[str, str], ca_bundle: Path | None) -> None:
    """Write the overlay, the home, the variables and the certificates into ``folder``."""
    for name, text in overlay_files(built, paths.KERNEL).items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(0o700)
    for name, target in overlay_links(built).items():
        (folder / name).symlink_to(target)
    (folder / paths.HOME.name).mkdir(mode=0o700)
    if ca_bundle is not None:
        shutil.copyfile(ca_bundle, folder / paths.CA_BUNDLE.name)
    descriptor = os.open(folder / VARIABLES_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file_of_variables:
        json.dump(dict(variables), file_of_variables)
