"""The next process of a kernel that restarts, begun while the former one still ends."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from jupyter_workbench.kernels.follower import Follower
from jupyter_workbench.kernels.starting import Start
from jupyter_workbench.targets.base import Begun


@dataclass(frozen=True)
class Ahead:
    """A start that is prepared; without ``begun`` its process is started in the usual way."""

    start: Start
    follower: Follower | None
    begun: Begun | None

    async def discard(self) -> None:
        """End what has begun."""
        try:
            if self.begun is not None:
                await self.begun.discard()
        finally:
            if self.follower is not None:
                await self.follower.finish()


Begin = Callable[[Start], Awaitable[Begun | None]]


async def go_ahead(preparing: Awaitable[Start], begin: Begin, log: logging.Logger) -> Ahead:
    """Prepare a start and begin its process. Raises what these raise, and leaves nothing behind then."""
    start = await preparing
    follower = Follower.of(start, log)
    try:
        return Ahead(start, follower, await begin(start))
    except BaseException:
        await Ahead(start, follower, None).discard()
        raise


async def call_off(task: asyncio.Task[Ahead], log: logging.Logger) -> None:
    """End what has been begun for a restart that never came."""
    task.cancel()
    await asyncio.wait([task])
    if task.cancelled() or task.exception() is not None:
        return  # it has left nothing behind
    try:
        await task.result().discard()
    except Exception:  # whoever shuts a kernel down is not stopped by what was never used
        log.warning("What was begun for a restart could not be ended.", exc_info=True)
