"""Brings in records that no collector of this server follows: of kernels that outlived their server, or have none.

And tells of runs that others changed: a command in a terminal, another server of the same project.
"""

from __future__ import annotations

import contextlib
import threading
import time
from logging import Logger

from jupyter_workbench.config.project import Project
from jupyter_workbench.errors import HistoryError, WorkbenchError
from jupyter_workbench.history.intake.news import SWEEP, news
from jupyter_workbench.history.intake.sweep import sweep
from jupyter_workbench.history.location import ProjectData, project_data
from jupyter_workbench.history.reading.changes import changed_since
from jupyter_workbench.history.store.store import Store
from jupyter_workbench.kernels.discovery import Discovery
from jupyter_workbench.kernels.follower import FOLLOWED
from jupyter_workbench.server.run_events import MOST_IDS

INTERVAL_SECONDS = 10


def start(discovery: Discovery, log: Logger) -> None:
    """Sweep the spools of every project now and from time to time, in a thread that ends with the server."""
    threading.Thread(target=_run, args=(discovery, log), name="workbench-catch-up", daemon=True).start()


def _run(discovery: Discovery, log: Logger) -> None:
    told: dict[str, str] = {}
    seen: dict[str, int] = {}
    while True:
        try:
            _look(discovery, log, told)
            _tell_changes(discovery, seen)
        except Exception:  # a boundary: nobody would start this thread again
            log.exception("jupyter_workbench: the run histories of the projects are not up to date")
        time.sleep(INTERVAL_SECONDS)


def _look(discovery: Discovery, log: Logger, told: dict[str, str]) -> None:
    """``told``: the problems that the log has already, by project."""
    for project in discovery.refresh().projects:
        project_dir = str(project.directory)
        problem, fault = _sweep(project)
        news.problem(project_dir, SWEEP, problem)
        if problem is None:
            told.pop(project_dir, None)
        elif told.get(project_dir) != problem:
            told[project_dir] = problem
            log.warning(
                "jupyter_workbench: the run history of %s is not up to date: %s", project.name, problem, exc_info=fault
            )


def _tell_changes(discovery: Discovery, seen: dict[str, int]) -> None:
    """``seen``: the newest revision of each project that was looked at. What was there at first is no change."""
    for project in discovery.refresh().projects:
        project_dir, data = str(project.directory), project_data(project.directory, project.id)
        if not data.database.exists():
            seen.setdefault(project_dir, 0)
            continue
        with contextlib.suppress(HistoryError):  # whoever has to write there tells it
            newest, run_ids = changed_since(data, seen.get(project_dir, 0), MOST_IDS + 1)
            if project_dir in seen:
                news.changed(project_dir, run_ids)
            seen[project_dir] = newest


def _sweep(project: Project) -> tuple[str | None, Exception | None]:
    """Bring in the records of one project; return why that was not possible, if so, and the fault of ours behind it."""
    try:
        data = project_data(project.directory, project.id)
        if _has_spools(data):
            with contextlib.closing(Store(data)) as store:
                try:
                    sweep(data, store, skip=FOLLOWED)
                finally:
                    news.changed(str(project.directory), store.take_changes())
    except (WorkbenchError, OSError) as error:
        return str(error), None
    except Exception as error:  # a boundary: what one project has must not keep the others out
        told = f"it failed in a way that its authors did not foresee; please report this ({type(error).__name__})"
        return told, error
    return None, None


def _has_spools(data: ProjectData) -> bool:
    """Tell whether there is anything to do: a project that was never tracked must not get a database."""
    try:
        return any(data.spools.iterdir())
    except FileNotFoundError:
        return False
