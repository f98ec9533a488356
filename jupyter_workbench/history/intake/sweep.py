"""Spools -> store, without any kernel or server: whatever a kernel wrote before it died is taken in here.

Any number of processes may sweep at once.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from jupyter_workbench.history.disk.spool import STREAM, Spool
from jupyter_workbench.history.store import blobs, outputs
from jupyter_workbench.history.store.database import is_in_use
from jupyter_workbench.history.upkeep import removal

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from pathlib import Path

    from jupyter_workbench.history.location import ProjectData
    from jupyter_workbench.history.store.store import Store

PROCESS_ENDED = "The kernel's process ended before the cell did."
SPOOL_REMOVED = "The records of the kernel were removed before the cell ended."
_STARTING_SECONDS = 24 * 3600
_FETCHING_SECONDS = 24 * 3600
_REMOVED = re.compile(r"\.\d{8}T\d{6}-[0-9a-f]{16}\.removed\Z", re.ASCII)
_log = logging.getLogger(__name__)
_told: dict[Path, str] = {}  # what is wrong with which folder, as it was logged last


def sweep(data: ProjectData, store: Store, skip: Collection[str] = ()) -> int:
    """Bring every spool of the project into the store; returns how many are left (of kernels that live, mostly).

    What has been in the bin for 30 days is removed for good. The streams in ``skip`` are left alone: a collector of
    this process follows them, and knows better how they end. A spool that cannot be read is logged and left. Raises
    ``HistoryError`` when the store cannot be written. Whatever fails keeps nothing else from being done; the first
    failure is raised at the end.
    """
    failures: list[Exception] = []
    for folder in _folders(data.spools, _REMOVED):
        _unless_it_fails(folder, _remove_files)
    left = 0
    for folder in _folders(data.spools, STREAM):
        is_gone = False
        with _going_on(failures):
            is_gone = folder.name not in skip and _swept(folder, store)
        left += not is_gone
    with _going_on(failures):
        _close_removed(data, store, skip)
    with _going_on(failures):
        _tidy(data)
    if failures:
        raise failures[0]
    return left


def settle(spool: Spool, store: Store, reason: str | None) -> None:
    """Bring one spool into the store after its kernel ended (``reason``: why, for a run that was cut short).

    The spool is removed with everything in it, ``start-error.txt`` too. A process that still holds the spool's lock,
    bytes that cannot be taken in now, or that are still in a container, are left to a later sweep. Raises
    ``HistoryError`` and ``OSError``.
    """
    _finish(spool, store, reason or PROCESS_ENDED)


def catch_up(spool: Spool, store: Store) -> bool:
    """Take in what the spool's file holds and the store does not; returns whether there was anything."""
    before = reached = end = store.offset(spool.stream)
    for offset, lines in spool.read(before):
        if offset > end:
            store.skip(spool.stream, end, offset, spool.facts)
        end = offset + len(lines)
        reached = store.apply(spool.stream, offset, lines, spool.facts)
        if reached < end:
            return True  # the user put another database in the place of this one: the next look begins anew
    return reached > before


@contextmanager
def _going_on(failures: list[Exception]) -> Iterator[None]:
    """Note a failure: one spool, by a fault of ours even, must not keep the others out for ever."""
    try:
        yield
    except Exception as failure:
        failures.append(failure)
        if is_in_use(failure):
            raise failures[0] from None  # whatever comes next would wait as long, and in vain


def _close_removed(data: ProjectData, store: Store, skip: Collection[str]) -> None:
    for stream in store.open_streams():
        # A spool is made before its stream is first seen: what is not there now was removed.
        if stream not in skip and not (data.spools / stream).exists():
            store.close_stream(stream, SPOOL_REMOVED)


def _tidy(data: ProjectData) -> None:
    blobs.remove_abandoned(data.blobs)
    removal.empty_bin(data)


