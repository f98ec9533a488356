"""Long calls of an engine that end soon once nobody wants them any more: copies of files."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import docker

    from jupyter_workbench.targets.docker.engines.engine import Engine

T = TypeVar("T")


class StoppedError(Exception):
    """Nobody wants the result any more."""


class Stop:
    """Tells a thread that it should end."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        """Let the thread end at its next check."""
        self._event.set()

    def check(self) -> None:
        """Raise `StoppedError` when the thread should end."""
        if self._event.is_set():
            raise StoppedError

    def watched(self, items: Iterable[T]) -> Iterator[T]:
        """Yield the items, with a check before each."""
        for item in items:
            self.check()
            yield item


async def call(engine: Engine, function: Callable[[docker.DockerClient, Stop], T]) -> T:
    """Run a function that checks now and then whether it should stop; a cancelled one has ended when this raises."""
    stop = Stop()
    task = asyncio.ensure_future(engine.call(lambda client: function(client, stop)))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        stop.set()
        while not task.done():
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait({task})
        if not task.cancelled():
            task.exception()  # looked at: nobody else will
        raise
