"""Opening files that a kernel may have bent: beneath a folder, no link followed, regular files only."""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

# Without them (Windows) each component is looked at before the file is opened: weaker against a race.
_CAN_REFUSE_LINKS = hasattr(os, "O_NOFOLLOW") and os.open in os.supports_dir_fd
_FILE = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
_LINK_ERRORS = (errno.ELOOP, errno.ENOTDIR, errno.EMLINK, errno.ENXIO)


class RefusedError(OSError):
    """The path leads through a link, or to something that is not a regular file."""


def open_beneath(root: Path, *parts: str) -> int:
    """Open ``root/parts[0]/...`` for reading; ``root`` itself is trusted, no part is.

    Raises ``FileNotFoundError`` when it is absent, ``RefusedError`` for links and anything but a regular file.
    """
    if not parts or any(part in ("", ".", "..") or "/" in part or "\0" in part for part in parts):
        raise RefusedError(errno.EINVAL, "not a path below the folder", "/".join(parts))
    try:
        descriptor = _walk(root, parts) if _CAN_REFUSE_LINKS else _look_then_open(root, parts)
    except OSError as error:
        if error.errno in _LINK_ERRORS:
            raise RefusedError(error.errno, "a link or not a regular file", "/".join(parts)) from None
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise RefusedError(errno.EINVAL, "not a regular file", "/".join(parts))
    return descriptor


def remove_beneath(root: Path, *parts: str) -> None:
    """Remove the file ``root/parts[0]/...``; a link on the way is not followed. Raises ``OSError``."""
    if not _CAN_REFUSE_LINKS:
        os.close(open_beneath(root, *parts))
        root.joinpath(*parts).unlink()
        return
    folder = _folder(root, parts[:-1])
    try:
        os.unlink(parts[-1], dir_fd=folder)
    finally:
        os.close(folder)


def _walk(root: Path, parts: tuple[str, ...]) -> int:
    folder = _folder(root, parts[:-1])
    try:
        return os.open(parts[-1], _FILE | os.O_NOFOLLOW, dir_fd=folder)
    finally:
        os.close(folder)


def _folder(root: Path, parts: tuple[str, ...]) -> int:
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
    folder = os.open(root, flags)
    for part in parts:
        try:
            inner = os.open(part, flags | os.O_NOFOLLOW, dir_fd=folder)
        finally:
            os.close(folder)
        folder = inner
    return folder


def _look_then_open(root: Path, parts: tuple[str, ...]) -> int:
    path = root
    for part in parts:
        path = path / part
        if path.is_symlink():
            raise RefusedError(errno.ELOOP, "a link", str(path))
    if not path.is_file() and path.exists():  # Windows refuses to open a folder with another error
        raise RefusedError(errno.EINVAL, "not a regular file", str(path))
    return os.open(path, _FILE)
