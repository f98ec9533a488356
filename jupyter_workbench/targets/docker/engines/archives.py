"""Files go into containers and come out of them as tar archives: on any engine, and without a process in there.

https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/PutContainerArchive
"""

from __future__ import annotations

import io
import os
import tarfile
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from docker import DockerClient


@dataclass(frozen=True)
class Put:
    """One file that goes into a container, as root's own: its bytes, or a file of this machine."""

    path: PurePosixPath
    content: bytes | Path
    mode: int = 0o600


def put(client: DockerClient, container: str, files: Iterable[Put]) -> None:
    """Write files into a container; folders that it lacks are made."""
    with tempfile.TemporaryFile() as archive:
        with tarfile.open(fileobj=archive, mode="w") as tar:
            for file in files:
                _add(tar, file)
        archive.seek(0)
        client.api.put_archive(container, "/", archive)


def read(client: DockerClient, container: str, path: PurePosixPath) -> bytes | None:
    """Return what a file of a container says, None when there is no such file. For small files."""
    import docker

    try:
        chunks, _ = client.api.get_archive(container, str(path))
    except docker.errors.NotFound:
        return None
    with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as tar:
        member = tar.next()
        file = tar.extractfile(member) if member else None
        return file.read() if file else None


def exists(client: DockerClient, container: str, path: PurePosixPath) -> bool:
    """Tell whether a container has something at a path."""
    url = f"{client.api.base_url}/v{client.api.api_version}/containers/{container}/archive"
    return bool(client.api.head(url, params={"path": str(path)}).ok)


def _add(tar: tarfile.TarFile, file: Put) -> None:
    member = tarfile.TarInfo(str(file.path).lstrip("/"))
    member.mode = file.mode
    if isinstance(file.content, bytes):
        member.size = len(file.content)
        tar.addfile(member, io.BytesIO(file.content))
        return
    with file.content.open("rb") as content:
        found = os.fstat(content.fileno())
        member.size, member.mtime = found.st_size, int(found.st_mtime)  # zip, and so a wheel, knows nothing before 1980
        tar.addfile(member, content)
