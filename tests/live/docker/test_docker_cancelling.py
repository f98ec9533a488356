"""Shut Down, Interrupt and Restart while a kernel in a container is being prepared, in each phase of that."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from ..jupyter import running_server
from .builds import build_containers
from .owners import Owner
from .phases import KERNEL, PHASES, Bench, Phase, answers, building, starting, state_of
from .registries import Registry

STILL = "This kernel is still being prepared - wait for it, or shut it down."


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


@pytest.mark.parametrize("phase", PHASES)
async def test_a_start_that_is_shut_down_leaves_nothing_half_built_and_the_next_one_works(bench: Bench, phase: Phase):
    async with phase(bench) as held:
        with running_server(held.project) as server:
            before = await asyncio.to_thread(bench.environments)
            kernel_id = await server.start_kernel(KERNEL)
            await held.until_held(server, kernel_id)
            assert (await server.request("DELETE", f"api/kernels/{kernel_id}")).code == 204
            assert bench.owner.containers() == []
            assert await server.json("GET", "api/kernels") == []
            assert await asyncio.to_thread(bench.environments) == before
            after = await server.start_kernel(KERNEL)
            await held.go_on(server, after)
            await answers(server, after)


@pytest.mark.parametrize("phase", PHASES)
async def test_a_start_under_way_can_neither_be_interrupted_nor_restarted_and_goes_on(bench: Bench, phase: Phase):
    async with phase(bench) as held:
        with running_server(held.project) as server:
            kernel_id = await server.start_kernel(KERNEL)
            await held.until_held(server, kernel_id)
            interrupt = await server.request("POST", f"api/kernels/{kernel_id}/interrupt")
            assert (interrupt.code, json.loads(interrupt.body)["message"]) == (409, STILL)
            restart = await server.request("POST", f"api/kernels/{kernel_id}/restart")
            # That is what the server itself answers whatever a restart raises; its log has the reason.
            assert (restart.code, json.loads(restart.body)["message"]) == (500, "Exception restarting kernel")
            await server.until_logged(STILL)
            await held.go_on(server, kernel_id)
            await answers(server, kernel_id)


async def test_a_restart_that_builds_is_ended_by_shut_down(bench: Bench):
    async with building(bench) as held:
        conda = held.project / "aml_config" / "conda_dependencies.yml"
        wanted = conda.read_text()
        conda.write_text("dependencies:\n- pip:\n  - six\n")
        with running_server(held.project) as server:
            kernel_id = await server.start_kernel(KERNEL)
            await answers(server, kernel_id)
            before = await asyncio.to_thread(bench.environments)
            conda.write_text(wanted)
            restart = asyncio.create_task(server.request("POST", f"api/kernels/{kernel_id}/restart"))
            await held.until_held(server, kernel_id)
            assert (await server.request("DELETE", f"api/kernels/{kernel_id}")).code == 204
            assert (await restart).code >= 400
            assert bench.owner.containers() == []
            assert await asyncio.to_thread(bench.environments) == before


async def test_a_server_that_ends_takes_its_starts_along(bench: Bench):
    async with building(bench) as held:
        with running_server(held.project) as server:
            before = await asyncio.to_thread(bench.environments)
            await held.until_held(server, await server.start_kernel(KERNEL))
    assert bench.owner.containers() == []
    assert await asyncio.to_thread(bench.environments) == before


async def test_of_two_starts_that_share_a_build_one_is_shut_down_and_the_other_goes_on(bench: Bench):
    async with building(bench) as held:
        with running_server(held.project) as server:
            first, second = await server.start_kernel(KERNEL), await server.start_kernel(KERNEL)
            await held.until_held(server, first)
            await held.until_held(server, second)
            assert (await server.request("DELETE", f"api/kernels/{first}")).code == 204
            (container,) = build_containers(bench.client, bench.owner.name)
            assert container.status == "running"
            await held.go_on(server, second)
            await answers(server, second)


async def test_a_kernel_whose_container_is_removed_before_it_answers_says_so(bench: Bench):
    async with starting(bench) as held:
        with running_server(held.project) as server:
            kernel_id = await server.start_kernel(KERNEL)
            await held.until_held(server, kernel_id)
            (name,) = bench.owner.containers()
            bench.client.containers.get(name).remove(force=True)
            dead = await server.until_state(kernel_id, "dead")
            assert dead["reason"] == (
                "The kernel of myIris docker ended before it answered (its container was removed)."
            )
            assert (await state_of(server, kernel_id))["reason"] == dead["reason"]
