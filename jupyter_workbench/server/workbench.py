"""What the routes share: the projects that this server shows, and what it remembers of them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import PurePath

from jupyter_workbench.config.project import Project
from jupyter_workbench.errors import ProjectNotFound
from jupyter_workbench.kernels.discovery import Discovery, Snapshot
from jupyter_workbench.server.environment_states import EnvironmentStates
from jupyter_workbench.server.kernel_usage import Usages
from jupyter_workbench.server.last_failures import LastFailures
from jupyter_workbench.server.preparations import Preparations
from jupyter_workbench.server.run_events import RunEvents
from jupyter_workbench.server.start_logs import StartLogs
from jupyter_workbench.server.target_events import TargetEvents
from jupyter_workbench.server.target_use import StoppedTargets


@dataclass(frozen=True)
class Workbench:
    """One for each server."""

    discovery: Discovery
    preparations: Preparations
    run_events: RunEvents
    target_events: TargetEvents
    stopped_targets: StoppedTargets
    start_logs: StartLogs = field(default_factory=StartLogs)
    last_failures: LastFailures = field(default_factory=LastFailures)
    environment_states: EnvironmentStates = field(default_factory=EnvironmentStates)
    usages: Usages = field(default_factory=Usages)

    async def look(self) -> Snapshot:
        """Return the projects as they are now."""
        return await asyncio.to_thread(self.discovery.refresh)

    async def project(self, project_dir: str) -> Project:
        """Return one of the projects that this server shows: nothing else on this machine is read.

        Raises ProjectNotFound.
        """
        return shown_project(await self.look(), project_dir)


def shown_project(shown: Snapshot, project_dir: str) -> Project:
    """Return the project whose folder is ``project_dir``. Raises ProjectNotFound for any other folder."""
    for project in shown.projects:
        if PurePath(project_dir) == project.directory:
            return project
    raise ProjectNotFound(
        f"project_dir: expected the folder of a project that this server shows, got {project_dir} - "
        f"GET /workbench/api/projects lists them"
    )
