"""The container that one environment is built in: what it is made of, and what is put into it before it starts.

Its name is the lock: an engine lets nobody else make a container of that name, in this process or another. Addresses
of indexes may hold passwords: they are in a file in the container, not in its settings, which `docker inspect` shows.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import resources
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from jupyter_workbench.environments import local_files
from jupyter_workbench.environments.spark_plan import SPARK_BUILDER, plan_of
from jupyter_workbench.targets.docker import labels
from jupyter_workbench.targets.docker.building import volume
from jupyter_workbench.targets.docker.engines import archives
from jupyter_workbench.targets.docker.engines.archives import Put
from jupyter_workbench.targets.docker.servers import this_server

if TYPE_CHECKING:
    from jupyter_workbench.environments.spec import EnvironmentSpec
    from jupyter_workbench.targets.docker.building.uv_binary import Uv
    from jupyter_workbench.targets.docker.engines.engine import Engine
    from jupyter_workbench.targets.docker.images.network import CompanyNetwork

PLACE = PurePosixPath("/jupyter-workbench-build")
BUILDER = PLACE / "builder.py"
PLAN = PLACE / "plan.json"
CA_BUNDLE = PLACE / "ca-certificates.crt"

_START = """\
import os, runpy, sys
arrived, uv, *sys.argv = sys.argv[1:]
if os.path.exists(arrived):
    os.replace(arrived, uv)
runpy.run_path(sys.argv[0], run_name="__main__")
"""
"""uv takes its place in one step: another builder may look for it, or run it, at this moment."""


@dataclass(frozen=True)
class Order:
    """An environment that is to be built, and with what. ``image`` is how the user names it."""

    fingerprint: str
    spec: EnvironmentSpec
    image: str
    image_id: str
    python: str
    """The Python of the image that runs the builder: the path of its program."""
    uv: Uv
    network: CompanyNetwork
    upgrade: bool = False
    token: str = field(default_factory=lambda: uuid.uuid4().hex[:12])

    @property
    def container(self) -> str:
        """The name of the container: the lock of this environment."""
        return container_name(self.fingerprint)

    @property
    def prefix(self) -> PurePosixPath:
        """Where the environment will be."""
        return volume.ENVIRONMENTS / self.fingerprint

    @property
    def arriving_uv(self) -> PurePosixPath:
        """Where uv is put when the volume lacks it."""
        return self.uv.path.with_name(f".{self.uv.path.name}-{self.token}")

    def settings(self, engine: Engine) -> dict[str, Any]:
        """Return the body of the engine's call that creates the container (POST /containers/create)."""
        words = [self.arriving_uv, self.uv.path, BUILDER, PLAN]
        return {
            "Image": self.image_id,
            "Entrypoint": [self.python, "-I", "-c", _START],
            "Cmd": [str(word) for word in words],
            "User": "0:0",
            "WorkingDir": "/",
            "Labels": self._labels(),
            "Healthcheck": {"Test": ["NONE"]},
            "HostConfig": {
                "Init": not engine.is_podman,  # which has none, unless it is installed apart
                "Mounts": [volume.mount(read_only=False)],
                "LogConfig": {"Type": "json-file"},  # an engine's own setting may be one that cannot be read
            },
        }

    def plan(self) -> dict[str, Any]:
        """Return what the builder is told: see `environments.builder`."""
        return {
            "fingerprint": self.fingerprint,
            "environment": str(self.prefix),
            "cache": str(volume.CACHE),
            "pythons": str(volume.PYTHONS),
            "uv": str(self.uv.path),
            "python": self.spec.python,
            "requirements": [requirement.text for requirement in self.spec.requirements],
            "lock": None,
            "upgrade": self.upgrade,
            "variables": self.network.in_container(str(CA_BUNDLE)),
            "packages_to_compile_first": [],
            "compiled": str(volume.compiled_library(self.image_id)),
            "image": self.image,
            "spark": plan_of(self.spec),
        }

    def files(self) -> Iterator[Put]:
        """Yield what goes into the container, but for uv."""
        ours = resources.files("jupyter_workbench.environments")
        yield Put(BUILDER, ours.joinpath("builder.py").read_bytes())
        if self.spec.spark is not None:
            for file in ours.joinpath(SPARK_BUILDER).iterdir():
                if file.name.endswith(".py"):
                    yield Put(PLACE / SPARK_BUILDER / file.name, file.read_bytes())
        yield Put(PLAN, json.dumps(self.plan()).encode())
        if self.network.ca_bundle is not None:
            yield Put(CA_BUNDLE, self.network.ca_bundle)
        for number, path in enumerate(self.spec.files):
            place = local_files.place(number, path)
            for below, file in local_files.contents(path):
                yield Put(place / below, file, 0o755 if file.stat().st_mode & 0o100 else 0o644)

    def _labels(self) -> dict[str, str]:
        return {
            labels.KIND: "build",
            labels.OWNER: labels.owner(),
            labels.SERVER: this_server(),
            labels.FINGERPRINT: self.fingerprint,
        }


def container_name(fingerprint: str) -> str:
    """Return the name of the container that builds an environment of this user."""
    return f"jupyter-workbench-build-{labels.owner()}-{fingerprint}"


async def create(engine: Engine, order: Order) -> str | None:
    """Create the container and return its id; None when there is one of that name already."""
    import docker

    settings = order.settings(engine)
    try:
        made = await engine.call(lambda client: client.api.create_container_from_config(settings, order.container))
    except docker.errors.APIError as error:
        if _is_taken(error):
            return None
        raise
    return str(made["Id"])


async def fill(engine: Engine, order: Order, container: str) -> None:
    """Put into the container what it needs; the volume gets uv when it lacks it."""
    files = list(order.files())
    if not await engine.call(lambda client: archives.exists(client, container, order.uv.path)):
        content = await order.uv.content(order.network.variables)
        files.append(Put(order.arriving_uv, content, 0o755))
    await engine.call(lambda client: archives.put(client, container, files))


def _is_taken(error: Any) -> bool:
    """Tell a name that is taken from other refusals; Podman answers 500."""
    return error.status_code == 409 or "already in use" in str(error.explanation or "")
