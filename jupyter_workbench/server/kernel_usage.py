"""How much memory and processor time the processes of kernels use now, on this machine or elsewhere."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import psutil

from jupyter_workbench.kernels.remote_process import RemoteProcess
from jupyter_workbench.targets.base import Consumption


@dataclass(frozen=True)
class Usage:
    """``memory`` in bytes, ``cpu_percent`` of one core since the last look; None where nobody knows."""

    memory: int | None = None
    cpu_percent: float | None = None

    def as_json(self) -> dict[str, Any]:
        """Return it as `docs/reference/rest.md` has it."""
        return dict(vars(self))


class Usages:
    """Remembers its last look at each kernel, as a share of a processor takes two. For one event loop."""

    def __init__(self) -> None:
        self._looks: dict[str, tuple[float, float]] = {}

    async def of(self, kernel_id: str, process: Any) -> Usage:
        """Look at the process of a kernel, with its children: a `Popen`, a `RemoteProcess` or None."""
        if isinstance(process, RemoteProcess):
            found = await process.running.consumption()
        else:
            found = _on_this_machine(getattr(process, "pid", None))
        return Usage() if found is None else Usage(found.memory, self._share(kernel_id, found.processor))

    def keep_only(self, kernel_ids: Collection[str]) -> None:
        """Forget the kernels that are gone."""
        self._looks = {kernel_id: look for kernel_id, look in self._looks.items() if kernel_id in kernel_ids}

    def _share(self, kernel_id: str, seconds: float) -> float | None:
        now = time.monotonic()
        before = self._looks.get(kernel_id)
        self._looks[kernel_id] = (now, seconds)
        if before is None or now <= before[0]:
            return None
        # A child that ended took its seconds along, and a restarted kernel began anew.
        return round(max(0.0, seconds - before[1]) / (now - before[0]) * 100, 1)


def _on_this_machine(pid: int | None) -> Consumption | None:
    if pid is None:
        return None
    try:
        kernel = psutil.Process(pid)
        family = [kernel, *kernel.children(recursive=True)]
    except psutil.Error:
        return None  # it has ended
    found = [one for one in map(_look, family) if one is not None]
    return Consumption(sum(one.memory for one in found), sum(one.processor for one in found))


def _look(process: psutil.Process) -> Consumption | None:
    try:
        with process.oneshot():
            times = process.cpu_times()
            return Consumption(int(process.memory_info().rss), float(times.user + times.system))
    except psutil.Error:
        return None  # it has ended
