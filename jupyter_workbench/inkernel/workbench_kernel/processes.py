"""What the kernel's process and its children use: from ``/proc`` on Linux, elsewhere from psutil, where that is there.

psutil, which newer ipykernels bring along, looks at every process of the machine to find children: too slow here.
"""

from __future__ import annotations

import os
import sys
import time
from typing import Any, Dict, Iterator, List, NamedTuple, Optional


class Process(NamedTuple):
    """A child, at one moment."""

    pid: int
    started: float  # seconds on the clock of `clock`
    cpu: float  # seconds, with those of its own children that have ended


def clock() -> float:
    """Return the time on the clock by which processes start."""
    return time.clock_gettime(_BOOT_CLOCK) if _BOOT_CLOCK is not None else time.time()


def own_cpu() -> float:
    """Return the seconds that this process used, and those of its children that have ended: in one system call."""
    return sum(os.times()[:4])


def children() -> List[Process]:
    """Return all that descend from this process and live."""
    if _IS_LINUX:
        return [process for process in map(_read, _descendants("self")) if process is not None]
    psutil = _psutil()
    if psutil is None:
        return []
    found = (_read_with_psutil(psutil, process) for process in psutil.Process().children(recursive=True))
    return [process for process in found if process is not None]


def memory(of: List[Process]) -> Optional[int]:
    """Return the bytes that this process and its children have in memory, shared pages once; None if unknown."""
    if _IS_LINUX:
        if not of:
            return _resident("self")
        return _shared_once("self") + sum(_shared_once(str(process.pid)) for process in of)
    psutil = _psutil()
    if psutil is None:
        return None
    return sum(_memory_of_psutil(psutil, pid) for pid in [os.getpid(), *(process.pid for process in of)])


# ---- Linux: proc(5) ------------------------------------------------------------------------------
_IS_LINUX = sys.platform.startswith("linux") and os.path.exists("/proc/self/stat")
_BOOT_CLOCK: Optional[int] = getattr(time, "CLOCK_BOOTTIME", None) if _IS_LINUX else None
_TICKS = os.sysconf("SC_CLK_TCK") if _IS_LINUX else 100
_PAGE = os.sysconf("SC_PAGE_SIZE") if _IS_LINUX else 4096


def _descendants(pid: str) -> Iterator[str]:
    try:
        threads = os.listdir("/proc/{}/task".format(pid))
    except OSError:
        return  # it has ended
    for thread in threads:
        for child in (_text("/proc/{}/task/{}/children".format(pid, thread)) or "").split():
            yield child
            yield from _descendants(child)


def _read(pid: str) -> Optional[Process]:
    told = _text("/proc/{}/stat".format(pid))
    if not told:
        return None
    fields = told.rpartition(")")[2].split()  # from the third on: the second, in brackets, may hold anything
    cpu = sum(int(field) for field in fields[11:15]) / _TICKS
    return Process(int(pid), int(fields[19]) / _TICKS, cpu)


def _resident(pid: str) -> int:
    fields = (_text("/proc/{}/statm".format(pid)) or "").split()
    return int(fields[1]) * _PAGE if len(fields) > 1 else 0


def _shared_once(pid: str) -> int:
    """Return its proportional set size: forked children share most of their memory with the kernel."""
    for line in (_text("/proc/{}/smaps_rollup".format(pid)) or "").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return _resident(pid)


def _text(path: str) -> Optional[str]:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return None


# ---- elsewhere -----------------------------------------------------------------------------------
def _psutil() -> Any:
    """Return psutil if it was imported: importing it takes longer than many cells."""
    return sys.modules.get("psutil")


def _read_with_psutil(psutil: Any, process: Any) -> Optional[Process]:
    try:
        times: Dict[str, float] = process.cpu_times()._asdict()
        cpu = sum(times.get(name, 0.0) for name in ("user", "system", "children_user", "children_system"))
        return Process(process.pid, process.create_time(), cpu)
    except psutil.Error:
        return None  # it has ended


def _memory_of_psutil(psutil: Any, pid: int) -> int:
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0
