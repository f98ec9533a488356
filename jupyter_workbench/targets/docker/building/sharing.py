"""One piece of work that several callers want at once: it is done once, and given up when nobody wants it any more."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any, Generic, TypeVar

from jupyter_workbench.targets.docker.engines.undisturbed import undisturbed
from jupyter_workbench.targets.progress import Progress, Report

MOST_LINES = 1000
"""Of what programs said, for those who come late: the newest."""

T = TypeVar("T")


class Shared(Generic[T]):
    """Work that has begun. Each caller hears at once how far it is and what was said, then what is to come."""

    def __init__(self, work: Callable[[Report], Coroutine[Any, Any, T]]) -> None:
        self._reports: list[Report] = []
        self._last: Progress | None = None
        self._said: deque[str] = deque(maxlen=MOST_LINES)
        self._is_given_up = False
        self._task = asyncio.get_running_loop().create_task(work(self._report))

    @property
    def is_over(self) -> bool:
        """Whether joining it would be too late."""
        return self._is_given_up or self._task.done()

    async def join(self, report: Report) -> T:
        """Return its result. When the last caller is cancelled, so is the work, which is waited for."""
        if self._last is not None:
            report(replace(self._last, said=tuple(self._said)))
        self._reports.append(report)
        try:
            return await asyncio.shield(self._task)
        finally:
            self._reports.remove(report)
            if not self._reports and not self._task.done():
                self._is_given_up = True
                self._task.cancel()
                await undisturbed(_over(self._task))

    def _report(self, progress: Progress) -> None:
        self._last = progress
        self._said.extend(progress.said)
        for report in self._reports:
            report(progress)


async def _over(task: asyncio.Task[Any]) -> None:
    await asyncio.wait([task])
