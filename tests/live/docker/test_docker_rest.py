"""The REST API on a real engine: what a JupyterLab screen does before, while and after an environment is built."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ..jupyter import Server, running_server, until
from .builds import a_held_package, a_package
from .owners import Owner
from .projects import docker_project

CONFIGURATION = "docker"


@pytest.fixture
def project(tmp_path: Path, base_image: str, lasting_engine_environment: dict[str, str]) -> Path:
    """Write a project called myIris."""
    return docker_project(tmp_path / "root" / "myIris", base_image)


@pytest.fixture
def fresh_project(tmp_path: Path, base_image: str, isolated_owner: Owner) -> Path:
    """Write a project of a user for whom nothing is built yet."""
    return docker_project(tmp_path / "root" / "myIris", base_image)


@pytest.fixture
def fresh_server(fresh_project: Path) -> Iterator[Server]:
    """Run a server at the home of `fresh_project`."""
    with running_server(fresh_project) as server:
        yield server


async def ask(server: Server, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    response = await server.request(method, f"workbench/api/{path}", body)
    return response.code, json.loads(response.body) if response.body else None


async def begin(server: Server, project: Path, **more: Any) -> str:
    body = {"project_dir": str(project), "run_configuration": CONFIGURATION, **more}
    status, told = await ask(server, "POST", "preparations", body)
    assert status == 202, told
    return str(told["id"])


async def until_ended(server: Server, id_: str) -> dict[str, Any]:
    async def ended() -> dict[str, Any] | None:
        _, told = await ask(server, "GET", f"preparations/{id_}")
        return told if told["state"] != "running" else None

    return dict(await until(f"preparation {id_} has ended", ended))


async def prepared(server: Server, project: Path, owner: Owner) -> str:
    """Prepare, and return the fingerprint of the environment once its builder is gone."""
    told = await until_ended(server, await begin(server, project))
    assert told["state"] == "done", told
    await until_builder_is_gone(owner)
    _, (environment,) = await ask(server, "GET", f"environments?project_dir={project}")
    return str(environment["fingerprint"])


async def until_builder_is_gone(owner: Owner) -> None:
    async def is_gone() -> bool:
        return not await asyncio.to_thread(owner.containers)

    await until("the builder, which compiles the rest, is gone", is_gone)


async def test_an_environment_that_nobody_built_cannot_be_removed(fresh_server):
    fingerprint = "0123456789abcdef0123"
    assert await ask(fresh_server, "DELETE", f"environments/{fingerprint}") == (
        404,
        {
            "message": f"expected the fingerprint of an environment on the Docker engine, got {fingerprint} - "
            f"GET /workbench/api/environments lists them",
            "reason": "NoSuchEnvironment",
        },
    )


async def test_an_image_that_cannot_be_had_fails_the_preparation_with_the_reason(server, project):
    compute = project / "aml_config/docker.compute"
    compute.write_text("type: localdocker\nbaseDockerImage: 127.0.0.1:1/none:1\n")
    told = await until_ended(server, await begin(server, project))
    assert told["state"] == "failed"
    assert told["message"] == (
        "expected the Docker image 127.0.0.1:1/none:1 on the engine or from 127.0.0.1:1, got no answer from there "
        '(Get "http://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused) - '
        "check the engine's network and proxy, or bring the image along with `docker save` and `docker load`"
    )


async def test_a_preparation_that_is_cancelled_leaves_nothing_behind(
    fresh_server, fresh_project, tmp_path, isolated_owner
):
    held = a_held_package(tmp_path / "packages").files[0]
    (fresh_project / "aml_config/conda_dependencies.yml").write_text(f"dependencies:\n- pip:\n  - {held}\n")
    id_ = await begin(fresh_server, fresh_project)

    async def is_held() -> bool:
        _, told = await ask(fresh_server, "GET", f"preparations/{id_}")
        return str(told["progress"]["message"]).startswith("Building held")

    await until("the package is being built", is_held)
    status, told = await ask(fresh_server, "DELETE", f"preparations/{id_}")
    assert (status, told["state"]) == (200, "cancelled")
    assert isolated_owner.containers() == []
    assert await ask(fresh_server, "GET", "environments") == (200, [])


async def test_an_environment_is_prepared_listed_and_removed(fresh_server, fresh_project, base_image, isolated_owner):
    fingerprint = await prepared(fresh_server, fresh_project, isolated_owner)
    _, (environment,) = await ask(fresh_server, "GET", "environments")
    assert environment["fingerprint"] == fingerprint
    assert (environment["image"], environment["run_configurations"]) == (base_image, ["myIris docker"])
    assert "six" in [package["name"] for package in environment["packages"]]
    status, told = await ask(fresh_server, "DELETE", f"environments/{fingerprint}")
    assert (status, told["removed"], told["kept"]) == (200, [fingerprint], [])
    assert told["bytes"] > 0
    assert await ask(fresh_server, "GET", "environments") == (200, [])


async def test_an_environment_in_which_a_kernel_runs_stays(server, project, lasting_owner):
    fingerprint = await prepared(server, project, lasting_owner)
    kernel_id = await server.start_kernel("myiris_docker")

    async def runs() -> bool:
        _, told = await ask(server, "GET", f"kernels/{kernel_id}")
        return bool(told["state"] == "running")

    await until("the kernel runs", runs)
    assert await ask(server, "DELETE", f"environments/{fingerprint}") == (
        409,
        {
            "message": f"The environment {fingerprint} stays: kernels run in it: myIris docker.",
            "reason": "EnvironmentInUse",
        },
    )


async def test_only_what_nobody_needs_is_pruned(fresh_server, fresh_project, isolated_owner):
    needed = await prepared(fresh_server, fresh_project, isolated_owner)
    status, told = await ask(fresh_server, "POST", "environments/prune")
    assert (status, told) == (200, {"removed": [], "bytes": 0, "kept": [], "unknown": []})
    (fresh_project / "aml_config/conda_dependencies.yml").write_text("dependencies:\n- pip:\n  - ipykernel\n")
    status, told = await ask(fresh_server, "POST", "environments/prune", {"older_than_days": 1})
    assert told["removed"] == []
    status, told = await ask(fresh_server, "POST", "environments/prune", {})
    assert (status, told.get("removed")) == (200, [needed]), told


async def test_a_start_that_is_being_prepared_is_shown_and_cancelled(server, project, tmp_path):
    held = a_held_package(tmp_path / "packages").files[0]
    (project / "aml_config/conda_dependencies.yml").write_text(f"dependencies:\n- pip:\n  - {held}\n")
    kernel_id = await server.start_kernel("myiris_docker")

    async def is_held() -> dict[str, Any] | None:
        _, told = await ask(server, "GET", f"kernels/{kernel_id}")
        return told if str((told["progress"] or {}).get("message")).startswith("Building held") else None

    told = await until("the package is being built", is_held)
    assert (told["state"], told["target_type"], told["progress"]["step"]) == ("preparing", "docker", "environment")
    assert await ask(server, "POST", f"kernels/{kernel_id}/cancel") == (204, None)
    assert (await ask(server, "GET", f"kernels/{kernel_id}"))[0] == 404


async def test_the_log_of_a_start_has_what_the_installer_said(server, project, tmp_path, lasting_owner):
    package = a_package(tmp_path / "packages" / "logged", text=str(uuid.uuid4())).files[0]
    (project / "aml_config/conda_dependencies.yml").write_text(f"dependencies:\n- pip:\n  - {package}\n")
    kernel_id = await server.start_kernel("myiris_docker")

    async def runs() -> bool:
        _, told = await ask(server, "GET", f"kernels/{kernel_id}")
        return bool(told["state"] == "running")

    await until("the kernel runs", runs)
    await server.request("DELETE", f"api/kernels/{kernel_id}")
    await until_builder_is_gone(lasting_owner)
    status, told = await ask(server, "GET", f"kernels/{kernel_id}/log")
    texts = [line["text"] for line in told["lines"]]
    assert (status, told["left_out"]) == (200, 0)
    (installed,) = [place for place, text in enumerate(texts) if text.startswith(" + logged==1.0 ")]
    assert texts.index("Resolving packages") < installed < texts.index("Starting the kernel"), texts


async def test_a_target_is_tested_point_by_point(server, project):
    status, told = await ask(server, "POST", "targets/test", {"project_dir": str(project), "name": "docker"})
    assert status == 200
    assert [check["name"] for check in told if not check["ok"]] == []
    assert told[0]["name"] == "engine"
