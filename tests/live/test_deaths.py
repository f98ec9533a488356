"""Kernel, server or both are killed in mid-cell: no value is lost or doubled, and the run is Failed with the reason.

The short form runs with the tests; `make soak` does twenty rounds of each.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from functools import partial
from pathlib import Path

import pytest

from jupyter_workbench.history.location import project_data
from jupyter_workbench.history.queries import list_runs

from .jupyter import Server, running_server, until

pytestmark = pytest.mark.live

LOOP = """
import os
done = os.open("done", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
value = 0
while True:
    logger.log("value", value)
    os.write(done, b"%d\\n" % value)
    value += 1
"""
ENOUGH = 200
ROUNDS = [
    *(pytest.param(number, id=f"round{number}") for number in range(2)),
    *(pytest.param(number, id=f"round{number}", marks=pytest.mark.soak) for number in range(2, 20)),
]


async def logging_loop(server: Server, project: Path) -> int:
    """Start a kernel that logs as fast as it can and return its process id once it is well under way."""
    kernel_id = await server.start_kernel("myiris_local")
    async with server.kernel(kernel_id) as kernel:
        await kernel.run("%azureml history on")
        await kernel.run("from azureml.logging import get_azureml_logger; logger = get_azureml_logger()")
        reply = await kernel.run("import os; print(os.getpid())")
        kernel.send(LOOP)

        async def under_way() -> bool:
            return len(returned(project)) > ENOUGH

        await until("the loop is under way", under_way)
    return int(reply.text)


def returned(project: Path) -> list[int]:
    """Return the values that `log` returned for, in order; the last line may be torn by the kill."""
    done = project / "done"
    return [int(line) for line in done.read_bytes().split(b"\n")[:-1]] if done.exists() else []


async def the_failed_run(project: Path) -> dict:
    """Wait until the run of the loop has failed in the store, asking nobody to look."""

    async def failed() -> dict | None:
        newest = next(iter(list_runs(project_data(project, None))), {})
        return newest if newest.get("status") == "Failed" else None

    return await until("the run is Failed", failed)


async def gone(pid: int) -> None:
    async def is_gone() -> bool:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        return Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z"

    await until(f"process {pid} is gone", is_gone)


def assert_every_value_is_there_once(run: dict, project: Path) -> None:
    """The last value may have been recorded without `log` having returned: then it is one more."""
    values, said = run["value"], returned(project)
    assert values[: len(said)] == said
    assert values[len(said) :] in ([], [len(said)])


@pytest.mark.parametrize("number", ROUNDS)
async def test_a_killed_kernel_loses_nothing_and_its_run_says_how_it_died(a_server, a_project, number):
    os.kill(await logging_loop(a_server, a_project), signal.SIGKILL)
    run = await the_failed_run(a_project)
    assert run["error"]["message"] == "The kernel died before the cell ended (killed by SIGKILL)."
    assert_every_value_is_there_once(run, a_project)


@pytest.mark.parametrize("number", ROUNDS)
async def test_a_killed_server_loses_nothing_and_the_next_one_brings_it_in(a_project, number):
    with running_server(a_project) as server:
        pid = await logging_loop(server, a_project)
        server.kill()
    await gone(pid)
    with running_server(a_project):
        run = await the_failed_run(a_project)
    assert run["error"]["message"] == "The kernel's process ended before the cell did."
    assert_every_value_is_there_once(run, a_project)


@pytest.mark.parametrize("number", ROUNDS)
async def test_both_killed_lose_nothing(a_project, number):
    with running_server(a_project) as server:
        pid = await logging_loop(server, a_project)
        server.kill()
        os.kill(pid, signal.SIGKILL)
    await gone(pid)
    with running_server(a_project):
        assert_every_value_is_there_once(await the_failed_run(a_project), a_project)


async def test_a_server_that_starts_while_an_orphaned_kernel_still_runs_brings_its_run_in_later(a_project):
    """The orphan notices the loss of its server after a second or so: until then its run is Running, and kept so."""
    with running_server(a_project) as server:
        pid = await logging_loop(server, a_project)
        server.kill()
    with running_server(a_project):
        run = await the_failed_run(a_project)
    await gone(pid)
    assert_every_value_is_there_once(run, a_project)


async def test_after_a_kernel_died_it_is_restarted_as_any_kernel_is(a_server, a_project):
    os.kill(await logging_loop(a_server, a_project), signal.SIGKILL)
    await the_failed_run(a_project)
    await until("a fresh kernel answers", partial(is_fresh, a_server))


async def test_a_history_command_right_after_a_death_changes_nothing_about_the_restart(a_server, a_project, history):
    """It takes in and removes what the dead kernel left, before the server has noticed the death."""
    pid = await logging_loop(a_server, a_project)
    os.kill(pid, signal.SIGKILL)
    await gone(pid)
    assert history(a_project, "list")[0]["status"] == "Failed"
    await until("a fresh kernel answers", partial(is_fresh, a_server))


async def is_fresh(server: Server) -> bool:
    """Ask the kernel; a websocket that opened before the restart may talk to the ports of the dead one."""
    (model,) = await server.json("GET", "api/kernels")
    async with server.kernel(model["id"]) as kernel:
        reply, done = kernel.send("print('value' in globals())")
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(done.wait(), 5)
        assert reply.error == ""
        return reply.text == "False\n"
