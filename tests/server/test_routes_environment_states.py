"""What is answered without an engine that answers; `tests/live/docker/test_docker_states.py` has the rest."""

from __future__ import annotations

import asyncio

import pytest

from jupyter_workbench.config.project import load
from jupyter_workbench.server.environment_states import EnvironmentStates

DOCKER = {"docker.compute": "type: localdocker\n", "docker.runconfig": "Target: docker\nFramework: Python\n"}


@pytest.fixture
def no_engine(monkeypatch, tmp_path) -> str:
    """Where the docker command would look for an engine, and there is none."""
    for name in ("DOCKER_CONTEXT", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    return f"unix://{tmp_path}/none.sock"


def add(project, files):
    for name, text in files.items():
        (project / "aml_config" / name).write_text(text)


async def test_a_project_has_to_be_named(an_api):
    assert (await an_api.get("environments/states")).status == 400


async def test_nothing_is_prepared_for_the_python_of_this_machine_and_no_engine_is_asked(an_api, my_iris, no_engine):
    told = await an_api.get("environments/states", project_dir=str(my_iris))
    assert told.body == [
        {
            "run_configuration": "local",
            "state": "unneeded",
            "message": None,
            "fingerprint": None,
            "changes": [],
            "engine": None,
        }
    ]


async def test_an_engine_that_does_not_answer_is_said_beside_what_needs_it(an_api, my_iris, no_engine):
    add(my_iris, DOCKER)
    docker, local = (await an_api.get("environments/states", project_dir=str(my_iris))).body
    assert docker == {
        "run_configuration": "docker",
        "state": "unknown",
        "message": f"DOCKER_HOST: expected a Docker engine at {no_engine}, "
        f"got no answer (No such file or directory) - start it, or correct DOCKER_HOST",
        "fingerprint": None,
        "changes": [],
        "engine": "stopped",
    }
    assert local["state"] == "unneeded"


async def test_nobody_knows_what_files_with_problems_need(an_api, my_iris, no_engine):
    add(my_iris, {**DOCKER, "docker.runconfig": "Target: docker\nFramework: Pythn\n"})
    docker, _ = (await an_api.get("environments/states", project_dir=str(my_iris))).body
    assert (docker["state"], docker["message"], docker["engine"]) == ("unknown", "Its files have problems", None)


async def test_a_server_that_stops_ends_the_looks_that_are_under_way(my_iris, monkeypatch):
    looking, undone = asyncio.Event(), []

    async def look(states, project):
        looking.set()
        try:
            await asyncio.Event().wait()
        finally:
            undone.append(project.name)

    states = EnvironmentStates()
    monkeypatch.setattr(EnvironmentStates, "_look", look)
    asked = asyncio.create_task(states.of(load(my_iris)))
    await looking.wait()
    await states.close()
    assert undone == ["myIris"]
    assert (await asyncio.gather(asked, return_exceptions=True))[0].__class__ is asyncio.CancelledError
    await states.close()  # there is nothing to wait for
