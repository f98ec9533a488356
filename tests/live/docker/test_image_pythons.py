"""The Python of real images: there, missing, too old, broken; asked without a shell, and no container is left."""

from __future__ import annotations

import io
import tarfile
import uuid
from collections.abc import Callable, Iterator

import docker
import pytest

from jupyter_workbench.errors import TargetError
from jupyter_workbench.targets.docker.engines.engine import connect
from jupyter_workbench.targets.docker.images.images import image_id
from jupyter_workbench.targets.docker.images.pythons import ImagePython, image_python
from jupyter_workbench.targets.progress import Progress, quiet

pytestmark = pytest.mark.live

OLD = '#!/bin/sh\necho \'["/usr/bin/python3", [3, 6, 9], "glibc", "x86_64"]\'\n'
BROKEN = "#!/bin/sh\necho cannot load libpython >&2\nexit 7\n"
TALKATIVE = "#!/bin/sh\necho Welcome\n"


@pytest.fixture
def make_image(docker_client: docker.DockerClient, base_image: str) -> Iterator[Callable[..., str]]:
    """Make an image of the base one with another `python3`, or of files alone."""
    made: list[str] = []

    def make(python3: str | None = None, *, entrypoint: list[str] | None = None) -> str:
        name = f"workbench-test-{uuid.uuid4().hex[:12]}"
        if python3 is None:
            docker_client.api.import_image_from_data(_tar("file", "content"), name, "latest")
        else:
            container = docker_client.api.create_container(base_image, ["true"])["Id"]
            docker_client.api.put_archive(container, "/usr/local/bin", _tar("python3", python3))
            settings = {"Entrypoint": entrypoint} if entrypoint else None
            docker_client.api.commit(container, repository=name, conf=settings)
            docker_client.api.remove_container(container)
        made.append(name)
        return name

    yield make
    for name in made:
        docker_client.api.remove_image(name, force=True)


def _tar(name: str, text: str) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as tar:
        member = tarfile.TarInfo(name)
        member.size, member.mode = len(text.encode()), 0o755
        tar.addfile(member, io.BytesIO(text.encode()))
    return content.getvalue()


async def refused(environment: dict[str, str], image: str) -> str:
    engine = await connect(environment)
    identifier = await image_id(engine, image)
    assert identifier is not None
    with pytest.raises(TargetError) as caught:
        await image_python(engine, image, identifier, quiet)
    return str(caught.value)


async def test_an_image_without_python(engine_environment, make_image):
    image = make_image()
    assert await refused(engine_environment, image) == (
        f"expected Python 3.8 or newer in the Docker image {image}, got an image without `python3` and `python` on its "
        f"PATH - choose one with Python, such as python:3.12"
    )


async def test_an_image_with_a_python_that_is_too_old(engine_environment, make_image):
    image = make_image(OLD)
    assert await refused(engine_environment, image) == (
        f"expected Python 3.8 or newer in the Docker image {image}, got Python 3.6.9 - "
        f"choose an image with a newer one, such as python:3.12"
    )


@pytest.mark.parametrize(
    ("python", "got"),
    [
        (BROKEN, "`python3` that ended with exit code 7 (cannot load libpython)"),
        (TALKATIVE, "`python3` that did not answer as one"),
    ],
)
async def test_an_image_whose_python_does_not_work(engine_environment, make_image, python, got):
    image = make_image(python)
    assert await refused(engine_environment, image) == (
        f"expected a Python in the Docker image {image}, got {got} - "
        f"try it with `docker run --rm --entrypoint python3 {image} --version`"
    )


async def test_a_python_that_never_answers(engine_environment, make_image, monkeypatch):
    monkeypatch.setattr("jupyter_workbench.targets.docker.images.pythons.ANSWER_SECONDS", 1)
    image = make_image("#!/bin/sh\nexec sleep 1000\n")
    assert await refused(engine_environment, image) == (
        f"expected a Python in the Docker image {image}, got `python3` without an answer in 1 s - "
        f"try it with `docker run --rm --entrypoint python3 {image} --version`"
    )


async def test_a_failure_is_asked_again(engine_environment, make_image):
    image = make_image(OLD)
    assert await refused(engine_environment, image) == await refused(engine_environment, image)


async def test_the_python_of_the_base_image_is_asked_once(engine_environment, base_image):
    engine = await connect(engine_environment)
    identifier = await image_id(engine, base_image)
    steps: list[Progress] = []
    python = await image_python(engine, base_image, identifier, steps.append)
    assert python == ImagePython("/usr/bin/python3", python.version, "glibc", engine.architecture)
    assert python.version.startswith("3.")
    assert await image_python(engine, base_image, identifier, steps.append) is python
    assert len(steps) <= 1


async def test_the_entrypoint_of_an_image_has_no_say(engine_environment, make_image):
    image = make_image(
        "#!/usr/bin/python3\nimport os, sys\nos.execv('/usr/bin/python3', sys.argv)", entrypoint=["sleep"]
    )
    engine = await connect(engine_environment)
    identifier = await image_id(engine, image)
    assert (await image_python(engine, image, identifier, quiet)).version.startswith("3.")
