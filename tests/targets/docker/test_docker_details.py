"""What a Docker target has, as its engine tells it."""

from __future__ import annotations

import pytest
from docker_on_paper import INFO

from jupyter_workbench.config.models import DockerCompute
from jupyter_workbench.errors import TargetError
from jupyter_workbench.targets.details import Image
from jupyter_workbench.targets.docker.details import details

IMAGE = "/images/debian:12/json"


@pytest.fixture
def ask(an_engine, tmp_path):
    """Ask for the details of a target with an image, and with what its file says more."""
    environment = {"HOME": str(tmp_path), "DOCKER_HOST": an_engine.host}
    an_engine.answers |= {"/info": {**INFO, "NCPU": 8, "MemTotal": 16 * 1024**3, "DockerRootDir": "/no/such/folder"}}
    return lambda image="debian:12", **more: details(
        DockerCompute.model_validate({"name": "docker", "baseDockerImage": image, **more}), environment
    )


async def test_a_kernel_gets_what_the_engine_has_unless_its_file_says_less(an_engine, ask):
    an_engine.answers[IMAGE] = {"Id": "sha256:1", "Size": 5}
    told = await ask()
    assert (told.cores, told.memory, told.disk) == (8, 16 * 1024**3, None)
    assert told.image == Image("debian:12", "sha256:1", 5)
    told = await ask(cpus="1.5", memory="4g")
    assert (told.cores, told.memory) == (1.5, 4 * 1024**3)


@pytest.mark.parametrize("words", ["No such image: debian:12", "debian:12: image not known"])
async def test_an_image_that_the_engine_does_not_have_has_a_name_only(an_engine, ask, words):
    an_engine.answers[IMAGE] = lambda handler: handler.reply({"message": words}, 404)
    assert (await ask()).image == Image("debian:12")


async def test_a_name_that_the_engine_takes_for_none_says_so(an_engine, ask):
    refusal = {"message": "invalid reference format"}
    an_engine.answers["/images/a..b/json"] = lambda handler: handler.reply(refusal, 400)
    with pytest.raises(TargetError, match=r"^expected the name of a Docker image, got a\.\.b - write NAME:TAG$"):
        await ask("a..b")
