"""The Python of an image, asked in a container of it that is gone again at once."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from jupyter_workbench.errors import TargetError
from jupyter_workbench.targets.docker import labels
from jupyter_workbench.targets.docker.engines.removing import remove_container
from jupyter_workbench.targets.docker.servers import this_server
from jupyter_workbench.targets.progress import Progress, Report

if TYPE_CHECKING:
    import docker

    from jupyter_workbench.targets.docker.engines.engine import Engine

OLDEST = (3, 8)
"""The oldest Python that our in-kernel package runs on."""

NAMES = ("python3", "python")
ANSWER_SECONDS = 30.0

# Runs on every Python since 2.6. C libraries other than glibc do not know the name of its version.
_QUESTION = """\
import json, os, platform, sys
try:
    libc = "glibc" if os.confstr("CS_GNU_LIBC_VERSION") else "musl"
except (AttributeError, OSError, ValueError):
    libc = "musl"
sys.stdout.write(json.dumps([sys.executable, list(sys.version_info[:3]), libc, platform.machine()]))
"""
_NOT_THERE = re.compile(r"executable file|no such file|not found|stat ", re.IGNORECASE)


@dataclass(frozen=True)
class ImagePython:
    """An interpreter of an image: its path there, ``3.11.2``, the C library and `uname -m` that wheels must fit."""

    executable: str
    version: str
    libc: Literal["glibc", "musl"]
    architecture: str


_known: dict[str, ImagePython] = {}
"""By the id of the image, which is that of its content."""


async def image_python(engine: Engine, image: str, image_id: str, report: Report) -> ImagePython:
    """Return the Python of an image, asked once for each image in a process.

    ``image`` is its name, for messages. Raises `TargetError` for an image without a Python, or with one too old.
    """
    if image_id not in _known:
        report(Progress("image", f"Looking for the Python of {image}"))
        _known[image_id] = await _first_answer(engine, image, image_id)
    return _known[image_id]


async def ask(engine: Engine, image: str, image_id: str, python: str, code: str) -> bytes | None:
    """Return what code prints in a Python of an image, or None when that has no Python of this name or path."""
    return await engine.call(lambda client: _run(client, image, image_id, (python, "-c", code)))


async def _first_answer(engine: Engine, image: str, image_id: str) -> ImagePython:
    for name in NAMES:
        if (answer := await ask(engine, image, image_id, name, _QUESTION)) is not None:
            return _understood(image, name, answer)
    raise TargetError(
        f"expected Python {OLDEST[0]}.{OLDEST[1]} or newer in the Docker image {image}, "
        f"got an image without `python3` and `python` on its PATH - choose one with Python, such as python:3.12"
    )


def _understood(image: str, name: str, answer: bytes) -> ImagePython:
    try:
        executable, version, libc, architecture = json.loads(answer)
    except ValueError:
        raise _unusable(image, f"`{name}` that did not answer as one") from None
    words = ".".join(map(str, version))
    if tuple(version) < OLDEST:
        raise TargetError(
            f"expected Python {OLDEST[0]}.{OLDEST[1]} or newer in the Docker image {image}, got Python {words} - "
            f"choose an image with a newer one, such as python:3.12"
        )
    return ImagePython(executable or name, words, libc, architecture)


def _unusable(image: str, got: str) -> TargetError:
    return TargetError(
        f"expected a Python in the Docker image {image}, got {got} - "
        f"try it with `docker run --rm --entrypoint python3 {image} --version`"
    )


def _run(client: docker.DockerClient, image: str, image_id: str, command: tuple[str, ...]) -> bytes | None:
    """Return what a Python of the image printed, or None when there is none of that name. Leaves no container."""
    import docker.errors

    name = f"jupyter-workbench-probe-{secrets.token_hex(6)}"
    try:
        client.api.create_container_from_config(_settings(image_id, command), name)
        try:
            client.api.start(name)
        except docker.errors.APIError as error:
            words = error.explanation or str(error)
            if _NOT_THERE.search(words):
                return None
            raise _unusable(image, f"a container that does not start ({words.strip()})") from error
        return _answer(client, image, command[0], name)
    finally:
        remove_container(client, name)


def _answer(client: docker.DockerClient, image: str, python: str, container: str) -> bytes:
    import requests

    try:
        code = client.api.wait(container, timeout=ANSWER_SECONDS)["StatusCode"]
    except (requests.Timeout, requests.ConnectionError):
        # requests tells a wait that took too long as a connection that failed. Of a real one the next call tells.
        client.ping()
        raise _unusable(image, f"`{python}` without an answer in {ANSWER_SECONDS:.0f} s") from None
    if code:
        tail = client.api.logs(container, tail=1).decode("utf-8", "replace").strip()
        raise _unusable(image, f"`{python}` that ended with exit code {code} ({tail})")
    return bytes(client.api.logs(container, stdout=True, stderr=False))


def _settings(image_id: str, command: tuple[str, ...]) -> dict[str, Any]:
    return {
        "Image": image_id,
        "Entrypoint": list(command),
        "Cmd": [],
        "WorkingDir": "/",
        "Labels": {labels.KIND: "probe", labels.OWNER: labels.owner(), labels.SERVER: this_server()},
        "HostConfig": {"NetworkMode": "none"},
    }
