"""What a kernel made goes into a folder of this machine: below it, through no link, each file whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from jupyter_workbench.targets.docker.copying.tars import RefusedError

# Without them (Windows) each folder is looked at before a file in it is opened: weaker against a race.
_CAN_REFUSE_LINKS = hasattr(os, "O_NOFOLLOW") and os.open in os.supports_dir_fd and os.rename in os.supports_dir_fd
_CLOSED = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | _CLOSED
_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _CLOSED | _NO_LINK
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _CLOSED | _NO_LINK


@dataclass(frozen=True)
class HostFolder:
    """A folder of this machine. ``root`` is trusted, what is below it is not; parts are safe names, one at least.

    What is written to a private one can be read by this user only.
    """

    root: Path
    is_private: bool = False

    def open(self, parts: tuple[str, ...]) -> BinaryIO | None:
        """Open a file for reading; None when there is none. Raises `RefusedError` for all but a regular file."""
        try:
            with self._parent(parts, make=False) as parent:
                descriptor = os.open(parent.name(parts[-1]), _READ, dir_fd=parent.descriptor)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise RefusedError(f"on this machine {'/'.join(parts)} is a link or no file") from error
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise RefusedError(f"on this machine {'/'.join(parts)} is no file")
        return os.fdopen(descriptor, "rb")

    @contextlib.contextmanager
    def incoming(self, parts: tuple[str, ...], *, is_executable: bool = False) -> Iterator[Incoming]:
        """Make a new file beside the place of ``parts``; unless it is kept, nothing stays. Raises OSError."""
        with self._parent(parts, make=True) as parent:
            # Not made of the name, which may be as long as names can be.
            name = parent.name(f".incoming-{secrets.token_hex(8)}")
            mode = (0o777 if is_executable else 0o666) & (0o700 if self.is_private else 0o777)
            with os.fdopen(os.open(name, _CREATE, mode, dir_fd=parent.descriptor), "wb") as file:
                incoming = Incoming(file, parent, name)
                try:
                    yield incoming
                finally:
                    if not incoming.is_kept:
                        file.close()
                        os.unlink(name, dir_fd=parent.descriptor)

    @contextlib.contextmanager
    def _parent(self, parts: tuple[str, ...], *, make: bool) -> Iterator[_Parent]:
        if not _CAN_REFUSE_LINKS:
            yield _looked_at(self.root, parts[:-1], make=make)
            return
        descriptor = _walk(self.root, parts[:-1], make=make, mode=0o700 if self.is_private else 0o777)
        try:
            yield _Parent(descriptor, None)
        finally:
            os.close(descriptor)


@dataclass
class Incoming:
    """A file that is being written."""

    file: BinaryIO
    _parent: _Parent
    _name: str
    is_kept: bool = False
    mode: int = 0
    mtime_ns: int = 0

    def keep(self, name: str, mtime: float | None) -> None:
        """Give it its name, in place of any file that has it, and its time. Raises OSError.

        ``mode`` (permissions only) and ``mtime_ns`` are then those of the file.
        """
        self.file.flush()
        if mtime is not None:
            nanoseconds = int(mtime * 10**9)
            os.utime(self.file.fileno() if os.utime in os.supports_fd else self._name, ns=(nanoseconds, nanoseconds))
        status = os.fstat(self.file.fileno())
        self.mode, self.mtime_ns = stat.S_IMODE(status.st_mode) & 0o777, status.st_mtime_ns
        if os.name == "nt":
            self.file.close()  # an open file cannot be renamed there
        folder = self._parent.descriptor
        os.replace(self._name, self._parent.name(name), src_dir_fd=folder, dst_dir_fd=folder)
        self.is_kept = True


@dataclass(frozen=True)
class _Parent:
    """The folder of a file: open, or (where descriptors cannot stand for folders) its path."""

    descriptor: int | None
    path: Path | None

    def name(self, name: str) -> str:
        return name if self.path is None else str(self.path / name)


def _walk(root: Path, parts: tuple[str, ...], *, make: bool, mode: int) -> int:
    folder = os.open(root, _FOLDER)
    for part in parts:
        try:
            if make:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(part, mode, dir_fd=folder)
            inner = os.open(part, _FOLDER | _NO_LINK, dir_fd=folder)
        finally:
            os.close(folder)
        folder = inner
    return folder


def _looked_at(root: Path, parts: tuple[str, ...], *, make: bool) -> _Parent:
    path = root
    for part in parts:
        path = path / part
        if path.is_symlink():
            raise NotADirectoryError(path)
        if make:
            path.mkdir(exist_ok=True)
    return _Parent(None, path)
