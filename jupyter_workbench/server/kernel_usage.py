"""How much memory and processor time the processes of kernels use now, on this machine or elsewhere."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import psutil

from jupyter_workbench.kernels.remote_process import RemoteProcess
from jupyter_workbench.targets.base import Consumption

FRESH_SECONDS = 1.0
PATIENCE_SECONDS = 2.0
"""How long an engine may think about what a container uses: who lists kernels wants to know more than that."""


@dataclass(frozen=True)
class Usage:
    """``memory`` in bytes, ``cpu_percent`` of one core since the last look; None where nobody knows."""

    memory: int | None = None
    cpu_percent: float | None = None

    def as_json(self) -> dict[str, Any]:
        """Return it as `docs/reference/rest.md` has it."""
        return dict(vars(self))


@dataclass(frozen=True)
class _Look:
    """``moment`` and ``processor`` in seconds."""

    moment: float
    processor: float
    usage: Usage

    def share(self, moment: float, processor: float) -> float:
        """Return what was used since, in per cent of one core."""
        # A child that ended took its seconds along, and a restarted kernel began anew.
        return round(max(0.0, processor - self.processor) / max(moment - self.moment, FRESH_SECONDS) * 100, 1)


class Usages:
    """Remembers its last look at each kernel, as a share of a processor takes two. For one event loop."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """``now``: a clock, in seconds."""
        self._now = now
        self._looks: dict[str, _Look] = {}

    async def of(self, kernel_id: str, process: Any) -> Usage:
        """Look at the process of a kernel, with its children: a `Popen`, a `RemoteProcess` or None.

        Several pages share a look that is fresh: a share of a processor over a moment would say nothing.
        """
        before = self._looks.get(kernel_id)
        if before is not None and self._now() - before.moment < FRESH_SECONDS:
            return before.usage
        found = await _look_at(process)
        if found is None:
            return Usage()
        moment = self._now()
        usage = Usage(found.memory, None if before is None else before.share(moment, found.processor))
        self._looks[kernel_id] = _Look(moment, found.processor, usage)
        return usage

    def keep_only(self, kernel_ids: Collection[str]) -> None:
        """Forget the kernels that are gone."""
        self._looks = {kernel_id: look for kernel_id, look in self._looks.items() if kernel_id in kernel_ids}


async def _look_at(process: Any) -> Consumption | None:
    if isinstance(process, RemoteProcess):
        with contextlib.suppress(asyncio.TimeoutError):
            return await asyncio.wait_for(process.running.consumption(), PATIENCE_SECONDS)
        return None
    return await asyncio.to_thread(_on_this_machine, getattr(process, "pid", None))


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
