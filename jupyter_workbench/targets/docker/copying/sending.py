"""A project on its way into a copy: the tar stream, and what is known of each file once it has gone."""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from jupyter_workbench.targets.docker.copying.manifest import CHUNK_BYTES, Copied, Manifest, settled, sha256_of
from jupyter_workbench.targets.docker.copying.project_files import MANIFEST, Item, ProjectFiles, unreadable
from jupyter_workbench.targets.docker.copying.tars import END, header, padding

_OPEN = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


def _to_nobody(_: int) -> None:
    """Tell nobody."""


@dataclass
class Sending:
    """Sends some files of a project; ``known`` becomes what the copy has, as far as it has gone.

    The manifest goes first, with everything that may arrive and no proof of any content, and last, with the proofs:
    a copy that breaks off is neither taken for a whole one, nor are files of it forgotten.
    """

    project: Path
    files: ProjectFiles
    owner: tuple[int, int]
    known: dict[str, Copied]
    advanced: Callable[[int], None] = _to_nobody
    """Told how many more bytes of contents have gone."""
    sent_files: int = 0
    sent_bytes: int = 0
    notes: list[str] = field(default_factory=list)

    def archive(self, paths: Iterable[str]) -> Iterator[bytes]:
        """Yield the archive of these paths and of the folders above them, relative to the project."""
        paths = sorted(_with_folders(paths), key=lambda path: path.split("/"))
        for path in paths:
            item = self.files.items[path]
            self.known[path] = _copied(item)
        yield header("./", Item("folder", 0o755, mtime_ns=time.time_ns()), self.owner)
        yield from self._manifest()
        for path in paths:
            yield from self._pieces(path, self.files.items[path])
        yield from self._manifest()
        yield END

    def _manifest(self) -> Iterator[bytes]:
        data = Manifest(self.owner, self.known).as_bytes()
        yield header(MANIFEST, Item("file", 0o644, len(data), time.time_ns()), self.owner)
        yield data
        yield padding(len(data))

    def _pieces(self, path: str, item: Item) -> Iterator[bytes]:
        if item.kind != "file":
            self.sent_files += item.kind == "link"
            yield header(path, item, self.owner)
            return
        try:
            file = open_file(self.project / path)
        except OSError as error:
            self.notes.append(unreadable(path, error))
            return
        with file:
            yield from self._contents(path, file)

    def _contents(self, path: str, file: BinaryIO) -> Iterator[bytes]:
        before = os.fstat(file.fileno())
        item = replace(self.files.items[path], size=before.st_size, mtime_ns=before.st_mtime_ns)
        yield header(path, item, self.owner)
        content, seen_ns = Content(file, before.st_size), time.time_ns()
        for chunk in content.chunks():
            self.advanced(len(chunk))
            yield chunk
        yield padding(before.st_size)
        self.sent_files += 1
        self.sent_bytes += before.st_size
        if not content.is_short and _stamp(os.fstat(file.fileno())) == _stamp(before):
            proof = settled(before.st_mtime_ns, seen_ns)
            self.known[path] = Copied("file", item.mode, item.size, proof, content.sha256)


@dataclass
class Content:
    """The content of an open file, exactly as long as was announced; zeros stand for what is missing in the end."""

    file: BinaryIO
    size: int
    is_short: bool = False
    sha256: str = ""

    def chunks(self) -> Iterator[bytes]:
        """Yield the content; ``sha256`` is known afterwards."""
        digest, left = hashlib.sha256(), self.size
        while left > 0:
            chunk = self.file.read(min(CHUNK_BYTES, left))
            if not chunk:
                self.is_short = True
                chunk = b"\0" * min(CHUNK_BYTES, left)
            digest.update(chunk)
            left -= len(chunk)
            yield chunk
        self.sha256 = digest.hexdigest()


def proven(project: Path, path: str, item: Item, copied: Copied) -> Copied | None:
    """Return what is known of a file whose content is still that of the copy; None when it is another one.

    Reads it. A file that cannot be read is another one: sending it will tell.
    """
    try:
        with open_file(project / path) as file:
            before, seen_ns = os.fstat(file.fileno()), time.time_ns()
            sha256 = sha256_of(file)
            if before.st_size != item.size or _stamp(os.fstat(file.fileno())) != _stamp(before):
                return None
    except OSError:
        return None
    if sha256 != copied.text:
        return None
    return replace(copied, mtime_ns=settled(before.st_mtime_ns, seen_ns))


def open_file(path: Path) -> BinaryIO:
    """Open a regular file; a link or a pipe that took its place is none. Raises OSError."""
    descriptor = os.open(path, _OPEN)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FileNotFoundError(path)
    return os.fdopen(descriptor, "rb")


def _with_folders(paths: Iterable[str]) -> set[str]:
    """Add the folders above: an engine would make those that the kernel removed, as root's own."""
    whole = set()
    for path in paths:
        while path and path not in whole:
            whole.add(path)
            path = path.rpartition("/")[0]
    return whole


def _copied(item: Item) -> Copied:
    """Return what is known of something before it has gone: nothing that proves a content."""
    return Copied(item.kind, item.mode, item.size, None, item.target)


def _stamp(status: os.stat_result) -> tuple[int, int]:
    return status.st_size, status.st_mtime_ns
