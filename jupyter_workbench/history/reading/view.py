"""One consistent view of a project's database, and finding a run in it."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from difflib import get_close_matches
from typing import TYPE_CHECKING

from jupyter_workbench.errors import RunNotFound
from jupyter_workbench.history.records import fields
from jupyter_workbench.history.store.database import connect_to_read, in_words, prepare, transaction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_workbench.history.location import ProjectData

NO_RUNS = "The project has no runs yet: run a cell after `%azureml history on` in one of its kernels."
_MOST_IDS = 2000  # that are looked at for near ones


@contextmanager
def reading(data: ProjectData) -> Iterator[sqlite3.Connection]:
    """Everything that is read inside is of one moment. A project without a history is an empty one.

    The temporary table ``page(place, number)`` is for the runs that are asked for, in their order.
    """
    with in_words(data.database), closing(_open(data)) as connection:
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("CREATE TEMP TABLE page (place INTEGER PRIMARY KEY, number INTEGER NOT NULL)")
        with transaction(connection, "DEFERRED"):
            yield connection


def number_of(connection: sqlite3.Connection, run_id: str) -> int:
    """Find the number of the run with exactly that id, in the bin or not. Raises ``RunNotFound``."""
    row = connection.execute("SELECT number FROM runs WHERE run_id = ?", (fields.text(run_id),)).fetchone()
    if row is not None:
        return int(row[0])
    query = "SELECT run_id FROM runs WHERE deleted IS NULL ORDER BY started DESC, number DESC LIMIT ?"
    near = get_close_matches(run_id, [found for (found,) in connection.execute(query, (_MOST_IDS,))], n=3, cutoff=0.8)
    hint = f"did you mean {' or '.join(near)}?" if near else "`workbench history list` shows the ids of all runs."
    raise RunNotFound(f"The project has no run {run_id!r}: {hint}")


def _open(data: ProjectData) -> sqlite3.Connection:
    if data.database.exists():
        return connect_to_read(data)
    empty = sqlite3.connect(":memory:", isolation_level=None)
    prepare(empty)
    return empty
