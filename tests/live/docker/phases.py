"""Starts of kernels that are held up in one phase until the test lets them go on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker

from jupyter_workbench.targets.docker.building import volume

from ..jupyter import Server, until
from .builds import a_held_package, build_containers, go_on
from .owners import Owner
from .projects import build, docker_project
from .registries import Registry
from .slow_registries import slow_registry

KERNEL = "myiris_docker"

_HOLD_THE_KERNEL = """\
import os, time
open("/azureml-run/is-held", "w").close()
while not os.path.exists("/azureml-run/go-on"):
    time.sleep(0.05)
"""


@dataclass(frozen=True)
class Bench:
    """What a test of a phase works with."""

    folder: Path
    image: str
    owner: Owner
    registry: Registry

    @property
    def client(self) -> docker.DockerClient:
        """Docker's own view of the engine."""
        return self.owner.client

    def project(self, image: str | None = None, **texts: str) -> Path:
        """Write a project called myIris."""
        return docker_project(self.folder / "root" / "myIris", image or self.image, **texts)

    def environments(self) -> list[str]:
        """List the folders of environments, complete or not."""
        listed = self.client.containers.run(
            self.image,
            ["sh", "-c", "ls -A /v/environments 2>/dev/null || true"],
            remove=True,
            network_mode="none",
            mounts=[{**volume.mount(read_only=True), "Target": "/v"}],
        )
        return sorted(listed.decode().split())


@dataclass(frozen=True)
class Held:
    """A project whose kernel's start stops in a phase. ``goes_on`` lets a start on that has come so far."""

    project: Path
    is_reached: Callable[[Server, str], Awaitable[bool]]
    goes_on: Callable[[], None]

    async def until_held(self, server: Server, kernel_id: str) -> None:
        """Wait until the start of a kernel stops."""
        await until("the start is held up", lambda: self.is_reached(server, kernel_id))

    async def go_on(self, server: Server, kernel_id: str) -> None:
        """Let the start of a kernel go on once it has stopped."""
        await self.until_held(server, kernel_id)
        await asyncio.to_thread(self.goes_on)


Phase = Callable[[Bench], AbstractAsyncContextManager[Held]]


@asynccontextmanager
async def pulling(bench: Bench) -> AsyncIterator[Held]:
    """The image comes, half of it."""

    async def is_reached(server: Server, kernel_id: str) -> bool:
        progress = await progress_of(server, kernel_id)
        return progress.get("step") == "image" and bool(progress.get("done"))

    async with slow_registry(bench.registry) as registry:
        image = await asyncio.to_thread(registry.image, bench.client, bench.image)
        loop = asyncio.get_running_loop()
        try:
            yield Held(bench.project(image), is_reached, lambda: loop.call_soon_threadsafe(registry.go_on))
        finally:
            if bench.client.images.list(image):
                bench.owner.remove_everything(but_volumes=bench.owner.volumes_that_stay)
                bench.client.images.remove(image, force=True)


@asynccontextmanager
async def building(bench: Bench) -> AsyncIterator[Held]:
    """A package is being built."""
    package = a_held_package(bench.folder / "packages").files[0]

    async def is_reached(server: Server, kernel_id: str) -> bool:
        builds = (await progress_of(server, kernel_id)).get("step") == "environment"
        return builds and await asyncio.to_thread(are_held, bench.owner)

    def goes_on() -> None:
        (container,) = build_containers(bench.client, bench.owner.name)
        go_on(container)

    yield Held(bench.project(conda=f"dependencies:\n- pip:\n  - {package}\n"), is_reached, goes_on)


@asynccontextmanager
async def starting(bench: Bench) -> AsyncIterator[Held]:
    """The container runs, and its kernel does not answer yet."""
    project = bench.project(configuration="EnvironmentVariables:\n  PYTHONPATH: /azureml-run/hold\n")
    (project / "hold").mkdir()
    (project / "hold" / "sitecustomize.py").write_text(_HOLD_THE_KERNEL)
    await build(project)

    async def is_reached(server: Server, kernel_id: str) -> bool:
        return await asyncio.to_thread((project / "is-held").exists)

    yield Held(project, is_reached, (project / "go-on").touch)


def are_held(owner: Owner) -> bool:
    """Tell whether all builds wait; other packages may have been reported since, so that progress does not tell."""
    containers = build_containers(owner.client, owner.name)
    return bool(containers) and all(b"Building held" in container.logs() for container in containers)


PHASES: tuple[Phase, ...] = (pulling, building, starting)


async def state_of(server: Server, kernel_id: str) -> dict[str, Any]:
    """Return what our REST API says of a kernel."""
    return dict(await server.json("GET", f"workbench/api/kernels/{kernel_id}"))


async def progress_of(server: Server, kernel_id: str) -> dict[str, Any]:
    """Return how far the start of a kernel is; fails when it has failed."""
    state = await state_of(server, kernel_id)
    assert state["state"] != "dead", state["reason"]
    return dict(state["progress"] or {})


async def answers(server: Server, kernel_id: str) -> None:
    """Fail unless a kernel computes, which may take a while to build."""
    await until("the kernel runs", lambda: _runs(server, kernel_id))
    async with server.kernel(kernel_id) as kernel:
        assert (await kernel.run("print(1 + 1)")).text.endswith("2\n")


async def _runs(server: Server, kernel_id: str) -> bool:
    state = await state_of(server, kernel_id)
    assert state["state"] != "dead", state["reason"]
    return bool(state["state"] == "running")
