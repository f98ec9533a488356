"""What the server found out about the surroundings of runs -> rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_workbench.history.records import fields
from jupyter_workbench.history.records.masking import mask
from jupyter_workbench.history.store.texts import keep_text

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from jupyter_workbench.history.records.captured import Captured


def annotate(connection: sqlite3.Connection, stream: str, runs: Sequence[str], captured: Captured) -> list[int]:
    """Write it to the stream's runs with those keys; returns their numbers. Unknown packages leave the known ones."""
    query = "SELECT number FROM runs WHERE run = ? AND stream = (SELECT key FROM streams WHERE stream = ?)"
    found = [row[0] for run in runs if (row := connection.execute(query, (fields.text(run), stream)).fetchone())]
    if found:
        values = _values(connection, captured)
        connection.executemany(
            "UPDATE runs SET captured = ?, commit_id = ?, branch = ?, git_remote = ?, dirty = ?, diff = ?,"
            " git_problem = ?, packages = coalesce(?, packages) WHERE number = ?",
            [(*values, number) for number in found],
        )
    return found


def _values(connection: sqlite3.Connection, captured: Captured) -> tuple[object, ...]:
    diff = packages = None
    if captured.diff:
        diff = keep_text(connection, mask(fields.text(captured.diff)))
    if captured.packages is not None:
        packages = keep_text(connection, fields.text("\n".join(captured.packages)))
    remote = None if captured.git_remote is None else mask(fields.text(captured.git_remote))
    texts = [fields.optional_text(text) for text in (captured.commit_id, captured.branch)]
    problem = None if captured.git_problem is None else mask(fields.text(captured.git_problem))
    return (captured.captured, *texts, remote, captured.dirty, diff, problem, packages)
