"""Runs of kernels in containers: who ran them, with what, what was said, and that a container that goes takes none."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from typing import Any

import pytest

from jupyter_workbench.history.location import project_data
from jupyter_workbench.history.reading.queries import info, list_runs

from ..jupyter import running_server, until
from .owners import client_of
from .projects import build, docker_project

pytestmark = pytest.mark.live

KERNEL = "myiris_docker"
ROUNDS = [
    *(pytest.param(number, id=f"round{number}") for number in range(2)),
    *(pytest.param(number, id=f"round{number}", marks=pytest.mark.soak) for number in range(2, 50)),
]
INSTALL = """
import os, site
folder = site.getsitepackages()[0] + "/taxi-1.0.dist-info"
os.makedirs(folder)
with open(folder + "/METADATA", "w") as file:
    file.write("Metadata-Version: 2.1\\nName: taxi\\nVersion: 1.0\\n")
"""
LOOP = """
import os
from azureml.logging import get_azureml_logger
logger = get_azureml_logger()
os.makedirs("outputs", exist_ok=True)
done = os.open("outputs/done", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
value = 0
while True:
    logger.log("value", value)
    os.write(done, b"%d\\n" % value)
    value += 1
"""


async def newest(project: Path, is_wanted: Any) -> dict:
    """Wait until the newest run is as wanted, and return all that is known of it."""

    async def found() -> dict | None:
        data = project_data(project, None)
        runs = await asyncio.to_thread(list_runs, data)
        run = await asyncio.to_thread(info, data, runs[0]["run_id"]) if runs else None
        return run if run and is_wanted(run) else None

    return await until("the newest run is as wanted", found)


def is_captured(run: dict) -> bool:
    return run["status"] == "Completed" and run["git"]["captured_utc"] is not None


async def test_a_run_in_a_container_knows_its_user_its_environment_and_its_packages(server, project, lasting_owner):
    kernel_id = await server.start_kernel(KERNEL)
    async with server.kernel(kernel_id) as kernel:
        await kernel.run("%azureml history on")
        run = await newest(project, is_captured)
        assert run["user"] == lasting_owner.name
        assert [line.split("==")[0] for line in run["packages"] if line.startswith(("ipykernel", "six"))] == [
            "ipykernel",
            "six",
        ]
        (container,) = lasting_owner.kernels()
        assert run["environment"] == container.labels["org.jupyter-workbench.fingerprint"]
        await kernel.run(INSTALL)
        await kernel.run("1")
        after = await newest(project, lambda run: is_captured(run) and run["source"] == "1")
        assert set(after["packages"]) - set(run["packages"]) == {"taxi==1.0"}


async def test_what_a_cell_in_a_container_printed_and_used_is_with_its_run(server, project):
    kernel_id = await server.start_kernel(KERNEL)
    async with server.kernel(kernel_id) as kernel:
        await kernel.run("%azureml history on")
        await kernel.run("print('trained'); import time; time.sleep(3)")
        run = await newest(project, lambda run: is_captured(run) and run["stdout"])
    assert run["stdout"] == "trained\n"
    assert run["usage"]["memory_peak"] > 1 << 20


@pytest.mark.parametrize("number", ROUNDS)
async def test_a_killed_container_whose_files_are_not_seen_loses_nothing(tmp_path, base_image, blind_engine, number):
    """Nothing of it is mounted: what it wrote is fetched from the container that has ended."""
    project = docker_project(tmp_path / "root" / "myIris", base_image)
    await build(project)
    with running_server(project) as server:
        kernel_id = await server.start_kernel(KERNEL)
        async with server.kernel(kernel_id) as kernel:
            await kernel.run("%azureml history on")
            reply, _ = kernel.send(LOOP)
            await asyncio.wait_for(reply.started.wait(), 60)
            await asyncio.sleep(random.Random(number).uniform(0.2, 2))
            client = client_of(blind_engine.host)
            (container,) = client.containers.list(filters={"label": "org.jupyter-workbench.kind=kernel"})
            container.kill()
            client.close()
            run = await newest(project, lambda run: run["status"] == "Failed")
        said = [int(line) for line in (project / "outputs" / "done").read_bytes().split(b"\n")[:-1]]
    assert run["error"]["message"] == "The kernel died before the cell ended (killed by SIGKILL)."
    assert run["value"][: len(said)] == said
    assert run["value"][len(said) :] in ([], [len(said)])
    assert len(said) > 1


LOGS_ON = """
import os, time
from azureml.logging import get_azureml_logger
logger = get_azureml_logger()
os.makedirs("outputs", exist_ok=True)
with open("outputs/model.txt", "w") as file:
    file.write("weights")
logger.log("value", 0)
get_ipython().run_line_magic("azureml", "upload outputs/model.txt")
while not os.path.exists("go-on"):
    time.sleep(0.05)
for value in range(1, 1000):
    logger.log("value", value)
open("logged", "w").close()
time.sleep(600)
"""


async def test_a_killed_server_loses_no_record_of_a_container_whose_files_are_not_seen(
    tmp_path, base_image, blind_engine, history
):
    """The kernel goes on: it cannot see that its server is gone, and the next one ends it."""
    project = docker_project(tmp_path / "root" / "myIris", base_image)
    await build(project)
    client = client_of(blind_engine.host)
    with running_server(project) as server:
        kernel_id = await server.start_kernel(KERNEL)
        async with server.kernel(kernel_id) as kernel:
            await kernel.run("%azureml history on")
            kernel.send(LOGS_ON)
            await newest(project, lambda run: [output["state"] for output in run["outputs"]] == ["kept"])
            assert history(project, "list")[0]["status"] == "Running"
            server.kill()
    (container,) = client.containers.list(filters={"label": "org.jupyter-workbench.kind=kernel"})

    async def has_logged() -> bool:
        return (await asyncio.to_thread(container.exec_run, ["test", "-e", "logged"])).exit_code == 0

    container.exec_run(["touch", "go-on"])
    await until("the kernel has logged without its server", has_logged)
    assert history(project, "list")[0]["status"] == "Running"

    async def is_empty() -> bool:
        return await asyncio.to_thread(client.containers.list, all=True, ignore_removed=True) == []

    with running_server(project):
        run = await newest(project, lambda run: run["status"] != "Running")
        await until("the container is gone", is_empty)
    assert run["error"]["message"] == "The kernel's process ended before the cell did."
    assert run["value"] == list(range(1000))
    client.close()
