"""The store: records go in, exactly once in effect, from any number of processes at once."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from jupyter_workbench.history.database import connect, in_words, transaction
from jupyter_workbench.history.ingest import Ingest

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from jupyter_workbench.history.location import ProjectData
    from jupyter_workbench.history.spool import KernelFacts


class Store:
    """The runs of one project. Thread-safe; every method may raise ``HistoryError`` and then has changed nothing."""

    def __init__(self, data: ProjectData) -> None:
        self.data = data
        self._lock = threading.Lock()
        self._connection = connect(data)

    def close(self) -> None:
        """Let the file go; the store cannot be used afterwards."""
        with self._lock:
            self._connection.close()

    def offset(self, stream: str) -> int:
        """How many bytes of the stream's spool are in the store."""
        with self._reading() as connection:
            row = connection.execute("SELECT reached FROM streams WHERE stream = ?", (stream,)).fetchone()
        return row[0] if row else 0

    def apply(self, stream: str, offset: int, data: bytes, facts: KernelFacts) -> int:
        """Take in the spool's bytes from ``offset`` on; returns the offset reached.

        What is in already is passed over, a last line without its newline is left for later, and bytes behind a gap
        are left out (the offset returned is then below ``offset``). A bad line is counted and passed over.
        """
        with self._writing() as connection:
            key, reached = _stream(connection, stream, facts)
            fresh = data[reached - offset :] if offset <= reached else b""
            lines = fresh[: fresh.rfind(b"\n") + 1]
            if lines:
                ingest = Ingest(connection, key)
                ingest.lines(reached, lines)
                connection.execute(
                    "UPDATE streams SET reached = ?, bad_records = bad_records + ?, latest = coalesce(?, latest),"
                    " closed = NULL WHERE key = ?",
                    (reached + len(lines), ingest.bad, ingest.latest, key),
                )
            return reached + len(lines)

    def skip(self, stream: str, offset: int, facts: KernelFacts) -> None:
        """Pass over a record that is too long to be read; ``offset`` is where the next one begins."""
        with self._writing() as connection:
            _stream(connection, stream, facts)
            connection.execute(
                "UPDATE streams SET reached = ?1, bad_records = bad_records + 1 WHERE stream = ?2 AND reached < ?1",
                (offset, stream),
            )

    def close_stream(self, stream: str, reason: str) -> None:
        """No process writes this stream any more: a run of it that has no end yet failed for that reason.

        On return the stream's rows are on the disk, so that its spool can be removed.
        """
        with self._writing(durably=True) as connection:
            row = connection.execute("SELECT key, latest FROM streams WHERE stream = ?", (stream,)).fetchone()
            if row is None:
                return
            key, latest = row
            connection.execute(
                "UPDATE runs SET status = 'Failed', died = 1, error_name = 'KernelDied', error_message = ?1,"
                " ended = max(started, ?2), duration = max(started, ?2) - started"
                " WHERE stream = ?3 AND status = 'Running'",
                (reason, latest, key),
            )
            connection.execute("UPDATE streams SET closed = ? WHERE key = ?", (time.time(), key))

    def open_streams(self) -> list[str]:
        """List the streams that were not closed yet."""
        with self._reading() as connection:
            return [row[0] for row in connection.execute("SELECT stream FROM streams WHERE closed IS NULL")]

    def waiting_outputs(self, stream: str) -> list[tuple[str, int]]:
        """``(sha256, size)`` of the outputs of a stream's runs whose content was not fetched yet."""
        with self._reading() as connection:
            return connection.execute(
                "SELECT DISTINCT sha256, size FROM outputs CROSS JOIN runs ON runs.number = outputs.run"
                " CROSS JOIN streams ON streams.key = runs.stream"
                " WHERE outputs.state = 'waiting' AND streams.stream = ?",
                (stream,),
            ).fetchall()

    def settle_output(self, stream: str, content: tuple[str, int], problem: str | None) -> None:
        """Note that the content ``(sha256, size)`` is kept, or lost because of ``problem``."""
        with self._writing() as connection:
            connection.execute(
                "UPDATE outputs SET state = ?, problem = ? WHERE state = 'waiting' AND sha256 = ? AND size = ?"
                " AND run IN (SELECT number FROM runs WHERE stream = (SELECT key FROM streams WHERE stream = ?))",
                ("kept" if problem is None else "lost", problem, *content, stream),
            )

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with in_words(self.data.database), self._lock:
            yield self._connection

    @contextmanager
    def _writing(self, *, durably: bool = False) -> Iterator[sqlite3.Connection]:
        with self._reading() as connection:
            if durably:
                connection.execute("PRAGMA synchronous = FULL")
            try:
                with transaction(connection):
                    yield connection
            finally:
                if durably:
                    connection.execute("PRAGMA synchronous = NORMAL")


def _stream(connection: sqlite3.Connection, stream: str, facts: KernelFacts) -> tuple[int, int]:
    """``(key, offset reached)``; what is known about the kernel is kept with its first record."""
    query = "SELECT key, reached FROM streams WHERE stream = ?"
    row = connection.execute(query, (stream,)).fetchone()
    if row is None:
        connection.execute(
            "INSERT INTO streams(stream, project, project_dir, run_configuration, target, target_type, framework,"
            " kernel_id, notebook) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (stream, facts.project, facts.project_dir, facts.run_configuration, facts.target, facts.target_type,
             facts.framework, facts.kernel_id, facts.notebook),
        )  # fmt: skip
        row = connection.execute(query, (stream,)).fetchone()
    return row[0], row[1]
