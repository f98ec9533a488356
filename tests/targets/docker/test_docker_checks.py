"""What is said of a Docker compute target before a kernel starts."""

from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from docker_on_paper import INFO, VERSION, running

from jupyter_workbench.config.models import DockerCompute
from jupyter_workbench.config.project import Entry, Project
from jupyter_workbench.targets.check import Check
from jupyter_workbench.targets.docker.checks import checks, gpu_problem, problems
from jupyter_workbench.targets.docker.engines import reach
from jupyter_workbench.targets.docker.engines.engine import connect

PROJECT = Project("myIris", Path("/nowhere"), None, (), ())


def entry(**keys: object) -> Entry:
    compute = DockerCompute(name="docker", **({"baseDockerImage": "debian:12"} | keys))
    places = {"type": ("aml_config/docker.compute", 1)}
    return Entry(name="docker", file="aml_config/docker.runconfig", compute=compute, locations=places)


@pytest.fixture(autouse=True)
def no_answers_of_others(monkeypatch):
    """Begin without what other tests found out."""
    monkeypatch.setattr(reach, "_answers", {})


def environment(home: Path, host: str) -> dict[str, str]:
    return {"HOME": str(home), "DOCKER_HOST": host}


async def test_an_engine_out_of_reach_is_a_problem_of_the_compute_file(tmp_path, short_folder):
    host = f"unix://{short_folder}/docker.sock"
    (problem,) = await problems(PROJECT, entry(), environment(tmp_path, host))
    assert str(problem) == (
        f"aml_config/docker.compute:1: type: DOCKER_HOST: expected a Docker engine at {host}, "
        f"got no answer (No such file or directory) - start it, or correct DOCKER_HOST"
    )


async def test_a_wrong_docker_host_is_a_problem(tmp_path):
    (problem,) = await problems(PROJECT, entry(), environment(tmp_path, "htp:/x"))
    assert str(problem) == (
        "aml_config/docker.compute:1: type: DOCKER_HOST: expected unix:///path/of/the/socket or tcp://host:port, "
        "got htp:/x - correct it, or unset it"
    )


async def test_a_port_that_refuses_is_a_problem(tmp_path, unused_tcp_port):
    host = f"tcp://127.0.0.1:{unused_tcp_port}"
    (problem,) = await problems(PROJECT, entry(), environment(tmp_path, host))
    assert str(problem).endswith("got no answer (Connection refused) - start it, or correct DOCKER_HOST")


async def test_an_engine_that_can_be_reached_is_none(tmp_path, an_engine):
    assert await problems(PROJECT, entry(), environment(tmp_path, an_engine.host)) == ()


async def test_what_was_found_out_holds_for_five_seconds(tmp_path, short_folder, monkeypatch):
    path = short_folder / "docker.sock"
    variables = environment(tmp_path, f"unix://{path}")
    now = time.monotonic()
    monkeypatch.setattr(reach, "time", SimpleNamespace(monotonic=lambda: now))
    with running(path):
        assert await problems(PROJECT, entry(), variables) == ()
    now += 4.9
    assert await problems(PROJECT, entry(), variables) == ()
    now += 0.2
    assert len(await problems(PROJECT, entry(), variables)) == 1


async def test_an_engine_that_does_not_answer_is_the_only_line(tmp_path, short_folder):
    host = f"unix://{short_folder}/docker.sock"
    message = f"DOCKER_HOST: expected a Docker engine at {host}, got no answer (No such file or directory)"
    fix = "start it, or correct DOCKER_HOST"
    assert await checks(PROJECT, entry(), environment(tmp_path, host)) == [Check("engine", False, message, fix)]


async def test_an_image_that_is_not_there_can_be_pulled_or_not(tmp_path, an_engine):
    engine = Check("engine", True, f"Docker 20.10.24 at {an_engine.host} (x86_64)")
    missing = lambda request: request.reply({"message": "No such image: debian:12"}, 404)  # noqa: E731
    an_engine.answers["/images/debian:12/json"] = missing
    an_engine.answers["/distribution/debian:12/json"] = {"Descriptor": {}}
    assert await checks(PROJECT, entry(), environment(tmp_path, an_engine.host)) == [
        engine,
        Check("image", True, "debian:12 is not on the engine, and can be pulled: the first start does that"),
    ]
    an_engine.answers["/distribution/debian:12/json"] = lambda request: request.reply({"message": "denied"}, 403)
    assert await checks(PROJECT, entry(), environment(tmp_path, an_engine.host)) == [
        engine,
        Check(
            "image",
            False,
            "expected the Docker image debian:12 on the engine or from Docker Hub, got no access to it (denied)",
            "check the name, and run `docker login` if the image is private",
        ),
    ]


async def test_an_engine_without_a_runtime_for_gpus(tmp_path, an_engine):
    engine = await connect(environment(tmp_path, an_engine.host))
    assert await gpu_problem(engine) == (
        "expected a Docker engine with NVIDIA's container runtime, got one with the runtimes runc - "
        "install nvidia-container-toolkit on its machine, or set nvidiaDocker to false"
    )


@pytest.mark.parametrize(
    "info",
    [
        {"Runtimes": {"runc": {}, "nvidia": {}}},
        {"DiscoveredDevices": [{"Source": "cdi", "ID": "nvidia.com/gpu=all"}]},
    ],
)
async def test_an_engine_with_gpus(tmp_path, an_engine, info):
    an_engine.answers["/info"] = INFO | info
    assert await gpu_problem(await connect(environment(tmp_path, an_engine.host))) is None


async def test_gpus_are_looked_for_only_when_they_are_wanted(tmp_path, an_engine):
    variables = environment(tmp_path, an_engine.host)
    an_engine.answers["/images/debian:12/json"] = lambda request: request.reply({"message": "none"}, 404)
    an_engine.answers["/distribution/debian:12/json"] = {"Descriptor": {}}
    assert [check.name for check in await checks(PROJECT, entry(), variables)] == ["engine", "image"]
    wanted = await checks(PROJECT, entry(nvidiaDocker=True), variables)
    assert [(check.name, check.ok) for check in wanted] == [("engine", True), ("GPU", False), ("image", True)]


async def test_a_rootless_podman_is_called_so(tmp_path, an_engine):
    podman = {"Components": [{"Name": "Podman Engine"}], "Version": "4.3.1"}
    an_engine.answers |= {"/version": VERSION | podman, "/info": INFO | {"Rootless": True}}
    an_engine.answers["/images/debian:12/json"] = lambda request: request.reply({"message": "none"}, 404)
    found = await checks(PROJECT, entry(), environment(tmp_path, an_engine.host))
    assert found[0].message == f"Podman 4.3.1 at {an_engine.host} (x86_64, rootless)"
