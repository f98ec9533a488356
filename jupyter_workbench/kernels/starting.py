"""From the name of a run configuration to the command of its kernel: what the provisioner and the launcher share.

Values are resolved here, at each start, so that edits of `aml_config/` apply to the next start.
"""

from __future__ import annotations

import asyncio
import getpass
import logging
import os
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath

from jupyter_workbench.config.project import Entry, Project, load
from jupyter_workbench.errors import ConfigurationError, HistoryError, TargetError, WorkbenchError
from jupyter_workbench.frameworks import FRAMEWORKS
from jupyter_workbench.history.disk.spool import KernelFacts, Spool
from jupyter_workbench.history.location import ProjectData, project_data
from jupyter_workbench.kernels import run_pages
from jupyter_workbench.kernels.commands import command_of
from jupyter_workbench.kernels.rows import problems_of
from jupyter_workbench.targets import TARGETS, Prepared, spark_ui
from jupyter_workbench.targets.base import Elsewhere
from jupyter_workbench.targets.progress import Report, quiet
from jupyter_workbench.targets.spark import write_spark_file

_log = logging.getLogger(__name__)

REASON_VARIABLE = "JUPYTER_WORKBENCH_REASON"
"""Carries the reason to the fallback kernel."""

MAX_REASON_CHARACTERS = 30_000
"""Linux allows 128 KiB for one variable, and a character may take four bytes."""


@dataclass(frozen=True)
class Start:
    """How to start a kernel process; ``spool`` is where it keeps its records (the fallback kernel keeps none).

    Without ``elsewhere`` it is a process of this machine; otherwise the paths are those of that place.
    """

    argv: list[str]
    environment: dict[str, str]
    directory: PurePath
    spool: Spool | None = None
    data: ProjectData | None = None
    elsewhere: Elsewhere | None = None
    is_fallback: bool = False

    @property
    def python(self) -> PurePath:
        """The interpreter of the kernel, as the kernel sees it."""
        return type(self.directory)(self.argv[0])

    def command(self, connection_file: str) -> list[str]:
        """Return the command with its connection file filled in."""
        connection_file = os.path.realpath(connection_file)  # as jupyter_client does: the store's Python on Windows
        return [connection_file if argument == "{connection_file}" else argument for argument in self.argv]


async def prepare_start(
    project_dir: Path,
    name: str,
    kernel_id: str,
    environment: Mapping[str, str],
    report: Report = quiet,
    notice: str | None = None,
) -> Start:
    """Make everything ready for one kernel process of the run configuration ``name``.

    ``environment`` is that of the process that asks; ``notice`` is shown in the first cell, before the target's own.
    Raises `WorkbenchError` with the whole reason, lines and all.
    """
    project, entry = await read_entry(project_dir, name)
    build = entry.configuration is None or entry.configuration.prepare_environment is not False
    prepared = await TARGETS[str(entry.target_type)].prepare(project, entry, environment, report, build=build)
    notices = [line for line in (notice, prepared.notice) if line]
    return await asyncio.to_thread(_start, project, entry, kernel_id, prepared, "\n".join(notices) or None)


async def read_entry(project_dir: Path, name: str) -> tuple[Project, Entry]:
    """Return a run configuration that can become a kernel. Raises `ConfigurationError` with every problem of it."""
    project = await asyncio.to_thread(load, project_dir)
    entry = project.entry(name)
    if problems := problems_of(entry):
        raise ConfigurationError(f"{project.name} {name} cannot start:\n" + "\n".join(map(str, problems)))
    return project, entry


def fallback_start(reason: str, environment: Mapping[str, str], directory: Path) -> Start:
    """Return the start of the kernel whose only job is to say in the cell why the real one did not start."""
    told = reason.replace("\0", "\N{REPLACEMENT CHARACTER}")[:MAX_REASON_CHARACTERS]
    return Start(
        argv=[*command_of("jupyter_workbench.kernels.fallback"), "-f", "{connection_file}"],
        environment={**environment, REASON_VARIABLE: told},
        directory=directory if directory.is_dir() else Path.home(),
        is_fallback=True,
    )


def reason_of(error: Exception) -> str:
    """Return what to tell the user: the message of a mistake, or the traceback of a fault of ours."""
    if isinstance(error, WorkbenchError):
        return str(error)
    trace = "".join(traceback.format_exception(error))
    return f"jupyter_workbench failed in a way that its authors did not foresee; please report this:\n{trace}"


def _start(project: Project, entry: Entry, kernel_id: str, prepared: Prepared, notice: str | None) -> Start:
    data = project_data(project.directory, project.id)
    try:
        spool = data.new_spool(_facts(project, entry, kernel_id, notice, prepared.fingerprint))
    except HistoryError as error:
        if prepared.elsewhere is not None or prepared.spark is not None:  # what it needs is put into that folder
            raise TargetError(f"{project.name} {entry.name} cannot start: {error}") from error
        # No reason not to compute: the kernel says it too, when history is asked for.
        _log.warning("%s %s runs without a run history: %s", project.name, entry.name, error)
        spool = None
    if prepared.spark is not None and spool is not None:
        write_spark_file(spool.folder, {**prepared.spark, **spark_ui.told(kernel_id, prepared.elsewhere)})
    seen_from_here = spool.folder if spool else data.spools
    folder = prepared.elsewhere.folder if prepared.elsewhere else seen_from_here
    return Start(
        argv=FRAMEWORKS[str(entry.framework)](prepared.python, prepared.inkernel, folder),
        environment=dict(prepared.environment),
        directory=prepared.directory,
        spool=spool,
        data=data,
        elsewhere=prepared.elsewhere,
    )


def _facts(project: Project, entry: Entry, kernel_id: str, notice: str | None, fingerprint: str | None) -> KernelFacts:
    return KernelFacts(
        project=project.name,
        project_dir=str(project.directory),
        run_configuration=entry.name,
        target=str(entry.target),
        target_type=str(entry.target_type),
        framework=str(entry.framework),
        tracked_run=entry.configuration.tracked_run if entry.configuration else True,
        kernel_id=kernel_id,
        notice=notice,
        notebook=None,
        user=_user(),
        environment=fingerprint,
        page=run_pages.of_project(project.directory),
    )


def _user() -> str | None:
    """Return who runs this process; a number of a user need not have a name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # the first two by version of Python, the last on Windows
        return str(os.getuid()) if hasattr(os, "getuid") else None
