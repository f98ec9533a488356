"""The bin: runs go into it, come out of it again, or go for good with all that no other run uses.

Each function but `purge` does all of it or, raising, nothing. Every one raises ``RunNotFound`` for an id that no run
has, and ``HistoryError``.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from jupyter_workbench.errors import RunStillRuns
from jupyter_workbench.history.reading.view import reading
from jupyter_workbench.history.store.blobs import remove_unused
from jupyter_workbench.history.store.database import in_words, writing
from jupyter_workbench.history.upkeep.editing import editing

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from jupyter_workbench.history.location import ProjectData

BIN_SECONDS = 30 * 24 * 3600
HELD_SECONDS = 0.5
"""For which a purge keeps everybody else from writing."""

REST_SECONDS = 0.15
"""In which they come to it: SQLite asks ten times a second."""

_AT_ONCE = 0.0  # when a run that has to go came into the bin


class Freed(NamedTuple):
    """What a purge removed: so many ``runs``, and outputs of so many ``bytes`` that no other run uses."""

    runs: int
    bytes: int


def delete(data: ProjectData, run_ids: Sequence[str]) -> None:
    """Put runs into the bin, out of which `undelete` takes them within 30 days. A run that still runs is refused."""
    with editing(data, run_ids) as (connection, numbers):
        _refuse_running(connection, numbers)
        now = time.time()
        query = "UPDATE runs SET deleted = coalesce(deleted, ?) WHERE number = ?"
        connection.executemany(query, [(now, number) for number in numbers])


def undelete(data: ProjectData, run_ids: Sequence[str]) -> None:
    """Take runs out of the bin."""
    with editing(data, run_ids) as (connection, numbers):
        connection.executemany("UPDATE runs SET deleted = NULL WHERE number = ?", [(number,) for number in numbers])


def purge(data: ProjectData, run_ids: Sequence[str] | None = None, older_than: float | None = None) -> Freed:
    """Remove runs for good, in the bin or not, with every output and text that no other run uses.

    Without ``run_ids`` all that is in the bin; with ``older_than`` only what has been there for so many seconds. A run
    that still runs is refused. They go a few at a time, so that others can write; what a purge that is killed leaves is
    in the bin and goes with the next sweep.
    """
    with editing(data, run_ids or ()) as (connection, numbers):
        if run_ids is None:
            limit = time.time() - (older_than or 0)
            query = "SELECT number FROM runs WHERE deleted IS NOT NULL AND deleted <= ? AND status != 'Running'"
            numbers += [number for (number,) in connection.execute(query, (limit,))]
        _refuse_running(connection, numbers)
        connection.executemany("UPDATE runs SET deleted = ? WHERE number = ?", [(_AT_ONCE, row) for row in numbers])
    removed, left = _remove_some(data)
    while left:
        time.sleep(REST_SECONDS)
        more, left = _remove_some(data)
        removed += more
    if removed:
        _remove_what_nothing_needs(data)
    return Freed(removed, remove_unused(data))


def empty_bin(data: ProjectData) -> Freed:
    """Purge what has been in the bin for `BIN_SECONDS`; cheap when there is nothing."""
    limit = time.time() - BIN_SECONDS
    with reading(data) as connection:
        query = (
            "SELECT EXISTS (SELECT 1 FROM runs WHERE deleted IS NOT NULL AND deleted <= ?)"
            " OR EXISTS (SELECT 1 FROM unused)"
        )
        if not connection.execute(query, (limit,)).fetchone()[0]:
            return Freed(0, 0)
    return purge(data, older_than=BIN_SECONDS)


def _remove_some(data: ProjectData) -> tuple[int, int]:
    """Remove runs that have to go at once, for a while; returns how many, and how many are left."""
    with in_words(data.database), writing(data) as connection:
        end = time.monotonic() + HELD_SECONDS
        rows = connection.execute("SELECT number FROM runs WHERE deleted = ?", (_AT_ONCE,)).fetchall()
        for count, row in enumerate(rows, 1):
            connection.execute("INSERT OR IGNORE INTO unused SELECT sha256 FROM outputs WHERE run = ?", row)
            for table in ("metrics", "summaries", "outputs", "tags", "tails"):
                connection.execute(f"DELETE FROM {table} WHERE run = ?", row)
            _remember(connection, data, row[0])
            connection.execute("DELETE FROM runs WHERE number = ?", row)
            if time.monotonic() >= end:
                return count, len(rows) - count
        return len(rows), 0


def _remember(connection: sqlite3.Connection, data: ProjectData, number: int) -> None:
    """Note that a run was removed whose records are still in a spool, which a repair takes in anew."""
    query = "SELECT run, streams.stream FROM runs JOIN streams ON streams.key = runs.stream WHERE number = ?"
    run, stream = connection.execute(query, (number,)).fetchone()
    if (data.spools / stream).exists():
        connection.execute("INSERT OR REPLACE INTO removed VALUES (?, ?)", (run, stream))


def _remove_what_nothing_needs(data: ProjectData) -> None:
    columns = " UNION ".join(
        f"SELECT {column} FROM runs WHERE {column} IS NOT NULL"
        for column in ("source", "diff", "packages", "traceback")
    )
    with in_words(data.database), writing(data) as connection:
        connection.execute(f"DELETE FROM texts WHERE sha256 NOT IN ({columns})")
        _remove_streams(connection, data)


def _remove_streams(connection: sqlite3.Connection, data: ProjectData) -> None:
    """Forget the kernels of which nothing is left, no spool either: a run that is imported again comes in anew."""
    query = "SELECT key, stream FROM streams WHERE closed IS NOT NULL AND key NOT IN (SELECT stream FROM runs)"
    gone = [(key,) for key, stream in connection.execute(query) if not (data.spools / stream).exists()]
    connection.executemany("DELETE FROM streams WHERE key = ?", gone)
    noted = connection.execute("SELECT DISTINCT stream FROM removed").fetchall()
    without_spool = [row for row in noted if not (data.spools / row[0]).exists()]
    connection.executemany("DELETE FROM removed WHERE stream = ?", without_spool)


def _refuse_running(connection: sqlite3.Connection, numbers: Sequence[int]) -> None:
    for number in numbers:
        query = "SELECT run_id FROM runs WHERE number = ? AND status = 'Running'"
        if row := connection.execute(query, (number,)).fetchone():
            raise RunStillRuns(f"The run {row[0]} still runs: it can be removed when it has ended.")
