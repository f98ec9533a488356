"""What a cell used of processors and memory, for cells that run long enough that it matters."""

from __future__ import annotations

import threading
from time import perf_counter
from typing import Any, Dict, Optional

from . import gpus, processes

WORTH_SECONDS = 2.0  # a shorter cell has no usage record
FIRST_SECONDS = 0.4
PERIOD_SECONDS = 0.4  # between two looks; a peak is the mean of so long
_CLOCK_SECONDS = 0.02  # Linux rounds when processes started
_SHARE = 100  # looking takes a hundredth of the time at most


class Meter:
    """Measures the kernel's process with all its children, from here on."""

    def __init__(self) -> None:
        self._began = perf_counter()
        self._own = processes.own_cpu()
        self._lock = threading.Lock()
        self._next = self._began + FIRST_SECONDS
        self._cpu = 0.0
        self._last = self._began, 0.0  # when its processors were looked at, and what it had used by then
        self._cpu_peak = 0.0
        self._memory_peak: Optional[int] = None
        self._gpu_peak: Optional[float] = None
        self._gpu_memory_peak: Optional[int] = None
        self._baselines: Dict[int, float] = {}  # what each child had used before this began

    def look(self) -> None:
        """Take a look, if it is time. The flusher's thread calls this; it may take as long as it takes."""
        began = perf_counter()
        if began < self._next:
            return
        with self._lock:
            self._look_at_processes(with_memory=True)
            self._look_at_gpus()
        ended = perf_counter()
        self._next = ended + max(PERIOD_SECONDS, _SHARE * (ended - began))

    def facts(self) -> Optional[Dict[str, Any]]:
        """Return what the usage record tells, at the end of the cell; None for a short one."""
        if perf_counter() - self._began < WORTH_SECONDS:
            return None
        with self._lock:
            self._look_at_processes(with_memory=self._memory_peak is None)
            return {
                "cpu_seconds": self._cpu,
                "cpu_peak": self._cpu_peak,
                "memory_peak": self._memory_peak,
                "gpu_peak": self._gpu_peak,
                "gpu_memory_peak": self._gpu_memory_peak,
            }

    def _look_at_processes(self, *, with_memory: bool) -> None:
        children = processes.children()
        now = perf_counter()
        began = processes.clock() - (now - self._began) - _CLOCK_SECONDS
        cpu = processes.own_cpu() - self._own
        for child in children:
            self._baselines.setdefault(child.pid, child.cpu if child.started < began else 0.0)
            cpu += child.cpu
        # It would be less again when a child has ended that is not waited for by us.
        self._cpu = max(self._cpu, cpu - sum(self._baselines.values()))
        then, before = self._last
        if now - then >= PERIOD_SECONDS / 2:
            self._cpu_peak = max(self._cpu_peak, 100 * (self._cpu - before) / (now - then))
            self._last = now, self._cpu
        if with_memory:
            found = processes.memory(children)
            if found is not None:
                self._memory_peak = max(self._memory_peak or 0, found)

    def _look_at_gpus(self) -> None:
        found = gpus.read()
        if found is not None:
            self._gpu_peak = max(self._gpu_peak or 0.0, found.busy)
            self._gpu_memory_peak = max(self._gpu_memory_peak or 0, found.memory)
