"""Engines that stop under a running kernel, that are not there when one starts, or that may not be used.

How far the clocks of an engine and of this machine are apart does not matter, since nothing is decided by comparing
them: who owns a container is told by boot, process and ticks since the boot (`servers`), which environment is which by
the identity of its volume (`remembered`), and how old it is by the engine's clock alone (`shelf`); events are followed
from now on, not from a moment on (`watching`); of files that were copied the time is compared for equality, and where
it may be too new to be told apart, the content is compared instead (`manifest.settled`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_workbench.targets.docker import labels

from ..jupyter import Server, running_server, until
from .engines import PrivateEngine
from .owners import client_of
from .phases import answers, state_of
from .projects import build, docker_project

KERNEL = "myiris_docker"


@pytest.fixture
async def project(tmp_path: Path, base_image: str, own_engine: PrivateEngine) -> Path:
    """A project whose environment is on an engine that may be stopped."""
    project = docker_project(tmp_path / "root" / "myIris", base_image)
    await build(project)
    return project


async def reason_of(server: Server, kernel_id: str) -> str:
    async def told() -> str | None:
        return (await state_of(server, kernel_id))["reason"]

    return str(await until("the reason is told", told))


def nothing_is_left(engine: PrivateEngine) -> bool:
    return client_of(engine.host).containers.list(all=True, ignore_removed=True) == []


async def test_an_engine_that_is_restarted_under_a_kernel_is_named_as_the_reason(
    server: Server, own_engine: PrivateEngine
):
    kernel_id = await server.start_kernel(KERNEL)
    await answers(server, kernel_id)
    await asyncio.to_thread(own_engine.stop)
    await asyncio.to_thread(own_engine.start)
    assert await reason_of(server, kernel_id) == "The kernel died (the Docker engine was restarted)."
    async with server.kernel(kernel_id) as kernel:
        reply = await kernel.run("print('here')")
    assert reply.text == (
        "The kernel died (the Docker engine was restarted) and was restarted: its variables are gone.\nhere\n"
    )
    await server.request("DELETE", f"api/kernels/{kernel_id}")

    async def is_empty() -> bool:
        return await asyncio.to_thread(nothing_is_left, own_engine)

    await until("nothing is left", is_empty)


async def test_an_engine_that_goes_away_under_a_kernel_is_named_and_the_next_cell_says_what_is_wrong(
    server: Server, own_engine: PrivateEngine
):
    kernel_id = await server.start_kernel(KERNEL)
    await answers(server, kernel_id)
    await asyncio.to_thread(own_engine.stop)
    gone = (
        f"DOCKER_HOST: expected a Docker engine at {own_engine.host}, got no answer (No such file or directory) - "
        "start it, or correct DOCKER_HOST"
    )
    assert await reason_of(server, kernel_id) == f"The kernel died (the Docker engine went away: {gone})."
    await server.json("POST", f"api/kernels/{kernel_id}/restart")
    async with server.kernel(kernel_id) as kernel:
        assert (await kernel.run("1")).error == gone
    await asyncio.to_thread(own_engine.start)
    await server.json("POST", f"api/kernels/{kernel_id}/restart")
    await answers(server, kernel_id)


async def first_reason(project: Path) -> str:
    """Return why a kernel did not start, as REST tells it."""
    with running_server(project) as server:
        kernel_id = await server.start_kernel(KERNEL)
        dead = await server.until_state(kernel_id, "dead")
        assert (await state_of(server, kernel_id))["reason"] == dead["reason"]
    return str(dead["reason"])


@pytest.fixture
def elsewhere(tmp_path: Path, base_image: str, use_engine: Callable) -> Path:
    """A project that needs an engine, for a user who has none yet."""
    use_engine("unix:///nowhere/docker.sock", "somebody")
    return docker_project(tmp_path / "root" / "myIris", base_image)


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        (
            "unix:///nowhere/docker.sock",
            "DOCKER_HOST: expected a Docker engine at unix:///nowhere/docker.sock, got no answer (No such file or "
            "directory) - start it, or correct DOCKER_HOST",
        ),
        (
            "tcp://127.0.0.1:1",
            "DOCKER_HOST: expected a Docker engine at tcp://127.0.0.1:1, got no answer (Connection refused) - "
            "start it, or correct DOCKER_HOST",
        ),
        (
            "somewhere",
            "DOCKER_HOST: expected a Docker engine at tcp://somewhere:2375, got no address for that host - correct "
            "DOCKER_HOST",
        ),
    ],
)
async def test_a_kernel_whose_engine_is_not_there_says_so(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch, host: str, reason: str
):
    monkeypatch.setenv("DOCKER_HOST", host)
    assert await first_reason(elsewhere) == reason


async def test_a_kernel_whose_engine_is_not_there_when_it_is_first_started_starts_once_it_is(
    project: Path, own_engine: PrivateEngine
):
    own_engine.stop()
    with running_server(project) as server:
        kernel_id = await server.start_kernel(KERNEL)
        await server.until_state(kernel_id, "dead")
        await asyncio.to_thread(own_engine.start)
        await server.json("POST", f"api/kernels/{kernel_id}/restart")
        await answers(server, kernel_id)


async def test_a_volume_that_is_removed_between_two_starts_is_built_again_for_its_user(
    server: Server, own_engine: PrivateEngine
):
    first = await server.start_kernel(KERNEL)
    await answers(server, first)
    await server.request("DELETE", f"api/kernels/{first}")

    async def is_empty() -> bool:
        return await asyncio.to_thread(nothing_is_left, own_engine)

    await until("nothing uses the volume", is_empty)
    client, name = client_of(own_engine.host), f"jupyter-workbench-{labels.owner()}"
    client.volumes.get(name).remove(force=True)
    await answers(server, await server.start_kernel(KERNEL))
    assert client.volumes.get(name).attrs["Labels"][labels.OWNER] == labels.owner()
