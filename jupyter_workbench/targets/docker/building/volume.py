"""The volume of a user on an engine: every environment, and what building one needs.

In it: ``environments/<fingerprint>/``, ``cache/`` (uv's), ``bin/uv-<version>``, ``pythons/`` (uv-managed),
``compiled/<image>/<3.11>/`` (compiled files of the library of an image's Python; empty when the image has them).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from jupyter_workbench.errors import TargetError
from jupyter_workbench.targets.docker import labels
from jupyter_workbench.targets.docker.engines.engine import Engine

VOLUME_PATH = PurePosixPath("/jupyter-workbench")
"""Where containers have the volume: kernels only to read."""

ENVIRONMENTS = VOLUME_PATH / "environments"
CACHE = VOLUME_PATH / "cache"
PYTHONS = VOLUME_PATH / "pythons"
COMPILED = VOLUME_PATH / "compiled"
PROGRAMS = VOLUME_PATH / "bin"

IDENTITY = f"{labels.PREFIX}.identity"
"""Another one in each volume of the name: who remembers what was in it sees that it is a new one."""


def volume_name() -> str:
    """Return the name of this user's volume."""
    return f"jupyter-workbench-{labels.owner()}"


def ready_file(fingerprint: str) -> PurePosixPath:
    """Return the file that stands in an environment when it is complete."""
    return ENVIRONMENTS / fingerprint / "ready.json"


def compiled_library(image_id: str) -> PurePosixPath:
    """Return where compiled files of the library are for kernels of an image, if it lacks them."""
    return COMPILED / image_id.rpartition(":")[2][:16]


async def identity(engine: Engine) -> str | None:
    """Return the identity of this user's volume; None when there is no volume. One request."""
    import docker

    name = volume_name()
    try:
        return _identity_of(await engine.call(lambda client: client.api.inspect_volume(name)))
    except docker.errors.NotFound:
        return None


async def ensure_volume(engine: Engine) -> str:
    """Make this user's volume unless it is there; return its identity. Of two who make it at once, the first does.

    Raises `TargetError`.
    """
    import docker

    name = volume_name()
    try:
        return _identity_of(await engine.call(lambda client: client.api.create_volume(name, labels=_labels())))
    except docker.errors.APIError as error:
        why = error.explanation or error
        raise TargetError(f"expected the Docker engine to make the volume {name}, got: {why}") from error


def mount(*, read_only: bool) -> dict[str, Any]:
    """Return this user's volume for the settings of a container; an engine that lacks it makes it, labelled."""
    return {
        "Type": "volume",
        "Source": volume_name(),
        "Target": str(VOLUME_PATH),
        "ReadOnly": read_only,
        "VolumeOptions": {"NoCopy": True, "Labels": _labels()},
    }


def _labels() -> dict[str, str]:
    return {labels.KIND: "environments", labels.OWNER: labels.owner(), IDENTITY: uuid.uuid4().hex}


def _identity_of(volume: Mapping[str, Any]) -> str:
    """Return our label. A volume that somebody made by hand has none: then it is known by the moment it was made."""
    return str((volume["Labels"] or {}).get(IDENTITY) or volume["CreatedAt"])
