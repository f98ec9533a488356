"""Folders that kernels share: made by one at a time, and each takes its place at once."""

from __future__ import annotations

import fcntl
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

POLL_SECONDS = 0.2


@contextmanager
def turn(folder: Path, say: Callable[[str], None], check: Callable[[], None]) -> Iterator[None]:
    """Hold the lock of a folder; while another one has it, ``check`` is called again and again, and may raise."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a") as lock:
        if not is_taken(lock.fileno()):
            say("Waiting for another kernel that prepares Spark")
            while not is_taken(lock.fileno()):
                check()
                time.sleep(POLL_SECONDS)
        yield


def is_taken(lock: int) -> bool:
    """Take a lock, unless another one has it; tell whether it was taken."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def take_place(new: Path, final: Path) -> None:
    """Put a folder where another may be, which somebody may use."""
    old = new.with_name(new.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    final.parent.mkdir(parents=True, exist_ok=True)
    if final.exists():
        final.rename(old)
    new.rename(final)
    shutil.rmtree(old, ignore_errors=True)
