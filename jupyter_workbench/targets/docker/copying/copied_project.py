"""The copy of a project in a container: which volume it is in, and what its manifest says."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_workbench.targets.docker import paths
from jupyter_workbench.targets.docker.copying import manifest
from jupyter_workbench.targets.docker.copying.fetching import archive_of
from jupyter_workbench.targets.docker.copying.manifest import Manifest
from jupyter_workbench.targets.docker.copying.project_files import MANIFEST, Item
from jupyter_workbench.targets.docker.copying.tars import END, BrokenArchiveError, Member, header, padding
from jupyter_workbench.targets.docker.engines import stoppable

if TYPE_CHECKING:
    import docker

STAT_HEADER = "X-Docker-Container-Path-Stat"
"""Size and time of a path: https://docs.docker.com/reference/api/engine/version/v1.41/#operation/ContainerArchiveInfo."""


@dataclass(frozen=True)
class CopiedProject:
    """A copy as it is found; ``container`` is what the engine says of the container."""

    engine_id: str
    container: Mapping[str, Any]
    volume: str
    manifest: Manifest | None

    @property
    def key(self) -> tuple[str, str]:
        """What tells this copy from all others, in whatever containers it is mounted."""
        return self.engine_id, self.volume

    @property
    def id(self) -> str:
        """The container's id."""
        return str(self.container["Id"])

    def label(self, name: str) -> str | None:
        """Return a label of the container, which no kernel can change."""
        return (self.container["Config"].get("Labels") or {}).get(name)


@dataclass(frozen=True)
class _Remembered:
    stat: str
    manifest: Manifest | None


_remembered: dict[tuple[str, str], _Remembered] = {}
"""The manifest of each (engine, volume), with size and time of its file: the engine tells those 20 times as fast."""


def look(client: docker.DockerClient, engine_id: str, container_id: str) -> CopiedProject:
    """Look at a copy. Raises `docker.errors.NotFound` when there is no such container.

    The container of a kernel that works in the project itself has none: `ValueError`.
    """
    container = client.api.inspect_container(container_id)
    volume = _volume(container)
    if volume is None:
        raise ValueError(f"the container {container_id} has no volume at {paths.PROJECT}")
    stat = _stat(client, container_id)
    remembered = _remembered.get((engine_id, volume))
    if stat is None or remembered is None or remembered.stat != stat:
        remembered = _Remembered(stat or "", _read(client, container_id) if stat else None)
        _remembered[engine_id, volume] = remembered
    return CopiedProject(engine_id, container, volume, remembered.manifest)


def put(client: docker.DockerClient, copy: CopiedProject, archive: Iterable[bytes]) -> None:
    """Send an archive, below the project's folder, that has a manifest in it."""
    _remembered.pop(copy.key, None)
    client.api.put_archive(copy.id, str(paths.PROJECT), archive)


def remember(client: docker.DockerClient, copy: CopiedProject, sent: Manifest) -> None:
    """Remember the manifest that was just sent."""
    if stat := _stat(client, copy.id):
        _remembered[copy.key] = _Remembered(stat, sent)


def put_manifest(client: docker.DockerClient, copy: CopiedProject, sent: Manifest) -> None:
    """Bring only the manifest up to date."""
    data = sent.as_bytes()
    item = Item("file", 0o644, len(data), time.time_ns())
    put(client, copy, iter([header(MANIFEST, item, sent.owner), data, padding(len(data)), END]))
    remember(client, copy, sent)


def _volume(container: Mapping[str, Any]) -> str | None:
    for mount in container["Mounts"]:
        if mount["Destination"] == str(paths.PROJECT) and mount["Type"] == "volume":
            return str(mount["Name"])
    return None


def _stat(client: docker.DockerClient, container_id: str) -> str | None:
    """Return what tells one version of the manifest's file from another; None when there is none."""
    url = f"{client.api.base_url}/v{client.api.api_version}/containers/{container_id}/archive"
    answer = client.api.head(url, params={"path": str(paths.PROJECT / MANIFEST)}, timeout=client.api.timeout)
    return answer.headers.get(STAT_HEADER) if answer.ok else None


def _read(client: docker.DockerClient, container_id: str) -> Manifest | None:
    """Read the manifest; one that is not as we wrote it counts as none, whatever the kernel has put there."""
    with contextlib.suppress(FileNotFoundError, BrokenArchiveError):
        for member in archive_of(client, container_id, paths.PROJECT / MANIFEST, stoppable.Stop()):
            if isinstance(member, Member) and not member.parts and member.size <= manifest.MAX_BYTES:
                return manifest.parse(b"".join(member.chunks()))
            return None
    return None
