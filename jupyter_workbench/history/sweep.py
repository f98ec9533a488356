"""Spools -> store, without any kernel or server: whatever a kernel wrote before it died is taken in here.

Any number of processes may sweep at once.
"""

from __future__ import annotations

import logging
import os
import shutil
import time
from typing import TYPE_CHECKING

from jupyter_workbench.history import outputs
from jupyter_workbench.history.spool import STREAM, Spool

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_workbench.history.location import ProjectData
    from jupyter_workbench.history.store import Store

PROCESS_ENDED = "The kernel's process ended before the cell did."
SPOOL_REMOVED = "The records of the kernel were removed before the cell ended."
_STARTING_SECONDS = 24 * 3600
_log = logging.getLogger(__name__)


def sweep(data: ProjectData, store: Store) -> int:
    """Bring every spool of the project into the store; returns how many are left (of kernels that live, mostly).

    A spool that cannot be read is logged and left. Raises ``HistoryError`` when the store cannot be written.
    """
    left = sum(not _swept(folder, store) for folder in _spool_folders(data.spools))
    for stream in store.open_streams():
        # A spool is made before its stream is first seen: what is not there now was removed.
        if not (data.spools / stream).exists():
            store.close_stream(stream, SPOOL_REMOVED)
    outputs.remove_abandoned(data.blobs)
    return left


def settle(spool: Spool, store: Store, reason: str | None) -> None:
    """Bring one spool into the store after its kernel ended (``reason``: why, for a run that was cut short).

    The spool is removed with everything in it, ``start-error.txt`` too. A process that still holds the spool's lock,
    or bytes that cannot be taken in now, are left to a later sweep. Raises ``HistoryError`` and ``OSError``.
    """
    _finish(spool, store, reason or PROCESS_ENDED, 0)


def catch_up(spool: Spool, store: Store) -> bool:
    """Take in what the spool's file holds and the store does not; returns whether there was anything."""
    before = reached = store.offset(spool.stream)
    for offset, lines in spool.read(before):
        if offset > reached:
            store.skip(spool.stream, offset, spool.facts)
        reached = store.apply(spool.stream, offset, lines, spool.facts)
    return reached > before


def _swept(folder: Path, store: Store) -> bool:
    try:
        return _finish(Spool.at(folder), store, PROCESS_ENDED, _STARTING_SECONDS)
    except OSError as error:
        _log.warning("%s: these records cannot be read or removed (%s)", folder, error.strerror or error)
        return False


def _finish(spool: Spool, store: Store, reason: str, patience_seconds: float) -> bool:
    """Whether the spool is gone."""
    if not spool.was_ready():
        return _remove_unused(spool, patience_seconds)
    is_alive = spool.is_alive()  # asked BEFORE reading: what a dead process wrote is then all there
    catch_up(spool, store)
    awaits_output = outputs.take(spool, store, is_final=not is_alive)
    if is_alive:
        return False
    store.close_stream(spool.stream, reason)
    if awaits_output or catch_up(spool, store):  # a forked child may go on for a while
        return False
    return _remove(spool.folder)


def _remove_unused(spool: Spool, patience_seconds: float) -> bool:
    """Remove the spool of a kernel that never came to its first record; a young one may be starting."""
    try:
        age = time.time() - spool.folder.stat().st_mtime
    except FileNotFoundError:
        return True
    return age >= patience_seconds and not spool.is_alive() and _remove(spool.folder)


def _remove(folder: Path) -> bool:
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        return True  # another sweep is at it
    return True


def _spool_folders(spools: Path) -> list[Path]:
    try:
        with os.scandir(spools) as entries:
            names = [
                entry.name for entry in entries if STREAM.match(entry.name) and entry.is_dir(follow_symlinks=False)
            ]
    except FileNotFoundError:
        return []
    return [spools / name for name in sorted(names)]
