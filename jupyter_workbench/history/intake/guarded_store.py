"""The store as a collector uses it: in threads, with failures told once and changes told as they come."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from contextlib import closing
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
        # By who has it, since one may fail while the other works.
        self._problems: dict[str, str] = {}
        self._writing, self._copying = spool.stream, f"{spool.stream} outputs"

    @property
    def is_failing(self) -> bool:
        """Whether the last `write` failed."""
        return self._writing in self._problems

    async def write(self, work: Callable[[Store], object]) -> bool:
        """Do short work with the store, whose turn comes in the order of the calls; returns whether it was done."""
        return await self._guarded(self._writer, self._writing, lambda: self._work(work))

    async def copy(self, work: Callable[[Store], object]) -> bool:
        """Do long work beside all that is written, which it does not hold up; returns whether it was done."""
        return await self._guarded(_copier, self._copying, lambda: self._work_beside(work))

    async def close(self) -> None:
        """Let the store go. What could not be written is left to a sweep, which will tell when it can be."""
        for problem in self._problems.values():
            self._news.problem(self._spool.facts.project_dir, SWEEP, problem)
        await self._guarded(self._writer, self._writing, self._close)
        self._works(self._copying)

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

    def _work_beside(self, work: Callable[[Store], object]) -> None:
        with closing(Store(self._data)) as store:
            try:
                work(store)
            finally:
                self._changes.extend(store.take_changes())

    async def _guarded(self, worker: Worker, source: str, work: Callable[[], object]) -> bool:
        """Whether the work was done; a failure is told once, until something works again."""
        try:
            await asyncio.get_running_loop().run_in_executor(worker, work)
        except (HistoryError, OSError) as error:
            self._failed(source, str(error))
            return False
        except Exception as error:  # no fault of ours may keep a kernel from being restarted or shut down
            problem = "The run history failed in a way that its authors did not foresee; please report this"
            self._failed(source, problem, because=error)
            return False
        finally:
            self._tell_changes()
        self._works(source)
        return True

    def _works(self, source: str) -> None:
        if self._problems.pop(source, None) is not None:
            self._news.problem(self._spool.facts.project_dir, source, None)

    def _failed(self, source: str, problem: str, because: Exception | None = None) -> None:
        if source not in self._problems:
            kept = f"(what the kernel logs is kept in {self._spool.folder} and taken in later)"
            _log.log(logging.ERROR if because else logging.WARNING, "%s %s", problem, kept, exc_info=because)
            self._news.problem(self._spool.facts.project_dir, source, problem)
        self._problems[source] = problem

    def _tell_changes(self) -> None:
        run_ids = dict.fromkeys(self._changes.popleft() for _ in range(len(self._changes)))
        self._news.changed(self._spool.facts.project_dir, tuple(run_ids))

    def _close(self) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None
