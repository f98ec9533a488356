"""Kernels in containers that are started at once: of one environment, of two, and twenty of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ..jupyter import Server, running_server, until
from .builds import a_held_package, build_containers, go_on
from .owners import Owner
from .phases import answers, are_held, progress_of
from .projects import build, docker_project

KERNEL, OTHER = "myiris_docker", "myiris_other"
MANY = 20


@pytest.fixture
async def project(tmp_path: Path, base_image: str, lasting_engine_environment: dict[str, str]) -> Path:
    """A project with two run configurations of one compute target, each with an environment that is held up."""
    project = docker_project(tmp_path / "root" / "myIris", base_image)
    settings = project / "aml_config"
    for file, name in (("conda_dependencies.yml", "held"), ("other.yml", "held_too")):
        held = a_held_package(tmp_path / "packages", name).files[0]
        (settings / file).write_text(f"dependencies:\n- pip:\n  - {held}\n")
    (settings / "other.runconfig").write_text(
        "Target: docker\nFramework: Python\nCondaDependenciesFile: aml_config/other.yml\n"
    )
    return project


@pytest.fixture
def builds(lasting_owner: Owner) -> Callable[[], list[Any]]:
    """List the containers that build."""
    return lambda: build_containers(lasting_owner.client, lasting_owner.name)


async def until_held(owner: Owner, server: Server, *kernel_ids: str) -> None:
    async def wait() -> bool:
        steps = {(await progress_of(server, kernel_id)).get("step") for kernel_id in kernel_ids}
        return steps == {"environment"} and await asyncio.to_thread(are_held, owner)

    await until("the starts wait for their packages", wait)


async def test_two_kernels_of_one_run_configuration_share_one_build(
    project: Path, lasting_owner: Owner, builds: Callable[[], list[Any]]
):
    with running_server(project) as server:
        kernels = await asyncio.gather(server.start_kernel(KERNEL), server.start_kernel(KERNEL))
        await until_held(lasting_owner, server, *kernels)
        (container,) = builds()
        go_on(container)
        await asyncio.gather(*(answers(server, kernel_id) for kernel_id in kernels))


async def test_two_kernels_of_two_run_configurations_build_side_by_side(
    project: Path, lasting_owner: Owner, builds: Callable[[], list[Any]]
):
    with running_server(project) as server:
        kernels = await asyncio.gather(server.start_kernel(KERNEL), server.start_kernel(OTHER))
        await until_held(lasting_owner, server, *kernels)
        first, second = builds()
        go_on(first)
        go_on(second)
        await asyncio.gather(*(answers(server, kernel_id) for kernel_id in kernels))


async def test_two_servers_share_one_build(project: Path, lasting_owner: Owner, builds: Callable[[], list[Any]]):
    with running_server(project) as one, running_server(project) as other:
        first, second = await one.start_kernel(KERNEL), await other.start_kernel(KERNEL)
        await until_held(lasting_owner, one, first)
        await until_held(lasting_owner, other, second)
        (container,) = builds()
        go_on(container)
        await asyncio.gather(answers(one, first), answers(other, second))


@pytest.fixture
async def crowded(tmp_path: Path, base_image: str, lasting_engine_environment: dict[str, str]) -> Iterator[Server]:
    """A server at the home of a project whose environment is there."""
    project = docker_project(tmp_path / "root" / "myIris", base_image)
    await build(project)
    with running_server(project) as server:
        yield server


async def test_twenty_kernels_at_once_all_answer_and_are_gone_after_their_end(crowded: Server, lasting_owner: Owner):
    kernels = await asyncio.gather(*(crowded.start_kernel(KERNEL) for _ in range(MANY)))
    said = await asyncio.gather(*(says_who_it_is(crowded, kernel_id) for kernel_id in kernels))
    assert len(set(said)) == MANY, "each in a container of its own"
    await asyncio.gather(*(crowded.request("DELETE", f"api/kernels/{kernel_id}") for kernel_id in kernels))
    assert await crowded.json("GET", "api/kernels") == []

    async def is_empty() -> bool:
        return await asyncio.to_thread(lasting_owner.containers) == []

    await until("nothing is left", is_empty)


async def says_who_it_is(server: Server, kernel_id: str) -> str:
    await server.until_state(kernel_id, "idle", "starting")
    async with server.kernel(kernel_id) as kernel:
        return (await kernel.run("import socket; print(socket.gethostname())")).text
