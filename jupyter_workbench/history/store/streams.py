"""The rows of kernel processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

    from jupyter_workbench.history.disk.spool import KernelFacts


def key_of_stream(connection: sqlite3.Connection, stream: str, facts: KernelFacts) -> tuple[int, int]:
    """``(key, offset reached)``; what is known about the kernel is kept with its first record."""
    query = "SELECT key, reached FROM streams WHERE stream = ?"
    row = connection.execute(query, (stream,)).fetchone()
    if row is None:
        connection.execute(
            "INSERT INTO streams(stream, project, project_dir, run_configuration, target, target_type, framework,"
            " kernel_id, notebook, user, environment) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (stream, facts.project, facts.project_dir, facts.run_configuration, facts.target, facts.target_type,
             facts.framework, facts.kernel_id, facts.notebook, facts.user, facts.environment),
        )  # fmt: skip
        row = connection.execute(query, (stream,)).fetchone()
    return row[0], row[1]
