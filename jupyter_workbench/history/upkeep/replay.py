"""Taking in a whole spool anew, for a database that lost what it had of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_workbench.history.disk.spool import TOO_LONG
from jupyter_workbench.history.records import parsing
from jupyter_workbench.history.records.fields import BadRecordError
from jupyter_workbench.history.records.kinds import Experiment, Note, Start, Tag
from jupyter_workbench.history.store.ingest import Ingest
from jupyter_workbench.history.store.streams import key_of_stream

if TYPE_CHECKING:
    import sqlite3

    from jupyter_workbench.history.disk.spool import Spool
    from jupyter_workbench.history.store.limits import Limits

LOST = "lost-"
"""What the names begin with that stand for streams of which nothing can be read any more."""

# What others than the kernel may have written to a run.
_EDITED = (
    "experiment", "note", "captured", "commit_id", "branch", "git_remote", "dirty", "diff", "git_problem", "packages",
    "deleted",
)  # fmt: skip


def replay(connection: sqlite3.Connection, spool: Spool, limits: Limits) -> None:
    """Replace all runs of the spool by what it tells; their numbers, ids and edits stay, as far as they are known.

    Runs that were removed for good do not come back.
    """
    runs = list(_starts(spool))
    if not runs:
        return
    known = {run: kept for run in runs if (kept := _remove(connection, run, spool.stream)) is not None}
    key, taken_in = key_of_stream(connection, spool.stream, spool.facts)
    numbers = {run: (row["number"], row["run_id"]) for run, (row, _) in known.items()}
    ingest = Ingest(connection, key, limits.records, numbers)
    removed = {run for (run,) in connection.execute("SELECT run FROM removed WHERE stream = ?", (spool.stream,))}
    reached, problem = 0, None
    for offset, lines in spool.read(0):
        problem = TOO_LONG if offset > reached else problem
        told = parsing.parse_lines(offset, lines)
        ingest.take(line for line in told if getattr(line[1], "run", None) not in removed)
        reached = offset + len(lines)
    problem = limits.records_left_out if ingest.left_out else problem
    connection.execute(
        "UPDATE streams SET reached = ?, bad_records = ?, latest = ?, closed = NULL, problem = coalesce(problem, ?)"
        " WHERE key = ?",
        (reached, ingest.bad, ingest.latest, problem, key),
    )
    for row, tags in known.values():
        _restore(connection, row, tags)
    # Of a stream that was lost nobody knows which edits were younger than its records: the edits stay as they are.
    if taken_in > 0:
        _tell_again(Ingest(connection, key, limits.records), spool, taken_in, reached)


def _starts(spool: Spool) -> dict[str, None]:
    """Return the keys of the runs that began in the spool."""
    runs: dict[str, None] = {}
    for _, lines in spool.read(0):
        for line in lines.split(b"\n"):
            if b'"start"' in line:
                try:
                    record = parsing.parse(line)
                except BadRecordError:
                    continue
                if isinstance(record, Start):
                    runs[record.run] = None
    return runs


def _remove(connection: sqlite3.Connection, run: str, stream: str) -> tuple[dict[str, Any], list[Any]] | None:
    """Remove a run unless it is known to be another stream's, which a kernel may have named to do it harm."""
    columns = ("number", "run_id", *_EDITED)
    row = connection.execute(
        f"SELECT {', '.join(columns)} FROM runs WHERE run = ?"
        " AND stream IN (SELECT key FROM streams WHERE stream = ? OR stream LIKE ?)",
        (run, stream, f"{LOST}%"),
    ).fetchone()
    if row is None:
        return None
    number = row[0]
    tags = connection.execute("SELECT run, key, value FROM tags WHERE run = ?", (number,)).fetchall()
    for table in ("metrics", "outputs", "tails", "tags"):
        connection.execute(f"DELETE FROM {table} WHERE run = ?", (number,))
    connection.execute("DELETE FROM runs WHERE number = ?", (number,))
    return dict(zip(columns, row, strict=True)), tags


def _restore(connection: sqlite3.Connection, row: dict[str, Any], tags: list[Any]) -> None:
    columns = ", ".join(f"{name} = :{name}" for name in _EDITED)
    connection.execute(f"UPDATE runs SET {columns} WHERE number = :number", row)
    connection.execute("DELETE FROM tags WHERE run = ?", (row["number"],))
    connection.executemany("INSERT INTO tags VALUES (?, ?, ?)", tags)


def _tell_again(ingest: Ingest, spool: Spool, start: int, end: int) -> None:
    """Take in what the kernel told over the edits of its runs: these were put back as they were before its word."""
    for offset, lines in spool.read(start):
        told = parsing.parse_lines(offset, lines)
        ingest.take(line for line in told if line[0] < end and isinstance(line[1], (Tag, Note, Experiment)))
