"""Whether the container was so short of memory that a process of it was killed: Java cannot tell that of itself."""

from __future__ import annotations

from typing import Optional

# cgroup v2 and v1: https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files
FILES = ("/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control")
MIB = 1024 * 1024


def kills() -> int:
    """Return how many processes were killed for want of memory so far; 0 where that is not told."""
    for name in FILES:
        try:
            with open(name) as file:
                numbers = dict(line.split() for line in file)
        except (OSError, ValueError):
            continue
        return int(numbers.get("oom_kill", 0))
    return 0


def words(limit: Optional[int]) -> str:
    """Return that the memory is used up, as the middle of a sentence; ``limit`` is that of the container in bytes."""
    if limit is None:
        return "the memory of the machine is used up"
    return "the memory of the container is used up, its limit is {} MiB (`memory` of its compute target)".format(
        limit // MIB
    )
