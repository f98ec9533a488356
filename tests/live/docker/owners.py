"""A user who exists for one test: whatever is made on an engine for that name can be found, told and removed."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import docker
from docker.errors import NotFound

from jupyter_workbench.targets.docker.labels import OWNER

DEADLINE_SECONDS = 15
PAUSE_SECONDS = 0.1


def client_of(host: str) -> docker.DockerClient:
    """Return Docker's own view of the engine at a DOCKER_HOST; TLS variables count."""
    return docker.from_env(environment={**os.environ, "DOCKER_HOST": host})


def empty(host: str) -> None:
    """Remove all containers, volumes and networks of an engine that is the tests' own."""
    client = client_of(host)
    for container in client.containers.list(all=True, ignore_removed=True):
        _gone(partial(container.remove, force=True, v=True))
    for volume in client.volumes.list():
        _gone(partial(volume.remove, force=True))
    client.networks.prune()
    client.close()


def a_name(prefix: str = "test") -> str:
    """Return a user name that nobody had before."""
    return f"{prefix}-{uuid.uuid4().hex[:12]}"


@dataclass
class Owner:
    """A user name, and what of it may be left on the engine when the test is over."""

    name: str
    client: docker.DockerClient
    volumes_that_stay: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.volumes_that_stay.add(self.volume)

    @property
    def volume(self) -> str:
        """The user's own volume of environments: the one thing that always may stay."""
        return f"jupyter-workbench-{self.name}"

    def may_leave(self, *volumes: str) -> None:
        """Declare volumes that are right to be there when the test is over."""
        self.volumes_that_stay.update(volumes)

    def containers(self) -> list[str]:
        """Return the names of this owner's containers, running or not."""
        return sorted(container.name for container in self._containers())

    def kernels(self, *, all_of_them: bool = True) -> list[Any]:
        """Return the containers of this owner's kernels; those that run, or all."""
        filters = {"label": [f"org.jupyter-workbench.owner={self.name}", "org.jupyter-workbench.kind=kernel"]}
        return list(self.client.containers.list(all=all_of_them, filters=filters, ignore_removed=True))

    def volumes(self) -> list[str]:
        """Return the names of this owner's volumes."""
        return sorted(volume.name for volume in self._volumes())

    def networks(self) -> list[str]:
        """Return the names of this owner's networks."""
        return sorted(network.name for network in self._networks())

    def leftovers(self) -> list[str]:
        """Return what must not be there when all is shut down: ``container NAME`` and so on."""
        stray = [volume for volume in self.volumes() if volume not in self.volumes_that_stay]
        return [
            *(f"container {name}" for name in self.containers()),
            *(f"volume {name}" for name in stray),
            *(f"network {name}" for name in self.networks()),
        ]

    def leftovers_in_the_end(self) -> list[str]:
        """Return what is still left after a moment: an engine takes its time to remove what is being removed."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while (left := self.leftovers()) and time.monotonic() < deadline:
            time.sleep(PAUSE_SECONDS)
        return left

    def remove_everything(self, *, but_volumes: Collection[str] = ()) -> None:
        """Remove all that carries this owner's label, and the volumes that carry the name."""
        for container in self._containers():
            _gone(partial(container.remove, force=True, v=True))
        for volume in self._volumes():
            if volume.name not in but_volumes:
                _gone(partial(volume.remove, force=True))
        for network in self._networks():
            _gone(network.remove)

    def _containers(self) -> Iterable[Any]:
        # `ignore_removed`: the list asks for each one again, and one may go in between.
        return self.client.containers.list(all=True, filters=self._filters, ignore_removed=True)

    def _volumes(self) -> Iterator[Any]:
        labelled = {volume.name: volume for volume in self.client.volumes.list(filters=self._filters)}
        named = {volume.name: volume for volume in self.client.volumes.list(filters={"name": self.volume})}
        yield from (labelled | named).values()

    def _networks(self) -> Iterable[Any]:
        return self.client.networks.list(filters=self._filters)

    @property
    def _filters(self) -> dict[str, str]:
        return {"label": f"{OWNER}={self.name}"}


def _gone(remove: Callable[[], Any]) -> None:
    try:
        remove()
    except NotFound:
        return
