"""Files of a project that commands write and remove: nothing is ever overwritten, and nothing of the user's is lost."""

from __future__ import annotations

import errno
import os
import uuid
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path

from jupyter_workbench.errors import WorkbenchError


def write_new(files: Mapping[Path, str]) -> None:
    """Write files, each whole or not at all, and all of them or none.

    Raises FileExistsError, with its path, for one that is there already, WorkbenchError for one that cannot be written.
    """
    written: list[Path] = []
    try:
        for path, text in files.items():
            _write_one(path, text)
            written.append(path)
    except BaseException as error:
        for done in written:
            done.unlink(missing_ok=True)
        if isinstance(error, FileExistsError):
            raise FileExistsError(error.errno, error.strerror, str(path)) from error
        if isinstance(error, OSError):
            raise WorkbenchError(f"{path} cannot be written: {error.strerror}.") from error
        raise


def set_aside(path: Path) -> Path:
    """Rename a file to the first free of ``NAME.bak``, ``NAME.bak2``, ... and return that path. Raises OSError."""
    for backup in _backups(path):
        try:
            _move(path, backup)
        except FileExistsError:
            continue
        return backup
    raise AssertionError("there are endless names")


def _backups(path: Path) -> Iterator[Path]:
    return (path.with_name(f"{path.name}.bak{number if number > 1 else ''}") for number in count(1))


def _write_one(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
    try:
        with temporary.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
        _move(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _move(source: Path, destination: Path) -> None:
    """Rename a file. Raises FileExistsError where a plain rename would overwrite."""
    try:
        os.link(source, destination, follow_symlinks=False)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links: what appears between these two lines is overwritten
        if os.path.lexists(destination):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from None
        source.rename(destination)
    else:
        source.unlink()
