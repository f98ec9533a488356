"""One running kernel -> store: takes what the kernel pushes, reads the spool where a push was lost.

Every access to files and SQLite happens in a thread; the event loop only hands pieces over.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from jupyter_workbench.errors import HistoryError
from jupyter_workbench.history import outputs, sweep
from jupyter_workbench.history.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_workbench.history.location import ProjectData
    from jupyter_workbench.history.spool import Spool

COALESCE_SECONDS = 0.1
RETRY_SECONDS = 5.0
_MAX_PENDING_BYTES = 1 << 20
_log = logging.getLogger(__name__)
# One writer for all kernels of this process: SQLite lets in one at a time anyway, and whoever else uses threads
# never waits for us. Big outputs are copied beside it, so that they hold up nobody's metrics.
_writer = ThreadPoolExecutor(1, thread_name_prefix="run-history")
_copier = ThreadPoolExecutor(1, thread_name_prefix="run-outputs")


class _Piece(NamedTuple):
    offset: int
    lines: bytes


class Collector:
    """Brings the records of one kernel process into its project's store. Use it on one event loop only.

    The store failing (disk full, locked, damaged) is logged once and tried again every ``RETRY_SECONDS``; the records
    wait in the spool. Nothing here raises into the server.
    """

    def __init__(self, data: ProjectData, spool: Spool) -> None:
        self._data = data
        self._spool = spool
        self._store: Store | None = None
        self._pending: list[_Piece] = []
        self._pending_bytes = 0
        self._must_read = False
        self._is_failing = False
        self._has_outputs = False
        self._stopping = asyncio.Event()
        self._taking: asyncio.Task[None] | None = None
        self._keeping: asyncio.Task[None] | None = None

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
        await self._stop()
        await self._guarded(_writer, lambda: sweep.settle(self._spool, self._opened(), reason))

    async def close(self) -> None:
        """Let the store go; the kernel may live on, and what it writes is taken in by a sweep."""
        await self._stop()
        await self._guarded(_writer, self._close_store)

    async def _take_all(self) -> None:
        """Until nothing is left: wait for more to come, then take all in with one transaction."""
        while (self._pending or self._must_read) and not self._stopping.is_set():
            await self._pause(RETRY_SECONDS if self._is_failing else COALESCE_SECONDS)
            pieces, self._pending, self._pending_bytes = self._pending, [], 0
            must_read, self._must_read = self._must_read, False
            if not await self._guarded(_writer, partial(self._take, pieces, must_read)):
                self._must_read = True
                continue
            self._has_outputs = True
            if self._keeping is None or self._keeping.done():
                self._keeping = asyncio.get_running_loop().create_task(self._keep_outputs())

    async def _keep_outputs(self) -> None:
        while self._has_outputs and not self._stopping.is_set():
            self._has_outputs = False
            await self._guarded(_copier, lambda: outputs.take(self._spool, self._opened(), is_final=False))

    def _take(self, pieces: list[_Piece], must_read: bool) -> None:
        try:
            store = self._opened()
            for offset, lines in _joined(pieces):
                reached = store.apply(self._spool.stream, offset, lines, self._spool.facts)
                must_read = must_read or reached < offset + len(lines)
            if must_read:
                sweep.catch_up(self._spool, store)
        except HistoryError:
            self._close_store()  # the user may move a damaged file away: the next try opens what is there then
            raise

    async def _guarded(self, executor: ThreadPoolExecutor, work: Callable[[], object]) -> bool:
        """Whether the work was done; a failure is told once, until something works again."""
        try:
            await asyncio.get_running_loop().run_in_executor(executor, work)
        except (HistoryError, OSError) as error:
            if not self._is_failing:
                _log.warning("%s (what the kernel logs is kept in %s and taken in later)", error, self._spool.folder)
            self._is_failing = True
            return False
        except Exception:  # no fault of ours may keep a kernel from being restarted or shut down
            if not self._is_failing:
                _log.exception(
                    "The run history failed in a way that its authors did not foresee; please report this "
                    "(what the kernel logs is kept in %s and taken in later)",
                    self._spool.folder,
                )
            self._is_failing = True
            return False
        self._is_failing = False
        return True

    def _opened(self) -> Store:
        if self._store is None:
            self._store = Store(self._data)
        return self._store

    def _close_store(self) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None

    async def _pause(self, seconds: float) -> None:
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    async def _stop(self) -> None:
        """Let what is under way come to its end: no thread uses the store afterwards."""
        self._stopping.set()
        tasks = [task for task in (self._taking, self._keeping) if task is not None]
        if tasks:
            await asyncio.wait(tasks)


def _joined(pieces: list[_Piece]) -> list[_Piece]:
    """Pieces that follow each other become one: one transaction instead of many."""
    joined: list[_Piece] = []
    end = -1
    for offset, lines in pieces:
        if offset == end:
            first = joined.pop()
            joined.append(_Piece(first.offset, first.lines + lines))
        else:
            joined.append(_Piece(offset, lines))
        end = offset + len(lines)
    return joined
