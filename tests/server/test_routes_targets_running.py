"""Docker targets are started and stopped; what is theirs ends, and what is others' goes on."""

from __future__ import annotations

import asyncio
import sys
from types import SimpleNamespace

import pytest

from jupyter_workbench.kernels.progress import KernelProgress, board
from jupyter_workbench.server import target_events
from jupyter_workbench.server.routes.targets import running

DOCKER = {
    "docker.compute": "type: localdocker\n",
    "docker.runconfig": "Target: docker\nFramework: Python\n",
    "more.runconfig": "Target: docker\nFramework: Python\n",
    "broken.runconfig": "Target: docker\nFramework: Pythn\n",
}


@pytest.fixture
def in_docker(my_iris):
    """The body that names a Docker target of the project, which three run configurations use."""
    for name, text in DOCKER.items():
        (my_iris / "aml_config" / name).write_text(text)
    return {"project_dir": str(my_iris), "name": "docker"}


@pytest.fixture(autouse=True)
def no_engine(tmp_path, monkeypatch):
    """No Docker engine answers."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    monkeypatch.delenv("DOCKER_CONTEXT", raising=False)


@pytest.fixture
def told_of_targets(an_api):
    """What front ends are told of the compute targets, as it is told."""
    told = []

    async def hear(logger, schema_id, data):
        told.append(data)

    an_api.app.event_logger.add_listener(schema_id=target_events.SCHEMA_ID, listener=hear)
    return told


async def is_stopped(an_api, my_iris):
    told = (await an_api.get("targets", project_dir=str(my_iris))).body
    return {target["name"]: target["stopped"] for target in told}["docker"]


def tell(project, run_configuration, state):
    board.report(KernelProgress("k", project.name, str(project), run_configuration, state, None, 0, None))


@pytest.mark.parametrize("deed", ["start", "stop"])
async def test_a_python_of_this_machine_is_neither_started_nor_stopped(an_api, my_iris, deed):
    told = await an_api.post(f"targets/{deed}", {"project_dir": str(my_iris), "name": "local"})
    assert (told.status, told.body) == (
        409,
        {
            "message": "expected a Docker target, got local (local) - "
            "only targets with an engine are started and stopped",
            "reason": "NothingToStart",
        },
    )


async def test_a_start_prepares_every_run_configuration_that_can_be_prepared(an_api, a_workshop, in_docker):
    told = await an_api.post("targets/start", in_docker)
    begun = [one["run_configuration"] for one in told.body["preparations"]]
    assert (told.status, begun) == (202, ["docker", "more"])
    assert len(a_workshop.begun) == 2


async def test_a_start_without_run_configurations_says_why_the_engine_does_not_answer(an_api, my_iris, tmp_path):
    (my_iris / "aml_config" / "lonely.compute").write_text("type: localdocker\n")
    told = await an_api.post("targets/start", {"project_dir": str(my_iris), "name": "lonely"})
    assert (told.status, told.body["reason"]) == (409, "EngineError")
    assert f"expected a Docker engine at unix://{tmp_path}/none.sock" in told.body["message"]


async def test_a_stop_cancels_preparations_and_says_what_it_could_not_look_at(an_api, my_iris, a_workshop, in_docker):
    begun = (await an_api.post("targets/start", in_docker)).body["preparations"]
    told = await an_api.post("targets/stop", in_docker)
    assert told.status == 200
    assert told.body["preparations"] == [one["id"] for one in begun]
    assert all(one.outcome.cancelled() for one in a_workshop.begun)
    assert (told.body["kernels"], told.body["removed"], told.body["others"]) == ([], [], [])
    assert "expected a Docker engine at unix://" in told.body["unknown"][0]
    assert await is_stopped(an_api, my_iris)


async def test_a_kernel_that_cannot_be_shut_down_is_told_and_keeps_no_other(an_api, my_iris, in_docker, monkeypatch):
    async def two_kernels(*_):
        kernel = SimpleNamespace(provisioner=None)
        return [("stuck", kernel), ("willing", kernel)]

    shut_down = []

    async def shutdown_kernel(kernel_id):
        if kernel_id == "stuck":
            raise OSError("the engine does not answer")
        shut_down.append(kernel_id)

    monkeypatch.setattr(running, "kernels_on", two_kernels)
    monkeypatch.setattr(an_api.app.kernel_manager, "shutdown_kernel", shutdown_kernel)
    told = await an_api.post("targets/stop", in_docker)
    assert (told.status, told.body["kernels"], shut_down) == (200, ["willing"], ["willing"])
    assert told.body["failed"] == ["Kernel stuck could not be shut down: the engine does not answer"]
    assert not await is_stopped(an_api, my_iris)


@pytest.mark.parametrize("way", ["start", "kernel"])
async def test_a_stopped_target_is_so_until_it_or_a_kernel_on_it_starts(an_api, my_iris, a_workshop, in_docker, way):
    await an_api.post("targets/stop", in_docker)
    assert await is_stopped(an_api, my_iris)
    tell(my_iris, "local", "preparing")
    tell(my_iris, "docker", "dead")
    tell(my_iris.parent / "another" / my_iris.name, "docker", "preparing")
    assert await is_stopped(an_api, my_iris)
    if way == "start":
        await an_api.post("targets/start", in_docker)
    else:
        tell(my_iris, "more", "preparing")
    assert not await is_stopped(an_api, my_iris)


@pytest.mark.parametrize("way", ["start", "kernel"])
async def test_every_page_is_told_when_a_target_is_stopped_and_started(
    an_api, my_iris, a_workshop, in_docker, told_of_targets, way
):
    await an_api.post("targets/stop", in_docker)
    assert told_of_targets == [{"project_dir": str(my_iris)}]
    if way == "start":
        await an_api.post("targets/start", in_docker)
    else:
        tell(my_iris, "more", "preparing")
        tell(my_iris, "more", "starting")
        await asyncio.sleep(0)
    assert told_of_targets == [{"project_dir": str(my_iris)}] * 2


async def test_a_start_of_a_target_that_is_started_is_no_news(an_api, my_iris, a_workshop, in_docker, told_of_targets):
    await an_api.post("targets/start", in_docker)
    assert told_of_targets == []


async def test_an_engine_that_refuses_has_failed_and_one_that_is_not_there_is_stopped(
    an_api, my_iris, in_docker, tmp_path
):
    async def engines():
        told = (await an_api.get("environments/states", project_dir=str(my_iris))).body
        return {one["engine"] for one in told if one["run_configuration"] == "docker"}

    assert await engines() == {"stopped"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOCKER_HOST", "nonsense")
        assert await engines() == {"failed"}


async def test_the_details_of_this_machine_are_its_own(an_api, my_iris):
    told = (await an_api.get("targets/details", project_dir=str(my_iris), name="local")).body
    assert told["python"] == sys.executable
    assert told["cores"] >= 1
    assert told["memory"] > 2**28
    assert told["disk"]["folder"] == str(my_iris)
    assert told["disk"]["total"] > told["disk"]["free"] > 0
    assert (told["image"], told["problem"]) == (None, None)


async def test_the_details_of_a_python_that_is_not_there_say_so(an_api, my_iris):
    (my_iris / "aml_config" / "local.compute").write_text("type: local\npythonLocation: /no/such/python\n")
    told = (await an_api.get("targets/details", project_dir=str(my_iris), name="local")).body
    assert (told["python"], told["problem"]) == (
        None,
        "expected a Python interpreter, got /no/such/python, which does not exist - "
        "name one that does, or `python` for the active one",
    )


async def test_the_details_of_an_engine_that_does_not_answer_say_why(an_api, my_iris, in_docker):
    told = (await an_api.get("targets/details", project_dir=str(my_iris), name="docker")).body
    assert "expected a Docker engine at unix://" in told.pop("problem")
    assert set(told.values()) == {None}


async def test_details_are_those_of_one_target(an_api, my_iris):
    told = await an_api.get("targets/details", project_dir=str(my_iris))
    assert (told.status, told.body["message"]) == (400, "name: expected a text, got nothing - write name=docker")


async def test_a_page_of_others_cannot_have_a_python_of_a_project_run(an_api, my_iris):
    python, ran = my_iris / "python.sh", my_iris / "ran"
    python.write_text(f"#!/bin/sh\ntouch '{ran}'\n")
    python.chmod(0o755)
    (my_iris / "aml_config" / "local.compute").write_text("type: local\npythonLocation: ./python.sh\n")
    path = f"workbench/api/targets/details?project_dir={my_iris}&name=local"
    user = {"Authorization": "", "Cookie": (await an_api.fetch("workbench/api/projects")).headers["Set-Cookie"]}
    assert (await an_api.fetch(path, headers={**user, "Referer": "https://evil.example/page"})).code == 403
    assert not ran.exists()
    assert (await an_api.fetch(path, headers={**user, "Referer": an_api.url})).code == 200
    assert ran.exists()
