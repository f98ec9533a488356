"""How the environments of a project are: what the panel of JupyterLab shows beside each run configuration."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from jupyter_workbench.config.project import Entry, Project
from jupyter_workbench.errors import TargetError
from jupyter_workbench.server.seen_environments import SeenEnvironments
from jupyter_workbench.targets.environment_state import Engine, EnvironmentState

if TYPE_CHECKING:
    from jupyter_workbench.targets.docker.states import DockerStates

PATIENCE_SECONDS = 5
"""How long a server that stops waits until what it looked with is removed."""


class EnvironmentStates:
    """One for each server."""

    def __init__(self) -> None:
        self._docker: DockerStates | None = None
        self._looks: set[asyncio.Task[list[EnvironmentState]]] = set()

    async def of(self, project: Project) -> list[EnvironmentState]:
        """Look at all run configurations of a project; builds and pulls nothing. An engine is asked if one needs it."""
        look = asyncio.create_task(self._look(project))
        self._looks.add(look)
        look.add_done_callback(self._looks.discard)
        return await look

    async def close(self) -> None:
        """End the looks that are under way, and wait a while: each may have a container on the engine to look with."""
        for look in self._looks:
            look.cancel()
        if self._looks:
            await asyncio.wait(self._looks, timeout=PATIENCE_SECONDS)

    async def _look(self, project: Project) -> list[EnvironmentState]:
        docker = [entry for entry in project.entries if entry.target_type == "docker" and not entry.problems]
        looked_at = {state.run_configuration: state for state in await self._of_docker(project, docker)}
        return [looked_at.get(entry.name) or _without_engine(entry) for entry in project.entries]

    async def _of_docker(self, project: Project, entries: Sequence[Entry]) -> list[EnvironmentState]:
        if not entries:
            return []
        from jupyter_workbench.targets.docker.engines.engine import (  # the SDK takes a while to import
            EngineError,
            connect,
        )
        from jupyter_workbench.targets.docker.states import DockerStates

        self._docker = self._docker or DockerStates(SeenEnvironments())
        try:
            return await self._docker.of(await connect(os.environ), project, entries)
        except TargetError as error:
            engine: Engine = "stopped" if isinstance(error, EngineError) and error.is_stopped else "failed"
            return [EnvironmentState(entry.name, "unknown", str(error), engine=engine) for entry in entries]


def _without_engine(entry: Entry) -> EnvironmentState:
    if entry.problems:
        return EnvironmentState(entry.name, "unknown", "Its files have problems")
    if entry.target_type == "local" and entry.framework == "Python":
        return EnvironmentState(entry.name, "unneeded")
    return EnvironmentState(entry.name, "unknown", "Its next start finds out")
