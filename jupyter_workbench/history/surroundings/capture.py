"""Finds out what surrounds runs that have just begun: the git state of the project, the packages of the kernel."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeAlias

from jupyter_workbench.history.records.captured import Captured
from jupyter_workbench.history.surroundings.git_state import GitState, git_state

if TYPE_CHECKING:
    from pathlib import Path

PACKAGES_SECONDS = 10.0
"""How long what git said waits for the packages."""

SECONDS_BETWEEN = 1.0
"""From one look to the next: cells that run one after the other must not keep git busy."""

REST_FACTOR = 4.0
"""How much longer than its git a look is rested from: one that takes seconds must not keep git busy either."""

Packages: TypeAlias = Callable[[], Awaitable[Sequence[str] | None]]
"""Tells the packages of the kernel's environment as ``name==version``, sorted, or None when nobody knows them now."""

_log = logging.getLogger(__name__)
# Apart from the writer's: a slow repository must keep no record out of the store.
_lookers = ThreadPoolExecutor(2, thread_name_prefix="run-surroundings")


class Surroundings:
    """Those of the runs of one kernel process. Use it on one event loop only."""

    def __init__(self, project: Path, packages: Packages | None = None) -> None:
        self._project, self._packages = project, packages
        self._hurrying = asyncio.Event()
        self._stopping = threading.Event()
        self._next_look = float("-inf")

    async def rest(self) -> None:
        """Wait until it is time for another look."""
        pause = self._next_look - time.monotonic()
        if pause > 0:
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._hurrying.wait(), pause)

    async def look(self) -> Captured:
        """Find out what there is now. Never raises."""
        moment, began = time.time(), time.monotonic()
        packages = asyncio.ensure_future(self._known_packages())
        try:
            git, seconds = await asyncio.get_running_loop().run_in_executor(_lookers, self._ask_git)
            self._next_look = max(began + SECONDS_BETWEEN, time.monotonic() + REST_FACTOR * seconds)
            await self._wait_for(packages)
        finally:
            packages.cancel()
        return Captured(
            captured=moment,
            commit_id=git.commit,
            branch=git.branch,
            git_remote=git.remote,
            dirty=git.is_dirty,
            diff=git.diff,
            git_problem=git.problem,
            packages=packages.result() if packages.done() and not packages.cancelled() else None,
        )

    def hurry(self) -> None:
        """Wait for no packages any more: the kernel has ended."""
        self._hurrying.set()

    def stop(self) -> None:
        """Wait for git no more either."""
        self._hurrying.set()
        self._stopping.set()

    def _ask_git(self) -> tuple[GitState, float]:
        """Return what git says, and how long it took: without the wait for a thread."""
        began = time.monotonic()
        return git_state(self._project, self._stopping), time.monotonic() - began

    async def _known_packages(self) -> tuple[str, ...] | None:
        if self._packages is None:
            return None
        try:
            packages = await self._packages()
        except Exception:  # a boundary: what is known of git must not go with it
            _log.exception("The packages of a kernel could not be listed; please report this")
            return None
        return None if packages is None else tuple(packages)

    async def _wait_for(self, packages: asyncio.Future[tuple[str, ...] | None]) -> None:
        hurried = asyncio.ensure_future(self._hurrying.wait())
        either: tuple[asyncio.Future[Any], ...] = (packages, hurried)
        try:
            await asyncio.wait(either, timeout=PACKAGES_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        finally:
            hurried.cancel()
