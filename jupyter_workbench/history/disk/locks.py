"""Locks on files: one process at a time creates a database, a kernel holds its spool for as long as it lives."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

if sys.platform == "win32":  # pragma: no cover
    import msvcrt
else:
    import fcntl


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold ``path`` (created when missing) against every other thread and process; waits for its turn."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if sys.platform == "win32":  # pragma: no cover
            msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def exclusive_if_free(path: Path) -> Iterator[bool]:
    """Hold ``path`` like `exclusive` and give True; give False at once when it is held."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            if sys.platform == "win32":  # pragma: no cover
                msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            else:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            is_ours = False
        else:
            is_ours = True
        yield is_ours
    finally:
        os.close(descriptor)


def is_held_by_children(descriptor: int) -> bool:
    """Whether another process, or one that it forked before it ended, holds the lock (``flock``) of this open file."""
    if sys.platform != "win32":
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)  # shared: as in `is_held`
        except BlockingIOError:
            return True
        except OSError:  # a file system without such locks
            return False
        fcntl.flock(descriptor, fcntl.LOCK_UN)
    return False


def is_open_here(path: Path) -> bool:
    """Whether this process itself has the file open: it asks its own descriptors, which nobody else can write.

    Where they cannot be listed (Windows, whose locks do not need this question), it has not.
    """
    try:
        sought = path.lstat()
        descriptors = [int(entry.name) for entry in os.scandir("/dev/fd")]
    except OSError:
        return False
    return any(_is_file(descriptor, sought) for descriptor in descriptors)


def _is_file(descriptor: int, sought: os.stat_result) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), sought)
    except OSError:  # closed by another thread, or by who listed it
        return False


def is_held(descriptor: int) -> bool:
    """Whether ANOTHER process holds the record lock (``lockf``) of this open file.

    Closing the descriptor afterwards drops whatever record locks this process itself has on the file (POSIX).
    """
    try:
        if sys.platform == "win32":  # pragma: no cover
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
        else:
            # Shared: two sweeps that look at once must not take each other for the kernel.
            fcntl.lockf(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            fcntl.lockf(descriptor, fcntl.LOCK_UN)
    except OSError:
        return True
    return False
