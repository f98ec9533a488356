"""Kernels in containers that end against the user's will: what is said, where, and that nothing is left."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ..jupyter import Server, running_server, until
from .owners import Owner
from .projects import build, docker_project

KERNEL = "myiris_docker"


@pytest.fixture
async def write(tmp_path: Path, base_image: str, lasting_engine_environment: dict[str, str]) -> Callable[..., Path]:
    """Write a project called myIris with these settings; its environment is there."""
    await build(docker_project(tmp_path / "built", base_image))
    return lambda **texts: docker_project(tmp_path / "root" / "myIris", texts.pop("image", base_image), **texts)


@pytest.fixture
def serve(write: Callable[..., Path]) -> Iterator[Callable[..., object]]:
    """Run a server at its home."""
    return lambda **texts: running_server(write(**texts))


@pytest.fixture
def containers(lasting_owner: Owner) -> Callable[[], list]:
    """List the containers of kernels."""
    return lasting_owner.kernels


async def reason_of(server: Server, kernel_id: str) -> str:
    return (await server.json("GET", f"workbench/api/kernels/{kernel_id}"))["reason"]


async def test_a_container_that_exits_at_once_says_why_in_two_seconds(serve, containers):
    variables = "EnvironmentVariables:\n  PYTHONHOME: /nowhere\n"
    with serve(configuration=variables) as server:
        first = await server.start_kernel(KERNEL)  # builds the environment
        await server.until_state(first, "dead")
        took = []
        for _ in range(3):
            began = time.monotonic()
            dead = await server.until_state(await server.start_kernel(KERNEL), "dead")
            took.append(time.monotonic() - began)
    head, said, *log = dead["reason"].splitlines()
    assert (head, said) == ("The kernel of myIris docker ended before it answered (exit code 1).", "It said:")
    assert "ModuleNotFoundError: No module named 'encodings'" in log
    assert min(took) < 4, "2 s on a machine that does nothing else"
    assert containers() == []


async def test_a_kernel_out_of_memory_is_named_as_such_with_its_limit(serve):
    with serve(compute="memory: 200m\n") as server:
        kernel_id = await server.start_kernel(KERNEL)
        async with server.kernel(kernel_id) as kernel:
            kernel.send("hoard = [bytearray(1 << 20) for _ in range(1000)]")

            async def died() -> str | None:
                return await reason_of(server, kernel_id)

            words = "out of memory: its limit is 200m, the `memory` of aml_config/docker.compute"
            assert await until("the reason is told", died) == f"The kernel died ({words})."


async def test_the_first_cell_after_a_death_says_why_on_stderr(serve, containers):
    with serve() as server:
        kernel_id = await server.start_kernel(KERNEL)
        async with server.kernel(kernel_id) as kernel:
            await kernel.run("1")
            (before,) = containers()
            before.kill()

            async def restarted() -> bool:
                now = containers()
                return [each.id for each in now] != [before.id] and len(now) == 1

            await until("another container runs", restarted)
            await server.until_state(kernel_id, "idle", "starting")
        async with server.kernel(kernel_id) as kernel:
            reply = await kernel.run("print('here')")
        assert reply.text == ("The kernel died (killed by SIGKILL) and was restarted: its variables are gone.\nhere\n")


async def test_a_container_that_somebody_removes_is_a_death_like_others(serve, containers, history, tmp_path):
    with serve() as server:
        kernel_id = await server.start_kernel(KERNEL)
        async with server.kernel(kernel_id) as kernel:
            await kernel.run("%azureml history on")
            reply, _ = kernel.send("import time; time.sleep(600)")
            await reply.started.wait()
            (container,) = containers()
            container.remove(force=True)

            async def ended() -> bool:
                return [run["status"] for run in history(tmp_path / "root" / "myIris", "list")][:1] == ["Failed"]

            await until("the run has failed", ended)


async def test_a_server_that_is_killed_takes_its_kernels_along_and_its_runs_are_whole(
    serve, containers, history, tmp_path
):
    with serve() as server:
        kernel_id = await server.start_kernel(KERNEL)
        async with server.kernel(kernel_id) as kernel:
            await kernel.run("%azureml history on")
            await kernel.run("from azureml.logging import get_azureml_logger\nget_azureml_logger().log('n', 1)")
        (container,) = containers()
        server.kill()

        async def has_ended() -> bool:
            await asyncio.to_thread(container.reload)
            return container.status == "exited"

        await until("the kernel has ended by itself", has_ended)
    with running_server(tmp_path / "root" / "myIris"):

        async def is_tidy() -> bool:
            return containers() == []

        await until("the next server has removed the container", is_tidy)
    (run, *_) = history(tmp_path / "root" / "myIris", "list")
    assert (run["n"], run["status"]) == (1, "Completed")
