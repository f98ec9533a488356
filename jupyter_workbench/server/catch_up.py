"""Brings in records that no collector of this server follows: of kernels that outlived their server, or have none."""

from __future__ import annotations

import contextlib
import threading
import time
from logging import Logger

from jupyter_workbench.config.project import Project
from jupyter_workbench.errors import WorkbenchError
from jupyter_workbench.history.location import ProjectData, project_data
from jupyter_workbench.history.store import Store
from jupyter_workbench.history.sweep import sweep
from jupyter_workbench.kernels.discovery import Discovery
from jupyter_workbench.kernels.follower import FOLLOWED

INTERVAL_SECONDS = 10


def start(discovery: Discovery, log: Logger) -> None:
    """Sweep the spools of every project now and from time to time, in a thread that ends with the server."""
    threading.Thread(target=_run, args=(discovery, log), name="workbench-catch-up", daemon=True).start()


def _run(discovery: Discovery, log: Logger) -> None:
    told: set[str] = set()
    while True:
        try:
            _look(discovery, log, told)
        except Exception:  # a boundary: nobody would start this thread again
            log.exception("jupyter_workbench: the run histories of the projects are not up to date")
        time.sleep(INTERVAL_SECONDS)


def _look(discovery: Discovery, log: Logger, told: set[str]) -> None:
    for project in discovery.refresh().projects:
        problem = _sweep(project)
        if problem is not None and problem not in told:
            told.add(problem)
            log.warning("jupyter_workbench: the run history of %s is not up to date: %s", project.name, problem)


def _sweep(project: Project) -> str | None:
    """Bring in the records of one project and return why that was not possible, if so."""
    data = project_data(project.directory, project.id)
    try:
        if _has_spools(data):
            with contextlib.closing(Store(data)) as store:
                sweep(data, store, skip=FOLLOWED)
    except (WorkbenchError, OSError) as error:
        return str(error)
    return None


def _has_spools(data: ProjectData) -> bool:
    """Tell whether there is anything to do: a project that was never tracked must not get a database."""
    try:
        return any(data.spools.iterdir())
    except FileNotFoundError:
        return False
