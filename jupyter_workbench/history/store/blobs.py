"""Contents of outputs: files named by the hash of what is in them.

``blobs/<first 2 hex digits>/<sha256>``, read-only, complete or absent.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

from jupyter_workbench.history.store.database import connect, in_words, transaction

if TYPE_CHECKING:
    from jupyter_workbench.history.location import ProjectData

_CHUNK_BYTES = 1 << 20
_INCOMING = "incoming-"
_ABANDONED_SECONDS = 24 * 3600


class DifferentContentError(Exception):
    """The bytes do not have the hash and size that were announced."""


def blob_path(blobs: Path, sha256: str) -> Path:
    """Where the content with that hash (64 hex digits) is kept, if it is."""
    return blobs / sha256[:2] / sha256


def keep(data: ProjectData, source: IO[bytes], sha256: str, size: int) -> None:
    """Copy what can be read from ``source`` into the blobs. Raises ``DifferentContentError`` and ``OSError``."""
    target = blob_path(data.blobs, sha256)
    data.make()
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    copy, name = tempfile.mkstemp(prefix=_INCOMING, dir=data.blobs)
    incoming = Path(name)
    try:
        with os.fdopen(copy, "wb") as file:
            _copy_verified(source, file, sha256, size)
        incoming.chmod(0o400)
        incoming.replace(target)
    except BaseException:
        incoming.unlink()
        raise
    _sync_folder(target.parent)


def remove_unused(data: ProjectData) -> int:
    """Remove the contents that a run had and has no more, unless another run uses them; returns how many bytes.

    Each file goes inside a writing transaction, so that no run can come to use it in between.
    """
    freed = 0
    with in_words(data.database), closing(connect(data)) as connection:
        for (sha256,) in connection.execute("SELECT sha256 FROM unused").fetchall():
            with transaction(connection):
                if not connection.execute("SELECT 1 FROM outputs WHERE sha256 = ?", (sha256,)).fetchone():
                    freed += _remove_blob(blob_path(data.blobs, sha256))
                connection.execute("DELETE FROM unused WHERE sha256 = ?", (sha256,))
    return freed


def remove_abandoned(blobs: Path) -> None:
    """Remove the halves of copies whose process was killed."""
    for path in blobs.glob(f"{_INCOMING}*"):
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > _ABANDONED_SECONDS:
                path.unlink()


def _remove_blob(path: Path) -> int:
    try:
        size = path.stat().st_size
        path.unlink()
    except FileNotFoundError:
        return 0
    return size


def _copy_verified(source: IO[bytes], file: IO[bytes], sha256: str, size: int) -> None:
    digest, length = hashlib.sha256(), 0
    while length <= size and (chunk := source.read(_CHUNK_BYTES)):
        digest.update(chunk)
        length += len(chunk)
        file.write(chunk)
    if length != size or digest.hexdigest() != sha256:
        raise DifferentContentError("the kernel announced another content than it left")
    file.flush()
    os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Bring a new name onto the disk: that is the folder's content, not the file's."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
