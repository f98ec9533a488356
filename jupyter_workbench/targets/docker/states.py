"""Whether the environments of a project's run configurations are built as its files say now, without building any."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from jupyter_workbench.config.models import DockerCompute
from jupyter_workbench.config.project import Entry, Project
from jupyter_workbench.environments.changes import Inputs, changes
from jupyter_workbench.environments.fingerprint import fingerprint
from jupyter_workbench.environments.spec import read_spec
from jupyter_workbench.errors import WorkbenchError
from jupyter_workbench.targets.docker.building import environments
from jupyter_workbench.targets.docker.engines.engine import Engine, EngineError
from jupyter_workbench.targets.docker.images.images import image_id
from jupyter_workbench.targets.environment_state import EnvironmentState


class Seen(Protocol):
    """Remembers what was seen prepared last, for each run configuration; both methods read or write files."""

    def recall(self, project: Project, run_configuration: str) -> Inputs | None:
        """Return what its environment was built from."""
        ...

    def keep(self, project: Project, run_configuration: str, inputs: Inputs) -> None:
        """Remember what its environment was built from."""
        ...


@dataclass
class DockerStates:
    """Tells what has changed since an environment was prepared, as far as that was seen."""

    _seen: Seen

    async def of(self, engine: Engine, project: Project, entries: Collection[Entry]) -> list[EnvironmentState]:
        """Look at the environments of these run configurations of Docker targets. Raises `EngineError`."""
        built = {info.fingerprint for info in await environments.listing(engine)} if entries else set()
        return [await self._of(engine, project, entry, built) for entry in entries]

    async def _of(self, engine: Engine, project: Project, entry: Entry, built: Collection[str]) -> EnvironmentState:
        if not isinstance(entry.compute, DockerCompute) or entry.configuration is None:
            return EnvironmentState(entry.name, "unknown", "Its files have problems", engine="running")
        image = entry.compute.image
        try:
            spec = await asyncio.to_thread(read_spec, project.directory, entry.configuration)
            found = await image_id(engine, image)
            if found is None:
                return EnvironmentState(entry.name, "missing", f"The image {image} is not there yet", engine="running")
            needed = await asyncio.to_thread(fingerprint, spec, found, engine.architecture)
        except EngineError:
            raise
        except (WorkbenchError, OSError) as error:
            return EnvironmentState(entry.name, "unknown", str(error), engine="running")
        inputs = Inputs.of(image, found, spec, needed)
        return await asyncio.to_thread(self._compared, project, entry, inputs, built)

    def _compared(self, project: Project, entry: Entry, inputs: Inputs, built: Collection[str]) -> EnvironmentState:
        needed = inputs.fingerprint
        before = self._seen.recall(project, entry.name)
        if needed in built:
            if before != inputs:
                self._seen.keep(project, entry.name, inputs)
            return EnvironmentState(entry.name, "prepared", fingerprint=needed, engine="running")
        if before is None or before.fingerprint == needed:  # nobody has seen it, or it was removed
            return EnvironmentState(entry.name, "missing", fingerprint=needed, engine="running")
        told = changes(before, inputs)
        return EnvironmentState(entry.name, "stale", fingerprint=needed, changes=told, engine="running")
