"""Runs in a container that has the volume of environments: lists what is in it, and removes of it.

Python 3.8 and its standard library only. Prints JSON.

    list                        the environments that are complete
    remove FINGERPRINT ...      what is left of these, and what no other one has: in uv's cache, and of compiled files
                                of an image's library; which were there, and how many bytes became free
    sweep FINGERPRINT ...       what killed builders left of others than these, which are being built
    unfinished FINGERPRINT ...  what a killed builder left of these
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
COMPILED = VOLUME / "compiled"


def main(command: str, *names: str) -> object:
    """Do what the first argument says; return what is to be printed."""
    commands: dict[str, Callable[[Iterable[str]], object]]
    commands = {"list": listing, "remove": remove, "unfinished": unfinished, "sweep": sweep}
    return commands[command](names)


def listing(_: Iterable[str]) -> list[dict[str, Any]]:
    """Describe each complete environment: ``size`` on disk, and how much of it (``bytes``) no other one has."""
    found = {folder: contents(folder) for folder in sorted(ENVIRONMENTS.glob("*")) if is_complete(folder)}
    everywhere: Counter[int] = Counter()
    for links, _sizes in found.values():
        everywhere.update(links)
    return [describe(folder, *contained, everywhere) for folder, contained in found.items()]


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


def contents(folder: Path) -> tuple[Counter[int], dict[int, int]]:
    """Return how often each file occurs in a folder, and how large it is on disk, by inode."""
    links: Counter[int] = Counter()
    sizes = {}
    for status in statuses(folder):
        links[status.st_ino] += 1
        sizes[status.st_ino] = on_disk(status)
    return links, sizes


def on_disk(status: os.stat_result) -> int:
    """Return how many bytes a file takes."""
    return status.st_blocks * 512


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


def remove(names: Iterable[str]) -> dict[str, Any]:
    """Remove environments, and from the cache what no other has."""
    there = [name for name in names if is_complete(ENVIRONMENTS / name)]
    freed = sum(discard(ENVIRONMENTS / name) for name in there)
    return {"removed": there, "bytes": freed + forget_unused() + forget_libraries()}


def unfinished(names: Iterable[str]) -> None:
    """Remove what is not complete of some environments. A name with a dot is an upgrade on its way, or its victim."""
    for name in names:
        for folder in ENVIRONMENTS.glob(name + "*"):
            if not is_complete(folder):
                discard(folder)


def sweep(building: Iterable[str]) -> None:
    """Remove what is not complete but for what is being built."""
    unfinished({folder.name.split(".")[0] for folder in ENVIRONMENTS.glob("*")} - set(building))


def discard(folder: Path) -> int:
    """Remove an environment, which stops being complete first; return how many bytes became free."""
    with contextlib.suppress(FileNotFoundError):
        (folder / "ready.json").unlink()
    return discard_folder(folder)


def discard_folder(folder: Path) -> int:
    """Remove a folder; return how many bytes became free. Files that are elsewhere, too, stay there."""
    left: dict[int, tuple[int, int]] = {}
    for status in statuses(folder):
        links = 1 if stat.S_ISDIR(status.st_mode) else left.get(status.st_ino, (status.st_nlink, 0))[0]
        left[status.st_ino] = (links - 1, on_disk(status))
    shutil.rmtree(str(folder), ignore_errors=True)
    return sum(size for links, size in left.values() if links == 0)


def forget_unused() -> int:
    """Remove from uv's cache the packages that no environment has; return how many bytes became free.

    Nothing is done while uv is at work: it locks its cache. Source of the layout: `uv cache dir`,
    https://docs.astral.sh/uv/concepts/cache/; uv takes a package that is missing there as one that it never had.
    """
    if not (CACHE / ".lock").is_file():
        return 0
    with (CACHE / ".lock").open("r+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return 0
        return sum(discard_folder(package) for package in CACHE.glob("archive-v*/*") if not is_linked(package))


def forget_libraries() -> int:
    """Remove what is compiled for images that no environment is for; return how many bytes became free."""
    environments = list(ENVIRONMENTS.glob("*"))
    if not all(map(is_complete, environments)):
        return 0  # one that is being built does not say yet what it is for
    try:
        readies = [json.loads((folder / "ready.json").read_text("utf-8")) for folder in environments]
    except FileNotFoundError:
        return 0  # somebody else removes one: then this is for them
    used = {Path(ready.get("compiled") or "").name for ready in readies}
    return sum(discard_folder(folder) for folder in COMPILED.glob("*") if folder.name not in used)


def is_linked(package: Path) -> bool:
    """Tell whether an environment has a file of a package, too: uv makes hard links."""
    return any(status.st_nlink > 1 for status in statuses(package) if stat.S_ISREG(status.st_mode))


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(*sys.argv[1:])))
