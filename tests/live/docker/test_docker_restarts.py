"""Restarts of kernels in containers: the next container begins while the former kernel still ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ..jupyter import Server, running_server, until
from .owners import Owner

KERNEL = "myiris_docker"
ENDS_SLOWLY = """
import atexit, os, time

def linger():
    while not os.path.exists("go-on"):
        time.sleep(0.01)
    open("former-ended", "w").close()

atexit.register(linger)
print("set")
"""
"""A cell after which the kernel ends once the test wants it."""


@pytest.fixture
def server(project: Path) -> Iterator[Server]:
    """Run a server at the home of `project` that lets a kernel end as slowly as these do: 5 seconds are usual."""
    with running_server(project, "--KernelManager.shutdown_wait_time=60") as server:
        yield server


@pytest.fixture
def running(lasting_owner: Owner) -> Callable[[], int]:
    """Count the containers of kernels that run."""
    return lambda: len(lasting_owner.kernels(all_of_them=False))


async def start(server: Server, cell: str = "print('set')") -> str:
    """Start a kernel and run a cell."""
    kernel_id = await server.start_kernel(KERNEL)
    async with server.kernel(kernel_id) as kernel:
        assert (await kernel.run(cell)).text == "set\n"
    return kernel_id


async def until_none_runs(running: Callable[[], int]) -> None:
    """Return once no container runs: a kernel is gone a moment before its container is."""

    async def is_gone() -> bool:
        return await asyncio.to_thread(running) == 0

    await until("no container runs", is_gone)


async def test_the_next_container_begins_beside_the_former_kernel_and_takes_its_place(server, project, running):
    kernel_id = await start(server, ENDS_SLOWLY)
    restart = asyncio.create_task(server.request("POST", f"api/kernels/{kernel_id}/restart"))

    async def are_both_there() -> bool:
        return await asyncio.to_thread(running) == 2

    await until("both containers run", are_both_there)
    assert not (project / "former-ended").exists()
    (project / "go-on").touch()
    assert (await restart).code == 200
    async with server.kernel(kernel_id) as kernel:
        code = "import os; print(os.path.exists('former-ended'), 'linger' in globals())"
        assert (await kernel.run(code)).text == "True False\n"

    async def is_one_there() -> bool:
        return await asyncio.to_thread(running) == 1

    await until("the former container has ended", is_one_there)


async def test_a_kernel_that_is_shut_down_while_it_restarts_leaves_nothing(server, project, running):
    kernel_id = await start(server, ENDS_SLOWLY)
    restart = asyncio.create_task(server.request("POST", f"api/kernels/{kernel_id}/restart"))

    async def are_both_there() -> bool:
        return await asyncio.to_thread(running) == 2

    await until("both containers run", are_both_there)
    (project / "go-on").touch()
    await server.request("DELETE", f"api/kernels/{kernel_id}")
    await restart

    await until_none_runs(running)


async def test_settings_that_are_broken_meanwhile_are_told_by_the_restart(server, project, running):
    kernel_id = await start(server)
    (project / "aml_config/docker.compute").write_text("type: localdocker\nbaseDockerImage: ''\n")
    await server.request("POST", f"api/kernels/{kernel_id}/restart")
    async with server.kernel(kernel_id) as kernel:
        error = (await kernel.run("1")).error
    assert "aml_config/docker.compute:2: baseDockerImage: " in error
    await until_none_runs(running)


async def test_a_kernel_that_becomes_a_local_one_at_its_restart_leaves_its_container(server, project, running):
    kernel_id = await start(server)
    (project / "aml_config/docker.compute").write_text("type: local\n")
    await server.request("POST", f"api/kernels/{kernel_id}/restart")
    async with server.kernel(kernel_id) as kernel:
        assert (await kernel.run("import os; print(os.getcwd())")).text == f"{project}\n"
    await until_none_runs(running)


async def test_what_the_engine_refuses_meanwhile_is_told_by_the_restart(server, project, running):
    kernel_id = await start(server)
    with (project / "aml_config/docker.compute").open("a") as file:
        file.write("network: no-such-network\n")
    await server.request("POST", f"api/kernels/{kernel_id}/restart")
    async with server.kernel(kernel_id) as kernel:
        error = (await kernel.run("1")).error
    assert error == "The container of myIris docker cannot be started: network no-such-network not found"
    await until_none_runs(running)


async def test_a_notebook_that_was_renamed_has_its_new_name_after_the_restart(server, project):
    body = {"path": "old.ipynb", "name": "old.ipynb", "type": "notebook", "kernel": {"name": KERNEL}}
    session = await server.json("POST", "api/sessions", body)
    kernel_id = session["kernel"]["id"]
    async with server.kernel(kernel_id) as kernel:
        await kernel.run("1")
    await server.json("PATCH", f"api/sessions/{session['id']}", {"path": "new.ipynb", "name": "new.ipynb"})
    await server.request("POST", f"api/kernels/{kernel_id}/restart")
    async with server.kernel(kernel_id) as kernel:
        said = (await kernel.run("import os; print(os.environ['JPY_SESSION_NAME'])")).text
    assert said.strip().endswith("new.ipynb")
