"""Which runs changed since somebody looked, whoever changed them: a command, another server, this one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_workbench.history.reading.view import reading

if TYPE_CHECKING:
    from jupyter_workbench.history.location import ProjectData


def changed_since(data: ProjectData, revision: int, most: int) -> tuple[int, tuple[str, ...]]:
    """Return the newest revision, and at most so many ids of runs with one above ``revision``. Raises ``HistoryError``.

    A history that was repaired counts anew: all of its runs have changed.
    """
    with reading(data) as connection:
        newest = int(connection.execute("SELECT coalesce(max(revision), 0) FROM runs").fetchone()[0])
        after = revision if revision <= newest else 0
        query = "SELECT run_id FROM runs WHERE revision > ? ORDER BY revision LIMIT ?"
        return newest, tuple(run_id for (run_id,) in connection.execute(query, (after, most)))
