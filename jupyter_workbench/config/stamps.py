"""What a file looked like when it was read, so that an unchanged file is not read again."""

from __future__ import annotations

import os
from typing import TypeAlias

Stamp: TypeAlias = tuple[int, ...]
"""When contents and attributes changed (nanoseconds) and the size; only the error number if nothing can be seen."""

SETTLING_NANOSECONDS = 50_000_000
"""File systems keep time in steps of up to some milliseconds: a file changed this recently may change again unseen."""


def stamp_of(path: str) -> Stamp:
    """Look at a file or folder without opening it; a link counts as what it leads to."""
    try:
        return stamp(os.stat(path))  # noqa: PTH116 - twice as fast as Path.stat, and called for every file at every refresh
    except OSError as error:
        return (error.errno or 0,)


def stamp(status: os.stat_result) -> Stamp:
    """Take the stamp of a file from what the system says about it."""
    return status.st_mtime_ns, status.st_ctime_ns, status.st_size


def is_settled(stamp: Stamp, taken_after: int) -> bool:
    """Tell whether any later change is sure to show in a stamp that was taken after that time (nanoseconds)."""
    return max(stamp[:2]) < taken_after - SETTLING_NANOSECONDS
