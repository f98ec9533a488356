"""Tar streams into containers and out of them, in pieces: no file has to fit into memory.

What comes out was written by a kernel, so only regular files below the folder that was asked for are let through.
"""

from __future__ import annotations

import io
import math
import os
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import IO

from jupyter_workbench.targets.docker.copying.manifest import CHUNK_BYTES
from jupyter_workbench.targets.docker.copying.project_files import Item, Kind

END = b"\0" * (2 * tarfile.BLOCKSIZE)
_TYPES: Mapping[Kind, bytes] = {"file": tarfile.REGTYPE, "folder": tarfile.DIRTYPE, "link": tarfile.SYMTYPE}
_LATEST_SECONDS = 2**33
"""Some time in 2242: later ones are nonsense that systems refuse."""


class RefusedError(Exception):
    """Something in a container is not what may be taken out of it; the message says what it is."""


class BrokenArchiveError(Exception):
    """The engine's archive ended early: a file became shorter, or was changed, while it was read."""


def header(path: str, item: Item, owner: tuple[int, int]) -> bytes:
    """Return what stands before the content of a file; for folders and links it is all."""
    info = tarfile.TarInfo(path)
    info.type, info.mode, info.linkname = _TYPES[item.kind], item.mode, item.target
    info.uid, info.gid = owner
    info.size = item.size
    if item.mtime_ns > 0:
        seconds, nanoseconds = divmod(item.mtime_ns, 10**9)
        info.mtime = seconds
        info.pax_headers = {"mtime": f"{seconds}.{nanoseconds:09d}"}
    return info.tobuf(tarfile.PAX_FORMAT, errors="surrogateescape")


def padding(size: int) -> bytes:
    """Return what stands after a content of that many bytes."""
    return b"\0" * (-size % tarfile.BLOCKSIZE)


def gathered(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the same bytes in pieces that are worth sending."""
    waiting = bytearray()
    for piece in pieces:
        waiting += piece
        if len(waiting) >= CHUNK_BYTES:
            yield bytes(waiting)
            waiting.clear()
    if waiting:
        yield bytes(waiting)


def folder_as_tar(folder: Path, target: PurePosixPath, owner: tuple[int, int]) -> Iterator[bytes]:
    """Yield an archive of a folder of our own as ``target`` (absolute), with its links; sockets are left out."""
    return gathered(chain(_folder_pieces(folder, str(target).lstrip("/"), owner), [END]))


def _folder_pieces(folder: Path, name: str, owner: tuple[int, int]) -> Iterator[bytes]:
    yield header(name, Item("folder", 0o700), owner)
    for path in sorted(folder.iterdir()):
        below = f"{name}/{path.name}"
        if path.is_symlink():
            yield header(below, Item("link", 0o777, target=str(os.readlink(path))), owner)  # noqa: PTH115 - as it is written
        elif path.is_dir():
            yield from _folder_pieces(path, below, owner)
        elif path.is_file():
            status = path.stat()
            yield header(below, Item("file", status.st_mode & 0o777, status.st_size, status.st_mtime_ns), owner)
            with path.open("rb") as file:
                yield from _exactly(file, status.st_size)
            yield padding(status.st_size)


def _exactly(file: IO[bytes], size: int) -> Iterator[bytes]:
    """Yield as many bytes as the header has announced, of a file that may grow or shrink."""
    while size > 0:
        chunk = file.read(min(CHUNK_BYTES, size)) or b"\0" * min(CHUNK_BYTES, size)
        size -= len(chunk)
        yield chunk


@dataclass(frozen=True)
class Member:
    """A regular file of an archive: its path below the folder that was asked for, and what is in it.

    ``mtime`` is None where the archive has nonsense. The content can be read until the next member is asked for.
    """

    parts: tuple[str, ...]
    size: int
    mtime: float | None
    is_executable: bool
    content: IO[bytes]

    @property
    def path(self) -> str:
        """The path with slashes."""
        return "/".join(self.parts)

    def chunks(self) -> Iterator[bytes]:
        """Yield the content. Raises `BrokenArchiveError`."""
        try:
            while chunk := self.content.read(CHUNK_BYTES):
                yield chunk
        except (tarfile.TarError, EOFError) as error:
            raise BrokenArchiveError(str(error)) from error


@dataclass(frozen=True)
class Refusal:
    """A member of an archive that is not let through, and why."""

    path: str
    why: str


def members(chunks: Iterable[bytes], name: str) -> Iterator[Member | Refusal]:
    """Yield the regular files of an engine's archive of the file or folder ``name``, and what is refused.

    A path that came before is refused, so is everything outside of ``name``. Raises `BrokenArchiveError`.
    """
    seen: set[tuple[str, ...]] = set()
    try:
        with tarfile.open(fileobj=_Reader(chunks), mode="r|", bufsize=CHUNK_BYTES) as archive:
            while (info := archive.next()) is not None:
                archive.members = []  # type: ignore[attr-defined] # it would remember each one
                if info.isdir():
                    continue
                yield _checked(archive, info, name, seen)
    except (tarfile.TarError, EOFError, OverflowError) as error:
        raise BrokenArchiveError(str(error)) from error


def _checked(
    archive: tarfile.TarFile, info: tarfile.TarInfo, name: str, seen: set[tuple[str, ...]]
) -> Member | Refusal:
    try:
        parts = safe_parts(info.name)
    except RefusedError as error:
        return Refusal(info.name, str(error))
    if parts[0] != name:
        return Refusal(info.name, "a file of another folder")
    content = archive.extractfile(info) if info.isreg() and not info.issparse() and info.size >= 0 else None
    if content is None:
        return Refusal(info.name, _what(info))
    if parts in seen:
        return Refusal(info.name, "a second file of the same name")
    seen.add(parts)
    return Member(parts[1:], info.size, _time(info.mtime), bool(info.mode & 0o100), content)


def safe_parts(path: str) -> tuple[str, ...]:
    """Return the steps of a path of an archive. Raises `RefusedError` for one that could lead elsewhere."""
    if path.startswith("/"):
        raise RefusedError("an absolute path")
    parts = tuple(part for part in path.split("/") if part not in ("", "."))
    if ".." in parts or "\0" in path or not parts:
        raise RefusedError("a path that leads out of the folder")
    if os.name == "nt" and any(set(part) & set('\\:*?"<>|') for part in parts):
        raise RefusedError("a name that Windows does not allow")
    return parts


def _what(info: tarfile.TarInfo) -> str:
    if info.issym() or info.islnk():
        return f"a link to {info.linkname}"
    return "a sparse file" if info.issparse() else "not a regular file"


def _time(seconds: float) -> float | None:
    return seconds if math.isfinite(seconds) and 0 <= seconds < _LATEST_SECONDS else None


class _Reader(io.RawIOBase):
    """Chunks as the file that `tarfile` reads."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._rest = memoryview(b"")

    def read(self, size: int = -1) -> bytes:
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return b""
            self._rest = memoryview(chunk)
        taken = bytes(self._rest[:size]) if size >= 0 else bytes(self._rest)
        self._rest = self._rest[len(taken) :]
        return taken
