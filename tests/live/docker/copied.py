"""Containers with a copy of a project, and a look into them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docker

from jupyter_workbench.targets.docker import labels, paths
from jupyter_workbench.targets.docker.copying import copies
from jupyter_workbench.targets.docker.engines.engine import Engine, connect
from jupyter_workbench.targets.progress import Progress

USER = (4321, 4322)
LONG_AGO = 1_600_000_000
SLEEP = ["sleep", "300"]


@dataclass
class Copies:
    """One project, its volume on an engine, and the containers that have it."""

    engine: Engine
    image: str
    project: Path
    volume: str
    progress: list[Progress] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    containers: list[str] = field(default_factory=list)

    def write(self, name: str, content: str | bytes = "", mode: int = 0o644) -> Path:
        """Write a file of the project that nobody has touched for long."""
        path = self.project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        path.chmod(mode)
        os.utime(path, (LONG_AGO, LONG_AGO))
        return path

    async def create(self, mount: Mapping[str, Any] | None = None, image: str | None = None) -> str:
        """Create a container with the copy, as a kernel's."""
        settings = {
            "Image": image or self.image,
            "Cmd": SLEEP,
            "User": f"{USER[0]}:{USER[1]}",
            "WorkingDir": "/",
            "Labels": {labels.KIND: "kernel", labels.OWNER: labels.owner(), labels.RUN_CONFIGURATION: "docker"},
            "HostConfig": {
                "Mounts": [mount or {"Type": "volume", "Source": self.volume, "Target": str(paths.PROJECT)}],
                "NetworkMode": "none",
            },
        }
        made = await self.engine.call(lambda client: client.api.create_container_from_config(settings))
        self.containers.append(made["Id"])
        return str(made["Id"])

    async def started(self) -> str:
        """Create a container, bring the project in, and start it."""
        container = await self.create()
        await self.bring_in(container)
        await self.engine.call(lambda client: client.api.start(container))
        return container

    async def bring_in(self, container: str) -> copies.CopySummary:
        """Bring the project in; the progress is kept."""
        self.progress.clear()
        return await copies.bring_in(self.engine, container, self.project, USER, self.progress.append)

    async def bring_back(self, container: str) -> tuple[str, ...]:
        """Bring the outputs back; what is told is kept."""
        self.told.clear()
        return await copies.bring_back(self.engine, container, self.project, tell=self.told.append)

    async def inside(self, container: str, script: str, user: str = "") -> str:
        """Run a shell script in the copy; return what it says."""

        def run(client: docker.DockerClient) -> str:
            done = client.containers.get(container).exec_run(["sh", "-ec", script], user=user, workdir="/azureml-run")
            assert done.exit_code == 0, done.output
            return done.output.decode(errors="surrogateescape")

        return await self.engine.call(run)

    async def end(self, container: str) -> None:
        """Kill a container and wait for its end."""

        def kill(client: docker.DockerClient) -> None:
            client.api.kill(container)
            client.api.wait(container)

        await self.engine.call(kill)

    async def names(self) -> list[str]:
        """Return the names of all of this user's containers."""
        filters = {"label": f"{labels.OWNER}={labels.owner()}"}
        found = await self.engine.call(lambda client: client.api.containers(all=True, filters=filters))
        return [each["Id"] for each in found]


@asynccontextmanager
async def a_copied_project(environment: Mapping[str, str], image: str, project: Path) -> AsyncIterator[Copies]:
    """Make an empty project and its volume, and remove everything in the end."""
    engine = await connect(environment)
    project.mkdir()
    found = Copies(engine, image, project, await copies.project_volume(engine, "key"))
    try:
        yield found
    finally:
        await asyncio.gather(*(_remove(engine, container) for container in found.containers))
        await engine.call(lambda client: client.api.remove_volume(found.volume))
        await engine.close()


async def _remove(engine: Engine, container: str) -> None:
    with suppress(docker.errors.NotFound):
        await engine.call(lambda client: client.api.remove_container(container, force=True, v=True))