def _swept(folder: Path, store: Store) -> bool:
    return _unless_it_fails(folder, lambda folder: _finish(Spool.at(folder), store))


def _unless_it_fails(folder: Path, step: Callable[[Path], bool]) -> bool:
    """Whether the folder is gone; one that cannot be read or removed keeps no other one out, and is told once."""
    try:
        is_gone = step(folder)
    except OSError as error:
        problem = str(error.strerror or error)
        if _told.get(folder) != problem:
            _told[folder] = problem
            _log.warning("%s: these records cannot be read or removed (%s)", folder, problem)
        return False
    _told.pop(folder, None)
    return is_gone


def _finish(spool: Spool, store: Store, known_end: str | None = None) -> bool:
    """Whether the spool is gone; ``known_end``: why its kernel has ended, where that is known beyond what it shows."""
    if not spool.folder.exists():
        return True  # another sweep brought it in
    # In this order: both come after the lock, and what a dead process wrote is all there once its lock is free.
    # What the store knows was ready: a kernel that takes its records away afterwards keeps no run running.
    was_ready, is_unfetched = store.offset(spool.stream) > 0 or spool.was_ready(), spool.is_unfetched()
    is_alive = spool.is_alive()
    is_awaited = is_unfetched and not is_alive and spool.is_awaited(_FETCHING_SECONDS)
    if not was_ready and not is_awaited:
        return _remove_unused(spool, _STARTING_SECONDS if known_end is None else 0)
    is_over = not is_alive and (not is_awaited or known_end is not None)
    end = (known_end or PROCESS_ENDED) if is_over else None
    _take_in(spool, store, end, is_final=not is_alive and not is_awaited)
    if not is_over or is_awaited:
        return False
    # A forked child may go on for a while; what it saves may have been brought in by another sweep just now.
    if spool.may_grow() or catch_up(spool, store) or store.waiting_outputs(spool.stream):
        return False
    return _remove(spool.folder)


def _take_in(spool: Spool, store: Store, end: str | None, *, is_final: bool) -> None:
    """Bring in records and outputs; with an ``end`` the stream is closed, even if they cannot be read now.

    It is closed last, since that brings onto the disk what became of the outputs, too.
    """
    try:
        catch_up(spool, store)
        outputs.take(spool, store, is_final=is_final)
    except Exception as failure:
        if end and not is_in_use(failure):
            store.close_stream(spool.stream, end)
        raise
    if end:
        store.close_stream(spool.stream, end)


def _remove_unused(spool: Spool, patience_seconds: float) -> bool:
    """Remove the spool of a kernel that never came to its first record; a young one may be starting."""
    try:
        age = time.time() - spool.folder.stat().st_mtime
    except FileNotFoundError:
        return True
    return age >= patience_seconds and not spool.is_alive() and _remove(spool.folder)


def _remove(folder: Path) -> bool:
    """Remove a spool, which is whole or gone at any moment: half of one would look like a kernel that never began."""
    removed = folder.with_name(f".{folder.name}.removed")
    try:
        folder.rename(removed)
    except FileNotFoundError:
        return True  # another sweep is at it
    return _remove_files(removed)


def _remove_files(folder: Path) -> bool:
    with suppress(FileNotFoundError):
        shutil.rmtree(folder, onerror=_raise_unless_gone)
    return True


def _raise_unless_gone(_step: object, _path: str, failure: tuple[object, BaseException, object]) -> None:
    """Go on past a file that another sweep removed from the same folder: if both stopped there, it would stay."""
    if not isinstance(failure[1], FileNotFoundError):
        raise failure[1]


def _folders(spools: Path, name: re.Pattern[str]) -> list[Path]:
    try:
        with os.scandir(spools) as entries:
            names = [entry.name for entry in entries if name.match(entry.name) and entry.is_dir(follow_symlinks=False)]
    except FileNotFoundError:
        return []
    return [spools / found for found in sorted(names)]
