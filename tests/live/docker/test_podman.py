"""Podman's Docker-compatible service is an engine too."""

from __future__ import annotations

import os

import pytest

from jupyter_workbench.errors import TargetError
from jupyter_workbench.targets.docker.checks import gpu_problem
from jupyter_workbench.targets.docker.engines.engine import connect
from jupyter_workbench.targets.docker.images.images import ensure_image, image_id
from jupyter_workbench.targets.docker.images.pythons import image_python
from jupyter_workbench.targets.progress import quiet

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("podman_engine")]


async def test_it_is_known_and_keeps_its_id():
    engine = await connect(dict(os.environ))
    known = engine.id
    assert (engine.is_podman, engine.is_rootless) == (True, False)
    await engine.close()
    assert (await connect(dict(os.environ))).id == known


async def test_an_image_is_known_by_the_same_id_as_everywhere(base_image, docker_client):
    engine = await connect(dict(os.environ))
    assert await ensure_image(engine, base_image, quiet) == await image_id(engine, base_image)
    assert await image_id(engine, base_image) == docker_client.images.get(base_image).id


async def test_the_python_of_an_image_is_asked(base_image):
    engine = await connect(dict(os.environ))
    python = await image_python(engine, base_image, await image_id(engine, base_image), quiet)
    assert (python.executable, python.libc) == ("/usr/bin/python3", "glibc")


async def test_an_image_that_cannot_be_pulled(unused_tcp_port):
    address = f"127.0.0.1:{unused_tcp_port}"
    with pytest.raises(TargetError) as caught:
        await ensure_image(await connect(dict(os.environ)), f"{address}/base:1", quiet)
    message = str(caught.value)
    assert message.startswith(
        f"expected the Docker image {address}/base:1 on the engine or from {address}, got no answer"
    )
    assert message.endswith(
        "- check the engine's network and proxy, or bring the image along with `docker save` and `docker load`"
    )


async def test_a_name_that_cannot_be_one():
    with pytest.raises(TargetError) as caught:
        await ensure_image(await connect(dict(os.environ)), "microsoft/mmlspark::plus", quiet)
    assert str(caught.value) == "expected the name of a Docker image, got microsoft/mmlspark::plus - write NAME:TAG"


async def test_a_stream_ends_with_its_container(base_image):
    engine = await connect(dict(os.environ))
    container = await engine.call(lambda client: client.containers.run(base_image, ["echo", "one"], detach=True))
    lines = [
        line async for line in engine.stream(lambda client: client.api.logs(container.id, stream=True, follow=True))
    ]
    assert b"".join(lines) == b"one\n"
    await engine.call(lambda client: client.api.remove_container(container.id, force=True))


async def test_it_says_when_it_has_no_runtime_for_gpus():
    problem = await gpu_problem(await connect(dict(os.environ)))
    assert problem is not None
    assert problem.startswith(
        "expected a Docker engine with NVIDIA's container runtime, got one with the runtimes crun"
    )
