"""Servers that are killed with -9: in each phase of a start, and while kernels run in containers.

A kernel ends by itself when its server is gone, and the next server removes what is left; see `test_docker_deaths`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ..jupyter import Server, running_server, until
from .builds import build_containers, go_on
from .owners import Owner
from .phases import KERNEL, PHASES, Bench, Phase, answers, building, starting
from .projects import build
from .registries import Registry

History = Callable[..., Any]


@pytest.fixture
def bench(
    tmp_path: Path,
    base_image: str,
    lasting_owner: Owner,
    lasting_engine_environment: dict[str, str],
    registry: Registry,
) -> Bench:
    """A project on the machine's engine, for a user with environments."""
    return Bench(tmp_path, base_image, lasting_owner, registry)


@pytest.fixture
async def project(bench: Bench) -> Path:
    """A project whose environment is there."""
    project = bench.project()
    await build(project)
    return project


async def until_only(owner: Owner, *names: str) -> None:
    async def is_so() -> bool:
        return await asyncio.to_thread(owner.containers) == sorted(names)

    await until(f"there are no other containers than {names}", is_so)


async def the_container(owner: Owner, kernel_id: str) -> str:
    found = owner.client.containers.list(filters={"label": f"org.jupyter-workbench.kernel={kernel_id}"})
    return str(found[0].name)


@pytest.mark.parametrize("phase", PHASES)
async def test_after_a_server_was_killed_in_a_start_the_next_one_starts_and_leaves_nothing(bench: Bench, phase: Phase):
    async with phase(bench) as held:
        with running_server(held.project) as server:
            await held.until_held(server, await server.start_kernel(KERNEL))
            server.kill()
        with running_server(held.project) as server:
            kernel_id = await server.start_kernel(KERNEL)
            await held.go_on(server, kernel_id)
            await answers(server, kernel_id)
            await until_only(bench.owner, await the_container(bench.owner, kernel_id))


async def test_a_kernel_that_never_answered_its_killed_server_is_gone_once_another_server_runs(bench: Bench):
    async with starting(bench) as held:
        with running_server(held.project) as server:
            await held.until_held(server, await server.start_kernel(KERNEL))
            server.kill()
        assert len(bench.owner.containers()) == 1
        with running_server(held.project):
            await until_only(bench.owner)


async def test_a_build_whose_server_was_killed_goes_on_and_the_next_start_finds_its_result(bench: Bench):
    async with building(bench) as held:
        with running_server(held.project) as server:
            await held.until_held(server, await server.start_kernel(KERNEL))
            server.kill()
        (container,) = build_containers(bench.client, bench.owner.name)
        go_on(container)
        assert (await asyncio.to_thread(container.wait))["StatusCode"] == 0
        before = await asyncio.to_thread(bench.environments)
        with running_server(held.project) as server:
            kernel_id = await server.start_kernel(KERNEL)
            await answers(server, kernel_id)
            await until_only(bench.owner, await the_container(bench.owner, kernel_id))
        assert await asyncio.to_thread(bench.environments) == before


async def test_a_container_that_its_killed_server_only_created_is_removed(bench: Bench, project: Path):
    filters = {
        "event": "create",
        "label": ["org.jupyter-workbench.kind=kernel", f"org.jupyter-workbench.owner={bench.owner.name}"],
    }
    with running_server(project) as server:
        with_events = bench.client.events(filters=filters)
        created = asyncio.create_task(asyncio.to_thread(next, iter(with_events)))
        await server.start_kernel(KERNEL)
        await created
        server.kill()
        with_events.close()
    with running_server(project):
        await until_only(bench.owner)


async def test_nothing_is_removed_that_another_living_server_uses(bench: Bench, project: Path, history: History):
    with running_server(project) as one, running_server(project) as other:
        first, second = await one.start_kernel(KERNEL), await other.start_kernel(KERNEL)
        await answers(one, first)
        async with other.kernel(second) as kernel:
            await kernel.run("kept = 5")
        kept = await the_container(bench.owner, second)
        one.kill()
        with running_server(project) as third:
            await until_only(bench.owner, kept)
            kernel_id = await third.start_kernel(KERNEL)
            await answers(third, kernel_id)
            await until_only(bench.owner, kept, await the_container(bench.owner, kernel_id))
        async with other.kernel(second) as kernel:
            assert (await kernel.run("print(kept)")).text == "5\n"


async def test_a_build_that_another_living_server_waits_for_is_left_alone(bench: Bench):
    async with building(bench) as held:
        with running_server(held.project) as one, running_server(held.project) as other:
            await held.until_held(one, await one.start_kernel(KERNEL))
            second = await other.start_kernel(KERNEL)
            await held.until_held(other, second)
            one.kill()
            with running_server(held.project) as third:
                third_kernel = await third.start_kernel(KERNEL)
                await held.go_on(third, third_kernel)
                await answers(third, third_kernel)
                await answers(other, second)
                used = [await the_container(bench.owner, each) for each in (second, third_kernel)]
                await until_only(bench.owner, *used)


async def test_the_history_of_a_killed_server_is_whole(bench: Bench, project: Path, history: History):
    with running_server(project) as server:
        await run_into_a_long_cell(server)
        server.kill()
    with running_server(project):
        await until_only(bench.owner)

        async def are_settled() -> bool:
            return "Running" not in [run["status"] for run in await asyncio.to_thread(history, project, "list")]

        await until("no run counts as running", are_settled)
    cut, logged, _ = history(project, "list")
    assert (logged["status"], logged["n"]) == ("Completed", 1)
    assert (cut["status"], cut["k"]) == ("Failed", 2)
    assert history(project, "info", "-r", cut["run_id"])["error"] == {
        "name": "KernelDied",
        "message": "The kernel's process ended before the cell did.",
    }


async def run_into_a_long_cell(server: Server) -> None:
    kernel_id = await server.start_kernel(KERNEL)
    async with server.kernel(kernel_id) as kernel:
        await kernel.run("%azureml history on")
        await kernel.run("from azureml.logging import get_azureml_logger as g\ng().log('n', 1)")
        reply, _ = kernel.send("g().log('k', 2)\nprint('logged')\nimport time; time.sleep(600)")

        async def has_logged() -> bool:
            return "logged" in reply.text

        await until("the cell has logged", has_logged)
