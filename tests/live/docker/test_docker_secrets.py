"""Planted secrets are looked for wherever somebody else could read them, and are not there.

What is the server's own is nowhere; what the project or the company's network gives to its kernels is in them alone.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ..jupyter import Server, running_server, until
from .builds import build_containers
from .owners import Owner
from .projects import build, docker_project

KERNEL = "myiris_docker"
OF_THE_SERVER = "planted-in-the-server-5d1c"
OF_THE_CONFIGURATION = "planted-in-the-run-configuration-77ab"
OF_THE_INDEX = "planted-in-the-index-e902"
SECRETS = (OF_THE_SERVER, OF_THE_CONFIGURATION, OF_THE_INDEX)
VARIABLES = f"EnvironmentVariables:\n  API_KEY: {OF_THE_CONFIGURATION}\n"
UNREACHABLE_INDEX = f"http://somebody:{OF_THE_INDEX}@127.0.0.1:9/simple"
HANGING_INDEX = f"http://somebody:{OF_THE_INDEX}@192.0.2.1/simple"
"""Nothing answers there: the addresses are for documentation (RFC 5737)."""

ALL_VARIABLES = """\
import glob
for file in sorted(glob.glob('/proc/[0-9]*/environ') + glob.glob('/proc/[0-9]*/cmdline')):
    try:
        print(open(file, 'rb').read())
    except OSError as error:
        print(error)
"""


@pytest.fixture
async def project(
    tmp_path: Path, base_image: str, lasting_engine_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A project whose environment is there; then the secrets are planted."""
    project = docker_project(tmp_path / "root" / "myIris", base_image, configuration=VARIABLES)
    await build(project)
    monkeypatch.setenv("DATABASE_PASSWORD", OF_THE_SERVER)
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", UNREACHABLE_INDEX)
    return project


def found_in(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text]


def files_with_secrets(*folders: Path) -> list[str]:
    """List the files that have one: the run history, spools, connection files, logs of servers."""
    files = [file for folder in folders for file in folder.rglob("*") if file.is_file()]
    return [f"{file}: {found}" for file in files if (found := found_in(file.read_bytes().decode("latin-1")))]


def the_container(owner: Owner) -> Any:
    (container,) = owner.client.containers.list(filters={"label": f"org.jupyter-workbench.owner={owner.name}"})
    return container


async def test_no_secret_is_seen_from_outside_of_the_kernel(
    server: Server, project: Path, lasting_owner: Owner, an_isolated_jupyter: Path, history: Callable[..., Any]
):
    async with server.kernel(await server.start_kernel(KERNEL)) as kernel:
        await kernel.run("%azureml history on")
        reply = await kernel.run("import os; print(len(os.environ['API_KEY']), 'DATABASE_PASSWORD' in os.environ)")
        assert reply.text == f"{len(OF_THE_CONFIGURATION)} False\n"
        assert (await kernel.run("from azureml.logging import get_azureml_logger as g; g().log('n', 1)")).error == ""
        container = the_container(lasting_owner)
        inspected = json.dumps(lasting_owner.client.api.inspect_container(container.id))
        processes = container.exec_run(["python3", "-c", ALL_VARIABLES], user="root").output.decode("latin-1")
        logs = container.logs().decode()
        specs = json.dumps(await server.kernelspecs())
        kernels = json.dumps(await server.json("GET", "api/kernels"))
        while_it_runs = files_with_secrets(an_isolated_jupyter)
    assert "USER=" in processes
    places = {"inspect": inspected, "processes": processes, "logs": logs, "specs": specs, "kernels": kernels}
    assert {place: found for place, text in places.items() if (found := found_in(text))} == {}
    assert while_it_runs == []
    assert found_in(json.dumps(history(project, "list"))) == []
    assert server.log.is_relative_to(an_isolated_jupyter)


async def test_a_kernel_has_what_its_project_and_the_network_give_it_and_nothing_of_the_servers(server: Server):
    async with server.kernel(await server.start_kernel(KERNEL)) as kernel:
        reply = await kernel.run("import json, os; print(json.dumps(dict(os.environ)))")
    variables = json.loads(reply.text)
    assert OF_THE_SERVER not in reply.text
    assert (variables["API_KEY"], variables["PIP_EXTRA_INDEX_URL"]) == (OF_THE_CONFIGURATION, UNREACHABLE_INDEX)


async def test_no_secret_is_seen_from_outside_of_a_build(
    project: Path, lasting_owner: Owner, an_isolated_jupyter: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", HANGING_INDEX)
    another_environment(project)
    with running_server(project) as server:
        kernel_id = await server.start_kernel(KERNEL)
        containers = await until("it is built", lambda: asyncio.to_thread(running_builds, lasting_owner))
        inspected = json.dumps(lasting_owner.client.api.inspect_container(containers[0].id))
        processes = containers[0].exec_run(["python3", "-c", ALL_VARIABLES], user="root").output.decode("latin-1")
        logs = containers[0].logs().decode()
        await server.request("DELETE", f"api/kernels/{kernel_id}")
    assert "builder.py" in processes
    assert OF_THE_SERVER not in inspected + processes + logs
    assert found_in(inspected + logs) == []
    assert files_with_secrets(an_isolated_jupyter) == []


def running_builds(owner: Owner) -> list[Any]:
    return [each for each in build_containers(owner.client, owner.name) if each.status == "running"]


def another_environment(project: Path) -> None:
    """Ask for what nobody has built, so that the index is asked."""
    conda = project / "aml_config" / "conda_dependencies.yml"
    conda.write_text("dependencies:\n- pip:\n  - no-such-package-as-this-one\n")


async def test_the_reason_of_a_build_that_fails_keeps_the_password_of_the_index(
    project: Path, an_isolated_jupyter: Path
):
    another_environment(project)
    with running_server(project) as server:
        kernel_id = await server.start_kernel(KERNEL)
        dead = await server.until_state(kernel_id, "dead")
    assert dead["reason"] == (
        "The environment cannot be built: aml_config/conda_dependencies.yml: expected 127.0.0.1:9 to answer, got: "
        "Connection refused (os error 111) - check the network, the proxy and the index settings"
    )
    assert found_in(dead["reason"]) == []
    assert files_with_secrets(an_isolated_jupyter) == []
