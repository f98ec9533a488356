"""An image whose Python has no compiled library, as those of docker.io/python: its kernels read what was kept of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from .projects import build, docker_project

KERNEL = "myiris_docker"

DELETE = "for folder in $(find /usr /opt -type d -name __pycache__); do rm -r $folder; done"

OPENED = """
import os, sys
opened = []
sys.addaudithook(lambda event, details: event == "open" and opened.append(str(details[0])))
import wave, mine
print([path for path in opened if "wave" in path])
print(os.path.exists(wave.__cached__), os.listdir("__pycache__") == [os.path.basename(mine.__cached__)])
"""


@pytest.fixture
def uncompiled_image(base_image: str, docker_client: docker.DockerClient) -> Iterator[str]:
    """The base image without the compiled files of its Python."""
    name = f"{base_image.partition(':')[0]}-uncompiled:test"
    made = docker_client.containers.run(base_image, ["sh", "-c", DELETE], detach=True)
    try:
        assert made.wait()["StatusCode"] == 0
        image = made.commit(*name.split(":"))
    finally:
        made.remove(force=True)
    yield name
    docker_client.images.remove(image.id, force=True)


@pytest.fixture
async def project(tmp_path: Path, uncompiled_image: str, engine_environment: dict[str, str]) -> Path:
    """Write a project called myIris, whose environment is there."""
    project = docker_project(tmp_path / "root" / "myIris", uncompiled_image)
    (project / "mine.py").write_text("VALUE = 1\n")
    await build(project)
    return project


async def test_a_kernel_reads_the_compiled_library_and_keeps_modules_of_the_user_where_they_belong(
    server, docker_client, uncompiled_image
):
    async with server.kernel(await server.start_kernel(KERNEL)) as kernel:
        reply = await kernel.run(OPENED)
        loader = await kernel.run("import json; print(type(json.decoder.__loader__).__name__)")
    image_id = docker_client.images.get(uncompiled_image).id.partition(":")[2]
    library = f"/jupyter-workbench/compiled/{image_id[:16]}/3."
    opened, others = reply.text.splitlines()
    assert opened.startswith(f"['{library}")
    assert opened.endswith(".pyc']"), "the source was not read"
    assert others == "False True"
    assert loader.text == "LibraryLoader\n"
