"""Outputs of runs: taken from a kernel's spool, without trusting it, into the blobs of the project."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from jupyter_workbench.history.disk.beneath import RefusedError, remove_beneath
from jupyter_workbench.history.store.blobs import DifferentContentError, blob_path, keep, remove_unused
from jupyter_workbench.history.store.room import NoRoomError, NoRoomNowError, Room

if TYPE_CHECKING:
    from jupyter_workbench.history.disk.spool import Spool
    from jupyter_workbench.history.store.store import Store


def take(spool: Spool, store: Store, *, is_final: bool) -> None:
    """Keep the contents that the spool's runs announced, as far as they are there and the disk has room.

    With ``is_final`` nothing more can arrive: what is missing then is lost. What cannot be read or written waits, and
    keeps no other one out. Raises ``HistoryError`` when the store cannot be written.
    """
    if store.has_unused_outputs():
        remove_unused(store.data)
    room = Room(store)
    for sha256, size in store.waiting_outputs(spool.stream):
        try:
            _take_one(store, spool, room, sha256, size)
        except FileNotFoundError:
            if not is_final:
                continue
            problem: str | None = "the kernel left no content"
        except RefusedError:
            problem = "the kernel left no regular file"
        except (DifferentContentError, NoRoomError) as error:
            problem = str(error)
        except NoRoomNowError as error:
            store.note_waiting(spool.stream, (sha256, size), str(error))
            continue
        except OSError as error:
            problem = f"it cannot be kept ({error.strerror or error}) and waits in {spool.folder}"
            store.note_waiting(spool.stream, (sha256, size), problem)
            continue
        else:
            problem = None
        store.settle_output(spool.stream, (sha256, size), problem)
        _leave(spool, sha256)


def _take_one(store: Store, spool: Spool, room: Room, sha256: str, size: int) -> None:
    data = store.data
    kept = blob_path(data.blobs, sha256)
    if not kept.exists():
        room.check(size)
        try:
            with os.fdopen(spool.open_blob(sha256), "rb") as source:
                keep(data, source, sha256, size)
                room.take(size)
        except FileNotFoundError:
            if not kept.exists():  # else another process took it in the meantime, and removed it from the spool
                raise
    if kept.stat().st_size != size:
        raise DifferentContentError("the kernel announced another size than the content has")


def _leave(spool: Spool, sha256: str) -> None:
    """Remove a content that nobody waits for any more: a kernel's disk is ours, too, for as long as it lives."""
    with suppress(OSError):  # a kernel may have put a link there; the copy goes with the spool anyway
        remove_beneath(spool.folder.parent, spool.folder.name, "blobs", sha256)
