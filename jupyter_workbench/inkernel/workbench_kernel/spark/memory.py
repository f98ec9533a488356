"""Stops a result that is about to fill the memory: a list of ten million rows would end the kernel.

Spark counts what it sends (spark.driver.maxResultSize), but rows take ten times as much in Python. So a thread looks at
the memory while a cell takes rows from Spark, and raises an error there before somebody is killed for want of it.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from typing import Any, Dict, Optional

PERIOD_SECONDS = 0.2
ENOUGH = 0.93  # of what a container may use; above that it would be this kernel that is killed
LEAST_AVAILABLE = 0.04  # of the machine's memory, which others use too


class ResultTooLarge(MemoryError):
    """Rows that a cell takes from Spark do not fit into the memory."""


class Memory:
    """Looks after the memory of one kernel."""

    def __init__(self, limit: Optional[int]) -> None:
        """``limit``: the bytes that the container may use; without one it is the machine that must have some left."""
        self._limit = limit
        self._java: Optional[int] = None
        self._running = threading.Event()
        self._thread: Optional[threading.Thread] = None

    def watch_java(self, pid: Optional[int]) -> None:
        """Count the memory of this process too."""
        self._java = pid

    def cell_begins(self) -> None:
        """Look from now on."""
        if not os.path.isdir("/proc/self"):
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="WorkbenchSparkMemory", daemon=True)
            self._thread.pydev_do_not_trace = True  # type: ignore[attr-defined]  # a debugger must not stop it
            self._thread.is_pydev_daemon_thread = True  # type: ignore[attr-defined]
            self._thread.start()
        self._running.set()

    def cell_ends(self) -> None:
        """Look no longer."""
        self._running.clear()

    def _work(self) -> None:
        pause = threading.Event()
        while True:
            self._running.wait()
            pause.wait(PERIOD_SECONDS)
            if self._running.is_set() and takes_rows(_frame_of_main()) and self._is_scarce():
                _raise_in_main()
                pause.wait(PERIOD_SECONDS * 10)  # it takes a while to give everything back

    def _is_scarce(self) -> bool:
        if self._limit is not None:
            return _resident(os.getpid()) + _resident(self._java or 0) > ENOUGH * self._limit
        machine = _machine()
        return machine.get("MemAvailable", 1) < LEAST_AVAILABLE * machine.get("MemTotal", 1)


def takes_rows(frame: Any) -> bool:
    """Whether code that runs here is receiving rows from Spark, as `collect` and `toPandas` do."""
    while frame is not None:
        if frame.f_globals.get("__name__") in ("pyspark.serializers", "pyspark.sql.pandas.serializers"):
            return True
        frame = frame.f_back
    return False


def _frame_of_main() -> Any:
    return sys._current_frames().get(threading.main_thread().ident or 0)


def _raise_in_main() -> None:
    ident = ctypes.c_ulong(threading.main_thread().ident or 0)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ident, ctypes.py_object(ResultTooLarge))


def _resident(pid: int) -> int:
    try:
        with open("/proc/{}/statm".format(pid)) as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def _machine() -> Dict[str, int]:
    with open("/proc/meminfo") as file:
        pairs = (line.split(":") for line in file)
        return {name: int(rest.split()[0]) for name, rest in pairs}
