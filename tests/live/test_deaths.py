"""Kernel, server or both are killed in mid-cell, or nobody can collect: no value is lost or doubled, every run ends.

Each death comes at another random moment. The short form runs with the tests; `make soak` does fifty rounds of each.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from jupyter_workbench.history.location import ProjectData, project_data
from jupyter_workbench.history.reading.queries import info, list_runs

from .jupyter import Server, running_server, until

pytestmark = pytest.mark.live

LOOP = """
import os
done = os.open("done", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
value = 0
while not os.path.exists("stop"):
    logger.log("value", value)
    os.write(done, b"%d\\n" % value)
    value += 1
"""
SLOW_LOOP = f"import time{LOOP}    time.sleep(0.001)\n"
"""So that what it logs in a minute is read in a moment."""

MOST_SECONDS = 1.5
"""From a loop that is under way to a death: several messages to the server, and moments between them."""

MOST_VALUES = 2000
ROUNDS = [
    *(pytest.param(number, id=f"round{number}") for number in range(2)),
    *(pytest.param(number, id=f"round{number}", marks=pytest.mark.soak) for number in range(2, 50)),
]

LOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=60, isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.read()
"""
"""Another process that has the store for itself until its input ends."""


async def a_moment(number: int) -> None:
    """Let some time pass: another one in each round, and the same when a round is done again."""
    await asyncio.sleep(random.Random(number).uniform(0, MOST_SECONDS))


async def logging_loop(server: Server, project: Path, number: int = 0, loop: str = LOOP) -> int:
    """Start a kernel that logs, as fast as it can, and return its process id after a while."""
    kernel_id = await server.start_kernel("myiris_local")
    async with server.kernel(kernel_id) as kernel:
        await kernel.run("%azureml history on")
        await kernel.run("from azureml.logging import get_azureml_logger; logger = get_azureml_logger()")
        reply = await kernel.run("import os; print(os.getpid())")
        kernel.send(loop)

        enough = random.Random(number).randrange(MOST_VALUES)

        async def under_way() -> bool:
            return len(returned(project)) > enough

        await until("the loop is under way", under_way)
        await a_moment(number)
    return int(reply.text)


def returned(project: Path) -> list[int]:
    """Return the values that `log` returned for, in order; the last line may be torn by the kill."""
    done = project / "done"
    return [int(line) for line in done.read_bytes().split(b"\n")[:-1]] if done.exists() else []


async def the_failed_run(project: Path) -> dict:
    """Wait until the run of the loop has failed in the store, asking nobody to look."""
    return await the_newest_run(project, "Failed")


async def the_newest_run(project: Path, status: str) -> dict:
    async def has_come_to_that() -> dict | None:
        runs = await asyncio.to_thread(list_runs, project_data(project, None))
        newest = next(iter(runs), {})
        return newest if newest.get("status") == status else None

    return await until(f"the run is {status}", has_come_to_that)


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
    assert [run["status"] for run in list_runs(project_data(project, None)) if run["status"] == "Running"] == []


@contextlib.contextmanager
def locked(data: ProjectData) -> Iterator[None]:
    """Keep everybody else from the store, by a process of its own."""
    command = [sys.executable, "-c", LOCK, str(data.database)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == b"locked\n"
        yield
        other.stdin.close()


@contextlib.contextmanager
def frozen(server: Server) -> Iterator[None]:
    """Let a server do nothing meanwhile, and go on afterwards."""
    server.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        server.process.send_signal(signal.SIGCONT)


@pytest.mark.parametrize("number", ROUNDS)
async def test_a_killed_kernel_loses_nothing_and_its_run_says_how_it_died(a_server, a_project, number):
    os.kill(await logging_loop(a_server, a_project, number), signal.SIGKILL)
    run = await the_failed_run(a_project)
    assert run["error"]["message"] == "The kernel died before the cell ended (killed by SIGKILL)."
    assert_every_value_is_there_once(run, a_project)


@pytest.mark.parametrize("number", ROUNDS)
async def test_a_killed_server_loses_nothing_and_the_next_one_brings_it_in(a_project, number):
    with running_server(a_project) as server:
        pid = await logging_loop(server, a_project, number)
        server.kill()
    await gone(pid)
    with running_server(a_project):
        run = await the_failed_run(a_project)
    assert run["error"]["message"] == "The kernel's process ended before the cell did."
    assert_every_value_is_there_once(run, a_project)


@pytest.mark.parametrize("number", ROUNDS)
async def test_both_killed_lose_nothing(a_project, number):
    with running_server(a_project) as server:
        pid = await logging_loop(server, a_project, number)
        server.kill()
        os.kill(pid, signal.SIGKILL)
    await gone(pid)
    with running_server(a_project):
        assert_every_value_is_there_once(await the_failed_run(a_project), a_project)


@pytest.mark.parametrize("number", ROUNDS)
async def test_a_server_that_is_frozen_for_a_while_loses_nothing(a_server, a_project, number):
    """The kernel's messages pile up until ZeroMQ throws them away."""
    await logging_loop(a_server, a_project, number)
    with frozen(a_server):
        before = len(returned(a_project))
        await a_moment(number)
        await until("the loop went on", lambda: asyncio.sleep(0, len(returned(a_project)) > before))
    await a_moment(number + 1)
    (a_project / "stop").touch()
    assert_every_value_is_there_once(await the_newest_run(a_project, "Completed"), a_project)


@pytest.mark.parametrize("number", ROUNDS)
async def test_a_kernel_that_dies_while_its_server_is_frozen_loses_nothing(a_server, a_project, number):
    pid = await logging_loop(a_server, a_project, number)
    with frozen(a_server):
        await a_moment(number)
        os.kill(pid, signal.SIGKILL)
    assert_every_value_is_there_once(await the_failed_run(a_project), a_project)


@pytest.mark.parametrize("number", ROUNDS)
async def test_a_store_that_another_process_keeps_for_itself_gets_everything_in_the_end(a_server, a_project, number):
    await logging_loop(a_server, a_project, number)
    with locked(project_data(a_project, None)):
        await a_moment(number)
    await a_moment(number + 1)
    (a_project / "stop").touch()
    assert_every_value_is_there_once(await the_newest_run(a_project, "Completed"), a_project)


@pytest.mark.parametrize("number", ROUNDS)
async def test_a_kernel_that_dies_while_the_store_is_locked_loses_nothing(a_server, a_project, number):
    pid = await logging_loop(a_server, a_project, number)
    with locked(project_data(a_project, None)):
        os.kill(pid, signal.SIGKILL)
        await a_moment(number)
    assert_every_value_is_there_once(await the_failed_run(a_project), a_project)


@pytest.mark.soak
async def test_a_store_that_is_locked_for_longer_than_anybody_waits_gets_everything_in_the_end(a_server, a_project):
    await logging_loop(a_server, a_project, loop=SLOW_LOOP)
    with locked(project_data(a_project, None)):
        await a_server.until_logged("the run history has been in use by another process for 20 seconds - try again")
        (a_project / "stop").touch()
    assert_every_value_is_there_once(await the_newest_run(a_project, "Completed"), a_project)


@pytest.mark.parametrize("number", ROUNDS)
async def test_two_servers_on_one_project_take_each_record_once_and_end_no_run_of_the_other(a_project, number):
    with running_server(a_project) as one, running_server(a_project) as other:
        pid = await logging_loop(one, a_project, number)
        kernel_id = await other.start_kernel("myiris_local")  # the other has taken a look, and looks again
        async with other.kernel(kernel_id) as kernel:
            await kernel.run("%azureml history on")
        assert {run["status"] for run in list_runs(project_data(a_project, None))} == {"Running", "Completed"}
        os.kill(pid, signal.SIGKILL)
        await gone(pid)
        failed = await until("the run of the loop is Failed", partial(the_run_of_the_loop, a_project))
    assert_every_value_is_there_once(failed, a_project)


async def the_run_of_the_loop(project: Path) -> dict | None:
    runs = await asyncio.to_thread(list_runs, project_data(project, None))
    return next((run for run in runs if "value" in run and run["status"] == "Failed"), None)


async def test_a_kernel_that_is_restarted_keeps_its_id_and_its_runs_apart(a_server, a_project):
    await logging_loop(a_server, a_project)
    (model,) = await a_server.json("GET", "api/kernels")
    await a_server.json("POST", f"api/kernels/{model['id']}/restart")
    cut_short = await the_newest_run(a_project, "Canceled")  # a restart interrupts the cell first
    assert_every_value_is_there_once(cut_short, a_project)
    async with a_server.kernel(model["id"]) as kernel:
        await kernel.run("%azureml history on")
    after = await the_newest_run(a_project, "Completed")
    data = project_data(a_project, None)
    assert info(data, after["run_id"])["kernel_id"] == info(data, cut_short["run_id"])["kernel_id"] == model["id"]


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
