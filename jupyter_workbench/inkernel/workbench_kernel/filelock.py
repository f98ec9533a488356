"""The lock by which others know that this kernel lives: held from before the first record until the process ends.

It is a record lock (POSIX ``lockf``): forked children do not inherit it. Closing any other descriptor of the same file
in this process would drop it, so nobody opens that file a second time.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress


def take(path: str) -> int:
    """Create and lock a file; the descriptor keeps the lock. OSError when another process holds it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        _lock(descriptor)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

    def hold(descriptor: int) -> None:
        """Do nothing: no process is forked here."""

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def hold(descriptor: int) -> None:
        """Lock a file until this process and all that it forks have ended (``flock``), where that is possible."""
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
