"""What `workbench computetarget test` finds on a real engine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from jupyter_workbench.config.models import DockerCompute
from jupyter_workbench.config.project import Entry, Project
from jupyter_workbench.targets.docker.checks import checks
from jupyter_workbench.targets.docker.images.pythons import ask

pytestmark = pytest.mark.live

PROJECT = Project("myIris", Path("/nowhere"), None, (), ())


def entry(image: str, **keys: object) -> Entry:
    compute = DockerCompute(name="docker", **({"baseDockerImage": image} | keys))
    return Entry(name="docker", file="aml_config/docker.runconfig", compute=compute)


async def test_a_target_that_works(engine_environment, base_image):
    found = await checks(PROJECT, entry(base_image), engine_environment)
    assert [(check.name, check.ok, check.fix) for check in found] == [
        ("engine", True, None),
        ("image", True, None),
        ("Python", True, None),
        ("disk", True, None),
    ]
    engine, image, python, disk = (check.message for check in found)
    assert re.fullmatch(rf"(Docker|Podman) \S+ at {engine_environment['DOCKER_HOST']} \(\w+\)", engine)
    assert image == f"{base_image} is on the engine"
    assert re.fullmatch(r"/usr/bin/python3 is Python 3\.\d+\.\d+ \(glibc\)", python)
    assert re.fullmatch(r"\d+\.\d GB are free on the engine", disk)


async def test_a_disk_that_is_nearly_full(engine_environment, base_image, monkeypatch):
    async def ask_a_full_one(engine, image, image_id, python, code):
        return b"300000000" if "statvfs" in code else await ask(engine, image, image_id, python, code)

    monkeypatch.setattr("jupyter_workbench.targets.docker.images.pythons.ask", ask_a_full_one)
    disk = (await checks(PROJECT, entry(base_image), engine_environment))[-1]
    assert (disk.name, disk.ok, disk.message, disk.fix) == (
        "disk",
        False,
        "expected 2 GB for an environment; 0.3 GB are free on the engine",
        "remove environments with `workbench environment prune`, or images with `docker image prune`",
    )


async def test_an_engine_without_gpus(engine_environment, base_image):
    gpu = (await checks(PROJECT, entry(base_image, nvidiaDocker=True), engine_environment))[1]
    assert (gpu.name, gpu.ok, gpu.fix) == (
        "GPU",
        False,
        "install nvidia-container-toolkit on its machine, or set nvidiaDocker to false",
    )


async def test_an_image_at_a_registry_can_be_pulled(engine_environment, docker_client, registry):
    name = registry.push_layers(docker_client, 1000)
    image = (await checks(PROJECT, entry(name), engine_environment))[-1]
    assert (image.ok, image.message) == (
        True,
        f"{name} is not on the engine, and can be pulled: the first start does that",
    )


async def test_an_image_that_nobody_has(engine_environment, registry):
    name = f"{registry.address}/nothing:1"
    image = (await checks(PROJECT, entry(name), engine_environment))[-1]
    assert (image.name, image.ok) == ("image", False)
    assert image.fix == f"correct the name, or build it with `docker build -t {name} FOLDER`"
