"""nbconvert, papermill and other clients run kernels in containers through installed specs, and leave nothing."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import pytest

from ..jupyter import until
from .builds import a_held_package, build_containers
from .owners import Owner
from .projects import build, docker_project

CELLS = [
    "%azureml history on\nimport os\nfrom azureml.logging import get_azureml_logger\nlogger = get_azureml_logger()",
    "logger.log('Accuracy', 0.97)\nos.makedirs('outputs', exist_ok=True)\n"
    "with open('outputs/model.pkl', 'wb') as file: file.write(b'model')",
    "%azureml upload outputs/model.pkl",
    "%azureml history off",
]
ENDLESS = "open('runs', 'w').close()\nimport time\ntime.sleep(600)"
NBCONVERT = ("nbconvert", "--to", "notebook", "--execute", "--output", "done.ipynb", "iris.ipynb")
PAPERMILL = ("papermill", "iris.ipynb", "done.ipynb")


@pytest.fixture
async def project(
    tmp_path: Path, base_image: str, lasting_engine_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A project whose environment is there and whose kernelspecs are installed."""
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "prefix" / "share" / "jupyter"))
    project = docker_project(tmp_path / "root" / "myIris", base_image)
    await build(project)
    prefix = ("--prefix", str(tmp_path / "prefix"))
    done = run(project, "jupyter_workbench.cli", "kernels", "install", *prefix, str(project))
    assert done.returncode == 0, done.stderr
    return project


def write_notebook(project: Path, *cells: str) -> None:
    kernelspec = {"name": "myiris_docker", "display_name": "myIris docker", "language": "python"}
    book = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in cells], metadata={"kernelspec": kernelspec}
    )
    nbformat.write(book, project / "iris.ipynb")


def run(project: Path, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=120, check=False)


@contextmanager
def running(project: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a client in a process group of its own, as a shell does; what it says is in `client.log`."""
    command = [sys.executable, "-X", "faulthandler", "-m", *arguments]
    with (project / "client.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=project, stdout=log, stderr=log, start_new_session=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def ended(client: subprocess.Popen[bytes], project: Path) -> int:
    """Wait for the end of a client; one that stays says where each of its threads is."""
    try:
        return await asyncio.to_thread(client.wait, 60)
    except subprocess.TimeoutExpired:
        client.send_signal(signal.SIGABRT)
        await asyncio.to_thread(client.wait)
        pytest.fail(f"the client did not end:\n{(project / 'client.log').read_text()}")


async def until_there(file: Path) -> None:
    async def is_there() -> bool:
        return file.exists()

    await until(f"there is {file.name}", is_there)


async def until_nothing_is_left(owner: Owner) -> None:
    async def is_so() -> bool:
        return await asyncio.to_thread(owner.containers) == []

    await until("no container is left", is_so)


@pytest.mark.parametrize("client", [NBCONVERT, PAPERMILL], ids=["nbconvert", "papermill"])
def test_clients_execute_the_notebook_keep_its_runs_and_leave_nothing(
    project: Path, lasting_owner: Owner, history: Callable[..., Any], client: tuple[str, ...]
):
    write_notebook(project, *CELLS)
    done = run(project, *client)
    assert done.returncode == 0, done.stderr
    assert lasting_owner.containers() == []
    assert nbformat.read(project / "done.ipynb", 4).cells[0].outputs[0].text == "History logging enabled\n"
    runs = history(project, "list")
    assert [run["status"] for run in runs] == ["Completed"] * 4
    assert (runs[2]["Accuracy"], runs[1]["attachments"]) == (0.97, "outputs/model.pkl")


async def test_ctrl_c_ends_the_client_and_its_kernel(project: Path, lasting_owner: Owner):
    write_notebook(project, ENDLESS)
    with running(project, *NBCONVERT) as client:
        await until_there(project / "runs")
        os.killpg(client.pid, signal.SIGINT)
        assert await ended(client, project) != 0
    await until_nothing_is_left(lasting_owner)


async def test_a_client_that_is_killed_takes_its_kernel_along(project: Path, lasting_owner: Owner):
    write_notebook(project, ENDLESS)
    with running(project, *NBCONVERT) as client:
        await until_there(project / "runs")
        client.kill()
    await until_nothing_is_left(lasting_owner)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
async def test_a_client_that_ends_while_the_environment_is_built_leaves_nothing_half_built(
    project: Path, lasting_owner: Owner, tmp_path: Path, number: signal.Signals
):
    held = a_held_package(tmp_path / "packages").files[0]
    (project / "aml_config" / "conda_dependencies.yml").write_text(f"dependencies:\n- pip:\n  - {held}\n")
    write_notebook(project, "1")
    with running(project, *NBCONVERT) as client:

        async def builds() -> bool:
            found = await asyncio.to_thread(build_containers, lasting_owner.client, lasting_owner.name)
            return any("Building held" in container.logs().decode() for container in found)

        await until("the package is being built", builds)
        if number == signal.SIGKILL:
            client.kill()
        else:
            os.killpg(client.pid, number)
    await until_nothing_is_left(lasting_owner)


@pytest.mark.parametrize(
    ("end", "code"),
    [("import os; os._exit(3)", 3), ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL)],
    ids=["exit code", "signal"],
)
async def test_the_launcher_ends_as_the_kernel_ended(project: Path, lasting_owner: Owner, end: str, code: int):
    from jupyter_client.manager import AsyncKernelManager

    manager = AsyncKernelManager(kernel_name="myiris_docker")
    await manager.start_kernel(env=dict(os.environ))
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=60)
        client.execute(end)

        async def ended() -> bool:
            return not await manager.is_alive()

        await until("the launcher has ended", ended)
        assert manager.provisioner.process.returncode == code
        assert lasting_owner.containers() == []
    finally:
        client.stop_channels()
        await manager.shutdown_kernel(now=True)


async def test_a_port_that_something_else_has_for_a_moment_is_waited_for(project: Path, lasting_owner: Owner):
    from jupyter_client.manager import AsyncKernelManager

    async def was_refused() -> bool:
        return any("address already in use" in kernel.attrs["State"]["Error"] for kernel in lasting_owner.kernels())

    manager = AsyncKernelManager(kernel_name="myiris_docker", cache_ports=False)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        manager.shell_port = taken.getsockname()[1]
        await manager.start_kernel(env=dict(os.environ))
        await until("the engine has refused the port", was_refused)
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=60)
    finally:
        client.stop_channels()
        await manager.shutdown_kernel()
    await until_nothing_is_left(lasting_owner)


def test_a_kernel_that_cannot_start_says_why_in_the_cell(project: Path, base_image: str):
    write_notebook(project, "1")
    (project / "aml_config" / "docker.compute").write_text("type: localdocker\nbaseDockerImage: 127.0.0.1:1/none:1\n")
    done = run(project, *NBCONVERT)
    assert done.returncode == 1
    assert (
        "expected the Docker image 127.0.0.1:1/none:1 on the engine or from 127.0.0.1:1, got no answer from there "
        '(Get "http://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused) - '
        "check the engine's network and proxy, or bring the image along with `docker save` and `docker load`"
    ) in done.stderr
