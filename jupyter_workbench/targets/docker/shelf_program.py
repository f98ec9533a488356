"""Runs in a container that has the volume of environments: lists what is in it, and removes of it.

Python 3.8 and its standard library only. Prints JSON.

    list                        the environments that are complete
    remove FINGERPRINT ...      and what only these had in uv's cache; prints how many bytes became free
    unfinished FINGERPRINT      what a killed builder left, unless the environment is complete after all
    sweep FINGERPRINT ...       what killed builders left of others than these, which are being built
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import stat
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

VOLUME = Path("/jupyter-workbench")
ENVIRONMENTS = VOLUME / "environments"
CACHE = VOLUME / "cache"


def main(command: str, *names: str) -> object:
    """Do what the first argument says; return what is to be printed."""
    commands: dict[str, Callable[[Iterable[str]], object]]
    commands = {"list": listing, "remove": remove, "unfinished": unfinished, "sweep": sweep}
    return commands[command](names)


def listing(_: Iterable[str]) -> list[dict[str, Any]]:
    """Describe each complete environment: ``size`` on disk, and how much of it (``bytes``) no other one has."""
    files = {folder: inodes(folder) for folder in sorted(ENVIRONMENTS.glob("*")) if is_complete(folder)}
    everywhere: Counter[int] = sum((links for links, _ in files.values()), Counter())
    return [describe(folder, *found, everywhere) for folder, found in files.items()]


def describe(folder: Path, links: Counter[int], sizes: dict[int, int], everywhere: Counter[int]) -> dict[str, Any]:
    """Return what ``ready.json`` says and what is seen here; the age is told by one clock, that of the engine."""
    ready = folder / "ready.json"
    return {
        **json.loads(ready.read_text("utf-8")),
        "fingerprint": folder.name,
        "age": max(0.0, time.time() - ready.stat().st_mtime),
        "size": sum(sizes.values()),
        "bytes": sum(size for inode, size in sizes.items() if links[inode] == everywhere[inode]),
    }


def inodes(folder: Path) -> tuple[Counter[int], dict[int, int]]:
    """Return how often each file and folder occurs in a folder, and how large it is on disk, by inode."""
    links: Counter[int] = Counter()
    sizes = {}
    for status in statuses(folder):
        links[status.st_ino] += 1
        sizes[status.st_ino] = status.st_blocks * 512
    return links, sizes


def statuses(folder: Path) -> Iterator[os.stat_result]:
    """Yield the status of everything in a folder; links are not followed."""
    pending = [str(folder)]
    while pending:
        with os.scandir(pending.pop()) as entries:
            for entry in entries:
                yield entry.stat(follow_symlinks=False)
                if entry.is_dir(follow_symlinks=False):
                    pending.append(entry.path)


def is_complete(folder: Path) -> bool:
    """Tell an environment from what is half-built, or half-removed."""
    return "." not in folder.name and (folder / "ready.json").is_file()


def remove(names: Iterable[str]) -> int:
    """Remove environments, and from the cache what no other has; return how many bytes that freed."""
    before = free()
    for name in names:
        discard(ENVIRONMENTS / name)
    forget_unused()
    return max(0, free() - before)


def free() -> int:
    """Return how many bytes are free on the disk of the volume."""
    status = os.statvfs(str(VOLUME))
    return status.f_bfree * status.f_frsize


def unfinished(names: Iterable[str]) -> None:
    """Remove what is not complete of some environments."""
    for name in names:
        for folder in ENVIRONMENTS.glob(name + "*"):
            if not is_complete(folder):
                discard(folder)


def sweep(building: Iterable[str]) -> None:
    """Remove what is not complete but for what is being built."""
    unfinished({folder.name.split(".")[0] for folder in ENVIRONMENTS.glob("*")} - set(building))


def discard(folder: Path) -> None:
    """Remove an environment. It stops being complete first."""
    with contextlib.suppress(FileNotFoundError):
        (folder / "ready.json").unlink()
    shutil.rmtree(str(folder), ignore_errors=True)


def forget_unused() -> None:
    """Remove from uv's cache the packages that no environment has, unless uv is at work: it locks its cache."""
    if not (CACHE / ".lock").is_file():
        return
    with (CACHE / ".lock").open("r+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        for package in CACHE.glob("archive-v*/*"):
            if not is_linked(package):
                shutil.rmtree(str(package), ignore_errors=True)


def is_linked(package: Path) -> bool:
    """Tell whether an environment has a file of a package, too: uv makes hard links."""
    return any(status.st_nlink > 1 for status in statuses(package) if stat.S_ISREG(status.st_mode))


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(*sys.argv[1:])))
