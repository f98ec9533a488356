"""The preparations that this server runs: one for each run configuration at a time, watched and cancelled over REST."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import time
import uuid
from collections.abc import Callable, Collection, Coroutine, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias

from jupyter_workbench.config.project import Project
from jupyter_workbench.errors import WorkbenchError
from jupyter_workbench.kernels.starting import reason_of
from jupyter_workbench.targets.progress import Progress, Report

State: TypeAlias = Literal["running", "done", "failed", "cancelled"]

KEPT_SECONDS = 600
"""How long one that has ended can be asked for."""

MOST_KEPT = 100
"""Of those that have ended, the newest."""

PATIENCE_SECONDS = 5
"""How long the answer to a cancellation waits until everything is undone."""

_log = logging.getLogger(__name__)


class NoSuchPreparation(WorkbenchError):
    """No preparation of this server has that id, or it ended too long ago."""

    http_status = 404


class BusyPreparation(WorkbenchError):
    """Another preparation of the same run configuration has to end first."""

    http_status = 409


class Prepare(Protocol):
    """Prepares the environment of a run configuration and tells in one sentence what was done."""

    def __call__(
        self,
        project_dir: Path,
        name: str,
        environment: Mapping[str, str],
        report: Report,
        *,
        upgrade: bool = False,
    ) -> Coroutine[Any, Any, str]:
        """Raise WorkbenchError with the whole reason; a cancelled one leaves nothing half-built."""
        ...


@dataclass(eq=False)
class Preparation:
    """One preparation; ``message`` tells what came of it, once it has ended. Times are those of `time.monotonic`."""

    project: Project
    run_configuration: str
    upgrade: bool
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    state: State = "running"
    progress: Progress | None = None
    message: str | None = None
    started: float = field(default_factory=time.monotonic)
    ended: float | None = None
    over: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def elapsed(self) -> float:
        """Seconds that it took, or has taken so far."""
        return (time.monotonic() if self.ended is None else self.ended) - self.started

    def as_json(self) -> dict[str, Any]:
        """Return it as `docs/reference/rest.md` has it."""
        return {
            "id": self.id,
            "project": self.project.name,
            "project_dir": str(self.project.directory),
            "run_configuration": self.run_configuration,
            "upgrade": self.upgrade,
            "state": self.state,
            "progress": progress_as_json(self.progress, self.elapsed),
            "message": self.message,
        }


def progress_as_json(progress: Progress | None, elapsed: float) -> dict[str, Any]:
    """Return the same keys always; all but ``elapsed`` (seconds) are None before the first step."""
    names = ("step", "message", "done", "total", "unit")
    return {**{name: getattr(progress, name, None) for name in names}, "elapsed": round(elapsed, 3)}


class Preparations:
    """Runs preparations as tasks of the event loop. ``told`` hears of every change of one; it must be cheap."""

    def __init__(self, prepare: Prepare, told: Callable[[Preparation], None]) -> None:
        self._prepare, self._told = prepare, told
        self._all: dict[str, Preparation] = {}
        self._tasks: dict[str, asyncio.Task[str]] = {}

    def start(self, project: Project, run_configuration: str, *, upgrade: bool) -> Preparation:
        """Begin to prepare a run configuration, or join the preparation of it that is under way.

        Raises ConfigurationError when the project has no such run configuration, and BusyPreparation when the one
        under way does not upgrade and this one shall.
        """
        project.entry(run_configuration)
        running = self._running(project, run_configuration)
        if running is None:
            return self._begin(Preparation(project, run_configuration, upgrade))
        if upgrade and not running.upgrade:
            raise BusyPreparation(
                f"{project.name} {run_configuration} is being prepared without an upgrade - "
                f"wait until that has ended, or cancel it: DELETE /workbench/api/preparations/{running.id}"
            )
        return running

    def all(self) -> list[Preparation]:
        """Return those that run and those that ended lately, in the order in which they began."""
        self._forget_the_old()
        return list(self._all.values())

    def of(self, id_: str) -> Preparation:
        """Return one preparation. Raises NoSuchPreparation."""
        self._forget_the_old()
        if id_ not in self._all:
            raise NoSuchPreparation(
                f"expected the id of a preparation of this server, got {id_} - GET /workbench/api/preparations "
                f"lists them; one that has ended is kept for {KEPT_SECONDS // 60} minutes"
            )
        return self._all[id_]

    async def cancel(self, id_: str) -> Preparation:
        """End a preparation, and wait a while until what it began is undone. One that has ended stays as it is.

        Raises NoSuchPreparation.
        """
        preparation = self.of(id_)
        if id_ in self._tasks:
            self._tasks[id_].cancel()
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(preparation.over.wait(), PATIENCE_SECONDS)
        return preparation

    async def cancel_all(self, project: Project, run_configurations: Collection[str]) -> list[Preparation]:
        """Cancel those of a project's run configurations that are under way; return them."""
        running = [one for name in run_configurations if (one := self._running(project, name)) is not None]
        return list(await asyncio.gather(*(self.cancel(one.id) for one in running)))

    async def close(self) -> None:
        """Cancel all that run, and wait a while until what they began is undone."""
        await asyncio.gather(*(self.cancel(id_) for id_ in list(self._tasks)))

    def _running(self, project: Project, run_configuration: str) -> Preparation | None:
        wanted = (project.directory, run_configuration)
        running = (self._all[id_] for id_ in self._tasks)
        return next((one for one in running if (one.project.directory, one.run_configuration) == wanted), None)

    def _begin(self, preparation: Preparation) -> Preparation:
        def report(progress: Progress) -> None:
            preparation.progress = progress
            self._told(preparation)

        directory, name = preparation.project.directory, preparation.run_configuration
        work = self._prepare(directory, name, dict(os.environ), report, upgrade=preparation.upgrade)
        self._all[preparation.id] = preparation
        self._tasks[preparation.id] = task = asyncio.create_task(work)
        self._told(preparation)
        task.add_done_callback(partial(self._end, preparation))
        return preparation

    def _end(self, preparation: Preparation, task: asyncio.Task[str]) -> None:
        del self._tasks[preparation.id]
        preparation.ended = time.monotonic()
        preparation.state, preparation.message = _outcome(preparation, task)
        preparation.over.set()
        self._told(preparation)

    def _forget_the_old(self) -> None:
        ended = [one for one in self._all.values() if one.ended is not None]
        ended.sort(key=lambda one: one.ended or 0)
        too_old = time.monotonic() - KEPT_SECONDS
        for place, one in enumerate(reversed(ended)):
            if place >= MOST_KEPT or (one.ended or 0) < too_old:
                del self._all[one.id]


def _outcome(preparation: Preparation, task: asyncio.Task[str]) -> tuple[State, str]:
    name = f"{preparation.project.name} {preparation.run_configuration}"
    if task.cancelled():
        return "cancelled", f"The preparation of {name} was cancelled."
    try:
        return "done", task.result()
    except WorkbenchError as error:
        return "failed", reason_of(error)
    except Exception as error:  # a boundary: whoever asks for the preparation reads why
        _log.exception("The preparation of %s failed", name)
        return "failed", reason_of(error)
