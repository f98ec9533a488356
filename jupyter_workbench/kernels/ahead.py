"""The next process of a kernel that restarts, begun while the former one still ends."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from jupyter_workbench.errors import TargetError
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
        if self.begun is not None:
            await self.begun.discard()
        if self.follower is not None:
            await self.follower.finish()


Begin = Callable[[Start], Awaitable[Begun | None]]


async def go_ahead(preparing: Awaitable[Start], begin: Begin, log: logging.Logger) -> Ahead:
    """Prepare a start and begin its process. Raises what preparing raises; leaves nothing behind when cancelled."""
    start = await preparing
    follower = Follower.of(start, log)
    try:
        return Ahead(start, follower, await begin(start))
    except TargetError as error:  # the usual way comes to the same error, or does better
        log.info("The next process of the kernel could not begin before the former one had ended: %s", error)
        return Ahead(start, follower, None)
    except BaseException:
        await Ahead(start, follower, None).discard()
        raise


async def call_off(task: asyncio.Task[Ahead]) -> None:
    """End what has been begun for a restart that never came."""
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError, Exception):  # one that failed has left nothing behind
        await (await task).discard()
