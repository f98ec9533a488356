"""Outputs of runs: files named by the hash of their content, taken from a kernel's spool without trusting it.

``blobs/<first 2 hex digits>/<sha256>``, read-only, complete or absent.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from jupyter_workbench.errors import HistoryError
from jupyter_workbench.history.beneath import RefusedError, remove_beneath

if TYPE_CHECKING:
    from jupyter_workbench.history.location import ProjectData
    from jupyter_workbench.history.spool import Spool
    from jupyter_workbench.history.store import Store

_CHUNK_BYTES = 1 << 20
_INCOMING = "incoming-"
_ABANDONED_SECONDS = 24 * 3600


class DifferentContentError(Exception):
    """The bytes do not have the hash and size that were announced."""


def blob_path(blobs: Path, sha256: str) -> Path:
    """Where the content with that hash (64 hex digits) is kept, if it is."""
    return blobs / sha256[:2] / sha256


def take(spool: Spool, store: Store, *, is_final: bool) -> bool:
    """Keep the contents that the spool's runs announced; returns whether one is still awaited.

    With ``is_final`` nothing more can arrive: what is missing then is lost. Raises ``HistoryError``.
    """
    awaited = False
    for sha256, size in store.waiting_outputs(spool.stream):
        try:
            _take_one(store.data, spool, sha256, size)
        except FileNotFoundError:
            if not is_final:
                awaited = True
                continue
            problem: str | None = "the kernel left no content"
        except RefusedError:
            problem = "the kernel left no regular file"
        except DifferentContentError as error:
            problem = str(error)
        except OSError as error:
            raise HistoryError(
                f"{store.data.blobs}: an output cannot be kept ({error.strerror}) - it waits in {spool.folder}"
            ) from error
        else:
            problem = None
        store.settle_output(spool.stream, (sha256, size), problem)
    return awaited


def keep(data: ProjectData, descriptor: int, sha256: str, size: int) -> None:
    """Copy an open file (closed afterwards) into the blobs. Raises ``DifferentContentError`` and ``OSError``."""
    target = blob_path(data.blobs, sha256)
    with os.fdopen(descriptor, "rb") as source:
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


def remove_abandoned(blobs: Path) -> None:
    """Remove the halves of copies whose process was killed."""
    for path in blobs.glob(f"{_INCOMING}*"):
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > _ABANDONED_SECONDS:
                path.unlink()


def _copy_verified(source: BinaryIO, file: BinaryIO, sha256: str, size: int) -> None:
    digest, length = hashlib.sha256(), 0
    while length <= size and (chunk := source.read(_CHUNK_BYTES)):
        digest.update(chunk)
        length += len(chunk)
        file.write(chunk)
    if length != size or digest.hexdigest() != sha256:
        raise DifferentContentError("the kernel announced another content than it left")
    file.flush()
    os.fsync(file.fileno())


def _take_one(data: ProjectData, spool: Spool, sha256: str, size: int) -> None:
    kept = blob_path(data.blobs, sha256)
    if not kept.exists():
        try:
            keep(data, spool.open_blob(sha256), sha256, size)
        except FileNotFoundError:
            if not kept.exists():  # else another process took it in the meantime, and removed it from the spool
                raise
    if kept.stat().st_size != size:
        raise DifferentContentError("the kernel announced another size than the content has")
    with suppress(OSError):  # a kernel may have put a link there; the copy goes with the spool anyway
        remove_beneath(spool.folder.parent, spool.folder.name, "blobs", sha256)


def _sync_folder(folder: Path) -> None:
    """Bring a new name onto the disk: that is the folder's content, not the file's."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
