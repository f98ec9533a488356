"""A zip archive from anybody, opened so that it can cost no more than its size allows."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from jupyter_workbench.errors import WorkbenchError
from jupyter_workbench.history.records.fields import decode
from jupyter_workbench.history.sharing.portable import FORMAT, MANIFEST, VERSION

MAX_RATIO = 100
"""Unpacked, a file may be that many times as big as it is, and `FREE_BYTES` beside. Records pack to a tenth."""

FREE_BYTES = 100 << 20
_MAX_READ_BYTES = 32 << 20
_MAX_MANIFEST_BYTES = 1 << 20
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# What zipfile and our readers raise for a file that is not as it must be.
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, RuntimeError, ValueError, KeyError,
    TypeError,
)  # fmt: skip


@contextmanager
def opened_archive(file: Path) -> Iterator[zipfile.ZipFile]:
    """Open a file of runs. Raises ``WorkbenchError`` for any other, and for one that was made to fill the disk."""
    try:
        opened = _Bounded(io.FileIO(file))
    except OSError as error:
        raise WorkbenchError(f"{file}: the file cannot be read ({error.strerror})") from error
    with opened:
        with in_words(file):
            archive = zipfile.ZipFile(opened)
            with open_entry(archive, MANIFEST) as entry:
                manifest = decode(entry.read(_MAX_MANIFEST_BYTES).decode())
            if manifest["format"] != FORMAT or not isinstance(manifest["version"], int):
                raise zipfile.BadZipFile("another format")
        if manifest["version"] > VERSION:
            raise WorkbenchError(
                f"{file}: the file was written by a newer jupyter_workbench - upgrade with "
                "`pip install --upgrade jupyter_workbench`"
            )
        _refuse_a_bomb(archive, file, opened.seek(0, io.SEEK_END))
        yield archive


def open_entry(archive: zipfile.ZipFile, name: str) -> IO[bytes]:
    """Open an entry that is unpacked bit by bit; other methods unpack as much at once as the file wants."""
    entry = archive.getinfo(name)
    if entry.compress_type not in _METHODS or entry.flag_bits & 1:
        raise zipfile.BadZipFile("another method")
    return archive.open(entry)


@contextmanager
def in_words(file: Path) -> Iterator[None]:
    """Tell the user whatever shows inside that the file is not as it must be."""
    try:
        yield
    except _DAMAGE as error:
        raise WorkbenchError(
            f"{file}: expected a file that `workbench history export` wrote, got another or a damaged one - "
            "export the runs again"
        ) from error


def _refuse_a_bomb(archive: zipfile.ZipFile, file: Path, size: int) -> None:
    if is_too_dense(archive, size):
        times = _unpacked(archive) // size
        raise WorkbenchError(f"{file}: the file is refused: unpacked it would be {times} times as big, as no export is")


def is_too_dense(archive: zipfile.ZipFile, size: int) -> bool:
    """Tell whether an archive of that size would be taken for one that was made to fill the disk."""
    return _unpacked(archive) > MAX_RATIO * size + FREE_BYTES


def _unpacked(archive: zipfile.ZipFile) -> int:
    return sum(entry.file_size for entry in archive.infolist())


class _Bounded(io.BufferedReader):
    """A file of which nobody reads much at once: a bent one would have its whole list of names read into memory."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and 0 <= size <= _MAX_READ_BYTES:
            return super().read(size)
        content = super().read(_MAX_READ_BYTES + 1)
        if len(content) > _MAX_READ_BYTES:
            raise zipfile.BadZipFile("too long")
        return content

    def seek(self, target: int, whence: int = 0, /) -> int:
        if whence == io.SEEK_SET and target < 0:
            raise zipfile.BadZipFile("before its beginning")
        return super().seek(target, whence)
