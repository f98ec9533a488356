"""The store as a collector uses it: in threads, with failures told once and changes told as they come."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import TYPE_CHECKING

from jupyter_workbench.errors import HistoryError
from jupyter_workbench.history.intake.news import SWEEP, News
from jupyter_workbench.history.intake.worker import Worker
from jupyter_workbench.history.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from jupyter_workbench.history.disk.spool import Spool
    from jupyter_workbench.history.location import ProjectData

_log = logging.getLogger(__name__)
# One writer for all kernels of a project: SQLite lets in one at a time anyway, whoever else uses threads never waits
# for us, and a history that is locked holds up no other. Big outputs are copied beside, and hold up nobody's metrics.
_writers: dict[Path, Worker] = {}
_copier = Worker("run-outputs")


class GuardedStore:
    """Use it on one event loop only; nothing here raises."""

    def __init__(self, data: ProjectData, spool: Spool, news: News) -> None:
        self._data, self._spool, self._news = data, spool, news
        if data.root not in _writers:
            _writers[data.root] = Worker("run-history")
        self._writer = _writers[data.root]
        self._store: Store | None = None
        self._changes: deque[str] = deque()
        self._problem: str | None = None

    @property
    def is_failing(self) -> bool:
        """Whether the last work failed."""
        return self._problem is not None

    async def write(self, work: Callable[[Store], object]) -> bool:
        """Do short work with the store, whose turn comes in the order of the calls; returns whether it was done."""
        return await self._guarded(self._writer, lambda: self._work(work))

    async def copy(self, work: Callable[[Store], object]) -> bool:
        """Do long work that hardly uses the store; returns whether it was done."""
        return await self._guarded(_copier, lambda: self._work(work))

    async def close(self) -> None:
        """Let the store go. What could not be written is left to a sweep, which will tell when it can be."""
        if self._problem is not None:
            self._news.problem(self._spool.facts.project_dir, SWEEP, self._problem)
        await self._guarded(self._writer, self._close)

    def _work(self, work: Callable[[Store], object]) -> None:
        if self._store is None:
            self._store = Store(self._data)
        store = self._store
        try:
            work(store)
        except HistoryError:
            self._close()  # the user may move a damaged file away: the next try opens what is there then
            raise
        finally:
            self._changes.extend(store.take_changes())

    async def _guarded(self, worker: Worker, work: Callable[[], object]) -> bool:
        """Whether the work was done; a failure is told once, until something works again."""
        try:
            await asyncio.get_running_loop().run_in_executor(worker, work)
        except (HistoryError, OSError) as error:
            self._failed(str(error))
            return False
        except Exception as error:  # no fault of ours may keep a kernel from being restarted or shut down
            self._failed(
                "The run history failed in a way that its authors did not foresee; please report this", because=error
            )
            return False
        finally:
            self._tell_changes()
        if self._problem is not None:
            self._problem = None
            self._news.problem(self._spool.facts.project_dir, self._spool.stream, None)
        return True

    def _failed(self, problem: str, because: Exception | None = None) -> None:
        if self._problem is None:
            kept = f"(what the kernel logs is kept in {self._spool.folder} and taken in later)"
            _log.log(logging.ERROR if because else logging.WARNING, "%s %s", problem, kept, exc_info=because)
            self._news.problem(self._spool.facts.project_dir, self._spool.stream, problem)
        self._problem = problem

    def _tell_changes(self) -> None:
        run_ids = dict.fromkeys(self._changes.popleft() for _ in range(len(self._changes)))
        self._news.changed(self._spool.facts.project_dir, tuple(run_ids))

    def _close(self) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None
