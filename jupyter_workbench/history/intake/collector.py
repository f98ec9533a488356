"""One running kernel -> store: takes what the kernel pushes, reads the spool where a push was lost.

Every access to files and SQLite happens in a thread; the event loop only hands pieces over. What surrounds a run is
found out once its start is in the store, so that nothing waits for it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from jupyter_workbench.history.intake import sweep
from jupyter_workbench.history.intake.guarded_store import GuardedStore
from jupyter_workbench.history.intake.news import News, news
from jupyter_workbench.history.store import outputs
from jupyter_workbench.history.surroundings.capture import Packages, Surroundings

if TYPE_CHECKING:
    from jupyter_workbench.history.disk.spool import Spool
    from jupyter_workbench.history.location import ProjectData
    from jupyter_workbench.history.records.captured import Captured
    from jupyter_workbench.history.store.store import Store

COALESCE_SECONDS = 0.1
"""From one transaction to the next; the first after a silence comes at once."""

RETRY_SECONDS = 5.0
CAPTURE_SECONDS = 1.0
"""How long a look at what surrounds the last runs may go on after their kernel has ended."""

_MAX_PENDING_BYTES = 1 << 20


class _Piece(NamedTuple):
    offset: int
    lines: bytes


class Collector:
    """Brings the records of one kernel process into its project's store. Use it on one event loop only.

    The store failing (disk full, locked, damaged) is logged once and tried again every ``RETRY_SECONDS``; the records
    wait in the spool. Nothing here raises into the server.
    """

    def __init__(self, data: ProjectData, spool: Spool, packages: Packages | None = None, told: News = news) -> None:
        self._spool = spool
        self._store = GuardedStore(data, spool, told)
        self._surroundings = Surroundings(Path(spool.facts.project_dir), packages)
        self._pending: list[_Piece] = []
        self._pending_bytes = 0
        self._must_read = False
        self._last_take = float("-inf")
        self._has_outputs = False
        self._uncaptured: list[str] = []  # set by the writer's thread
        self._stopping = asyncio.Event()
        self._taking: asyncio.Task[None] | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._capturing: asyncio.Task[None] | None = None

    def receive(self, content: object) -> None:
        """Take the content of a ``jupyter_workbench_records`` message; cheap. Called on the event loop."""
        if not isinstance(content, Mapping):
            return
        stream, offset, data = (content.get(key) for key in ("stream", "offset", "data"))
        if stream != self._spool.stream:
            return
        lines = data.encode("utf-8", "replace") if isinstance(data, str) else b""
        if lines and isinstance(offset, int) and offset >= 0 and self._pending_bytes + len(lines) <= _MAX_PENDING_BYTES:
            self._pending.append(_Piece(offset, lines))
            self._pending_bytes += len(lines)
        else:
            self._must_read = True
        if self._taking is None or self._taking.done():
            self._taking = asyncio.get_running_loop().create_task(self._take_all())

    async def settle(self, reason: str | None) -> None:
        """After the process ended: everything is taken in, the stream closed, the spool removed; runs end.

        ``reason`` tells why a run that had no end yet was cut short. What fails is left to a later sweep.
        """
        self._surroundings.hurry()
        await self._stop()
        await self._store.write(partial(self._settle, reason=reason))
        self._begin_to_capture()

    async def close(self) -> None:
        """Let the store go; the kernel may live on, and what it writes is taken in by a sweep."""
        await self._stop()
        if self._capturing is not None:
            await asyncio.wait([self._capturing], timeout=CAPTURE_SECONDS)
            self._surroundings.stop()
            await asyncio.wait([self._capturing])
        await self._store.close()

    async def _take_all(self) -> None:
        """Until nothing is left: take all in with one transaction, and wait a little for more to come."""
        while (self._pending or self._must_read) and not self._stopping.is_set():
            pause = RETRY_SECONDS if self._store.is_failing else COALESCE_SECONDS
            await self._pause(self._last_take + pause - time.monotonic())
            self._last_take = time.monotonic()
            pieces, self._pending, self._pending_bytes = self._pending, [], 0
            must_read, self._must_read = self._must_read, False
            if not await self._store.write(partial(self._take, pieces=pieces, must_read=must_read)):
                self._must_read, self._last_take = True, time.monotonic()
                continue
            self._begin_to_capture()
            self._has_outputs = True
            if self._keeping is None or self._keeping.done():
                self._keeping = asyncio.get_running_loop().create_task(self._keep_outputs())

    async def _keep_outputs(self) -> None:
        while self._has_outputs and not self._stopping.is_set():
            self._has_outputs = False
            await self._store.copy(lambda store: outputs.take(self._spool, store, is_final=False))

    def _begin_to_capture(self) -> None:
        if self._uncaptured and (self._capturing is None or self._capturing.done()):
            self._capturing = asyncio.get_running_loop().create_task(self._capture())

    async def _capture(self) -> None:
        """Look once for all runs that have begun meanwhile, until there are none."""
        is_kept = True
        while is_kept and self._uncaptured:
            await self._surroundings.rest()
            runs = self._uncaptured
            captured = await self._surroundings.look()
            is_kept = await self._store.write(partial(self._annotate, runs=runs, captured=captured))

    def _take(self, store: Store, pieces: list[_Piece], must_read: bool) -> None:
        for offset, lines in _joined(pieces):
            reached = store.apply(self._spool.stream, offset, lines, self._spool.facts)
            must_read = must_read or reached < offset + len(lines)
        if must_read:
            sweep.catch_up(self._spool, store)
        self._uncaptured = store.uncaptured(self._spool.stream)

    def _annotate(self, store: Store, runs: list[str], captured: Captured) -> None:
        store.annotate(self._spool.stream, runs, captured)
        self._uncaptured = store.uncaptured(self._spool.stream)

    def _settle(self, store: Store, reason: str | None) -> None:
        sweep.settle(self._spool, store, reason)
        self._uncaptured = store.uncaptured(self._spool.stream)

    async def _pause(self, seconds: float) -> None:
        if seconds <= 0:
            return
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    async def _stop(self) -> None:
        """Let what is under way come to its end: no thread takes anything in afterwards."""
        self._stopping.set()
        tasks = [task for task in (self._taking, self._keeping) if task is not None]
        if tasks:
            await asyncio.wait(tasks)


def _joined(pieces: list[_Piece]) -> list[_Piece]:
    """Pieces that follow each other become one: one transaction instead of many."""
    joined: list[tuple[int, list[bytes]]] = []
    end = -1
    for offset, lines in pieces:
        if offset != end:
            joined.append((offset, []))
        joined[-1][1].append(lines)
        end = offset + len(lines)
    return [_Piece(offset, b"".join(parts)) for offset, parts in joined]
