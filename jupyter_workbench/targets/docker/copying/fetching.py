"""Files out of a container, running or ended, without trusting what is in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, TypeVar

from jupyter_workbench.targets.docker.copying.host_folder import HostFolder
from jupyter_workbench.targets.docker.copying.tars import BrokenArchiveError, Member, Refusal, RefusedError, members
from jupyter_workbench.targets.docker.engines import stoppable

if TYPE_CHECKING:
    import docker

    from jupyter_workbench.targets.docker.engines.engine import Engine

T = TypeVar("T")

TRIES = 3
"""A file that is replaced while the engine reads it breaks the whole archive."""


@dataclass(frozen=True)
class Fetched:
    """How many files and bytes were written, and what was refused, one sentence each."""

    files: int
    bytes: int
    refused: tuple[str, ...] = ()


async def fetch_file(
    engine: Engine, container_id: str, path: PurePosixPath | str, destination: Path, limit: int | None = None
) -> int:
    """Write a file of a container to ``destination``, replacing it at once or not at all; returns its size in bytes.

    A file that grows meanwhile is as long as it was. Raises `FileNotFoundError`, and `RefusedError` when it is not a
    regular file or has more than ``limit`` bytes, and `docker.errors.NotFound` when there is no such container.
    """
    source = PurePosixPath(path)

    def fetch(client: docker.DockerClient, stop: stoppable.Stop) -> int:
        for member in archive_of(client, container_id, source, stop):
            if isinstance(member, Refusal) or member.parts:
                raise RefusedError(f"expected a file, got {getattr(member, 'why', 'a folder')}")
            _check_limit(member.size, limit)
            _write(member, HostFolder(destination.parent, is_private=True), (destination.name,))
            return member.size
        raise RefusedError("expected a file, got a folder")

    return await several_times(engine, fetch)


async def fetch_tree(
    engine: Engine,
    container_id: str,
    path: PurePosixPath | str,
    destination: Path,
    only: Callable[[Path], bool] | None = None,
    limit: int | None = None,
) -> Fetched:
    """Write the files below a folder of a container into ``destination``, which exists; others there stay.

    ``only`` is asked with each path below the folder. Links, devices and the like are refused, not followed.
    Raises `FileNotFoundError`, `RefusedError` above ``limit`` bytes in sum, and `docker.errors.NotFound` when there is
    no such container.
    """
    source = PurePosixPath(path)

    def fetch(client: docker.DockerClient, stop: stoppable.Stop) -> Fetched:
        files, size, refused = 0, 0, []
        for member in archive_of(client, container_id, source, stop):
            if isinstance(member, Refusal):
                below = Path(*PurePosixPath(member.path).parts[1:])
                if only is None or only(below):
                    refused.append(f"{member.path}: {member.why}")
            elif only is None or only(Path(*member.parts)):
                files, size = files + 1, size + member.size
                _check_limit(size, limit)
                try:
                    _write(member, HostFolder(destination, is_private=True), member.parts)
                except (NotADirectoryError, IsADirectoryError):  # another file took the place of its folder
                    refused.append(f"{member.path}: another file is in its place")
        return Fetched(files, size, tuple(refused))

    return await several_times(engine, fetch)


def archive_of(
    client: docker.DockerClient, container_id: str, source: PurePosixPath, stop: stoppable.Stop
) -> Iterator[Member | Refusal]:
    """Yield the regular files at or below a path of a container, and what is refused.

    Raises `FileNotFoundError`, `BrokenArchiveError`, and `docker.errors.NotFound` when there is no such container.
    """
    import docker.errors

    try:
        chunks, _ = client.api.get_archive(container_id, str(source))
    except docker.errors.NotFound:
        client.api.inspect_container(container_id)  # raises when it is the container that is not there
        raise FileNotFoundError(str(source)) from None
    with closing(chunks):
        yield from members(stop.watched(chunks), source.name)


async def several_times(
    engine: Engine, fetch: Callable[[docker.DockerClient, stoppable.Stop], T], tries: int = TRIES
) -> T:
    """Call `stoppable.call` again when an archive was broken by a file that changed. Raises `BrokenArchiveError`."""
    try:
        return await stoppable.call(engine, fetch)
    except BrokenArchiveError:
        if tries == 1:
            raise
    return await several_times(engine, fetch, tries - 1)


def _write(member: Member, folder: HostFolder, parts: tuple[str, ...]) -> None:
    with folder.incoming(parts, is_executable=member.is_executable) as incoming:
        for chunk in member.chunks():
            incoming.file.write(chunk)
        incoming.keep(parts[-1], member.mtime)


def _check_limit(size: int, limit: int | None) -> None:
    if limit is not None and size > limit:
        raise RefusedError(f"expected at most {limit} bytes, got {size}")
