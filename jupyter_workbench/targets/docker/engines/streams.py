"""What a blocking iterator yields, on the event loop: a thread reads it, and is woken when nobody wants more."""

from __future__ import annotations

import asyncio
import collections
import threading
from collections.abc import AsyncGenerator, Callable, Iterable
from typing import Generic, TypeVar

T = TypeVar("T")

READ_AHEAD = 256
"""How many items wait at most: a log may be longer than the memory."""


async def follow(open_: Callable[[], Iterable[T]], cut: Callable[[], None], name: str) -> AsyncGenerator[T, None]:
    """Yield the items of an iterable that blocks; its error is raised after the items before it.

    ``cut`` must end the iteration from outside, and may be called more than once.
    """
    reader = _Reader(open_)
    threading.Thread(target=reader.read, name=f"stream {name}", daemon=True).start()
    try:
        while True:
            await reader.wait()
            while reader.items:
                yield reader.take()
            if reader.has_ended and not reader.items:
                break
        if reader.error:
            raise reader.error
    finally:
        reader.stop()
        cut()


class _Reader(Generic[T]):
    def __init__(self, open_: Callable[[], Iterable[T]]) -> None:
        self._open = open_
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()
        self._room = threading.Semaphore(READ_AHEAD)
        self._is_stopped = False
        self.items: collections.deque[T] = collections.deque()
        self.error: Exception | None = None
        self.has_ended = False

    async def wait(self) -> None:
        await self._news.wait()
        self._news.clear()

    def take(self) -> T:
        self._room.release()
        return self.items.popleft()

    def stop(self) -> None:
        self._is_stopped = True
        self._room.release()

    def read(self) -> None:
        """Read to the end, in the thread."""
        try:
            for item in self._open():
                self._room.acquire()
                if self._is_stopped:
                    break
                self.items.append(item)
                self._tell()
        except Exception as error:  # raised where the items are consumed
            self.error = error
        finally:
            self.has_ended = True
            self._tell()

    def _tell(self) -> None:
        if not self._loop.is_closed():
            try:
                self._loop.call_soon_threadsafe(self._news.set)
            except RuntimeError:
                return  # closed in this moment: nobody waits any more
