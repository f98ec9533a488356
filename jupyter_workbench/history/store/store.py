"""The store: records go in, exactly once in effect, from any number of processes at once."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from jupyter_workbench.history.disk.spool import TOO_LONG
from jupyter_workbench.history.records.parsing import parse_lines
from jupyter_workbench.history.store.annotations import annotate
from jupyter_workbench.history.store.database import connect, identity, in_words, transaction
from jupyter_workbench.history.store.ingest import Ingest
from jupyter_workbench.history.store.limits import limits
from jupyter_workbench.history.store.revisions import revise
from jupyter_workbench.history.store.streams import key_of_stream

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterator, Sequence

    from jupyter_workbench.history.disk.spool import KernelFacts
    from jupyter_workbench.history.location import ProjectData
    from jupyter_workbench.history.records.captured import Captured

_AWAITED = (
    " WHERE state = 'waiting' AND sha256 = ? AND size = ?"
    " AND run IN (SELECT number FROM runs WHERE stream = (SELECT key FROM streams WHERE stream = ?))"
)


class Store:
    """The runs of one project. Thread-safe; every method may raise ``HistoryError`` and then has changed nothing.

    ``limits`` are those that hold since it was opened.
    """

    def __init__(self, data: ProjectData) -> None:
        self.data = data
        self.limits = limits()
        self._lock = threading.Lock()
        self._changed: dict[str, None] = {}
        found = identity(data.database)
        self._connection = connect(data)
        self._file = found or identity(data.database)

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
        lines = data[: data.rfind(b"\n") + 1]
        end = offset + len(lines)
        told = parse_lines(offset, lines)  # before the transaction: nobody else can write while it goes on
        with self._writing() as connection:
            key, reached = key_of_stream(connection, stream, facts)
            if not offset <= reached < end:
                return reached
            ingest = Ingest(connection, key, self.limits.records)
            ingest.take(line for line in told if line[0] >= reached)
            connection.execute(
                "UPDATE streams SET reached = ?, bad_records = bad_records + ?, latest = coalesce(?, latest),"
                " closed = NULL WHERE key = ?",
                (end, ingest.bad, ingest.latest, key),
            )
            if ingest.left_out:
                _tell_problem(connection, key, self.limits.records_left_out)
            self._note_change(connection, ingest.changed)
            return end

    def skip(self, stream: str, offset: int, end: int, facts: KernelFacts) -> None:
        """Pass over a record that is too long to be read, from ``offset`` to ``end``."""
        with self._writing() as connection:
            key, _ = key_of_stream(connection, stream, facts)
            _tell_problem(connection, key, TOO_LONG)
            connection.execute(
                "UPDATE streams SET reached = ?1, bad_records = bad_records + 1"
                " WHERE stream = ?2 AND reached >= ?3 AND reached < ?1",
                (end, stream, offset),
            )

    def tell_problem(self, stream: str, problem: str) -> None:
        """Note why records of the stream are missing, unless a reason was noted before."""
        with self._writing() as connection:
            connection.execute("UPDATE streams SET problem = coalesce(problem, ?) WHERE stream = ?", (problem, stream))

    def close_stream(self, stream: str, reason: str) -> None:
        """No process writes this stream any more: a run of it that has no end yet failed for that reason.

        On return the stream's rows are on the disk, so that its spool can be removed.
        """
        with self._writing(durably=True) as connection:
            row = connection.execute("SELECT key, latest FROM streams WHERE stream = ?", (stream,)).fetchone()
            if row is None:
                return
            key, latest = row
            cut_short = "SELECT number FROM runs WHERE stream = ? AND status = 'Running'"
            self._note_change(connection, [number for (number,) in connection.execute(cut_short, (key,))])
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

    def uncaptured(self, stream: str) -> list[str]:
        """List the keys of a stream's runs for which `annotate` was not called yet, oldest first."""
        with self._reading() as connection:
            query = (
                "SELECT run FROM runs WHERE captured IS NULL AND stream = (SELECT key FROM streams WHERE stream = ?)"
                " ORDER BY number"
            )
            return [run for (run,) in connection.execute(query, (stream,))]

    def annotate(self, stream: str, runs: Sequence[str], captured: Captured) -> None:
        """Keep what was found out about the surroundings of the stream's runs with those keys; others are passed over.

        Runs that were annotated before get the new words.
        """
        with self._writing() as connection:
            self._note_change(connection, annotate(connection, stream, runs, captured))

    def take_changes(self) -> tuple[str, ...]:
        """Return the ids of the runs that this `Store` has changed since the last call, in that order."""
        with self._lock:
            changed, self._changed = tuple(self._changed), {}
        return changed

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
            query = f"SELECT DISTINCT run FROM outputs{_AWAITED}"
            self._note_change(connection, [run for (run,) in connection.execute(query, (*content, stream))])
            state = "kept" if problem is None else "lost"
            settled = connection.execute(
                f"UPDATE outputs SET state = ?, problem = ?{_AWAITED}", (state, problem, *content, stream)
            )
            if not settled.rowcount:  # the path was saved again, or the run removed, while it was copied
                connection.execute("INSERT OR IGNORE INTO unused VALUES (?)", content[:1])

    def note_waiting(self, stream: str, content: tuple[str, int], problem: str) -> None:
        """Tell why the content ``(sha256, size)`` is not fetched yet."""
        with self._writing() as connection:
            query = f"SELECT DISTINCT run FROM outputs{_AWAITED} AND problem IS NOT ?"
            runs = [run for (run,) in connection.execute(query, (*content, stream, problem))]
            connection.execute(f"UPDATE outputs SET problem = ?{_AWAITED}", (problem, *content, stream))
            self._note_change(connection, runs)

    def has_unused_outputs(self) -> bool:
        """Whether there are contents that a run had and has no more."""
        with self._reading() as connection:
            return bool(connection.execute("SELECT EXISTS (SELECT 1 FROM unused)").fetchone()[0])

    def size_of_outputs(self) -> int:
        """Bytes of all contents that are kept."""
        with self._reading() as connection:
            query = (
                "SELECT coalesce(sum(size), 0) FROM (SELECT DISTINCT sha256, size FROM outputs WHERE state = 'kept')"
            )
            return int(connection.execute(query).fetchone()[0])

    def _note_change(self, connection: sqlite3.Connection, numbers: Collection[int]) -> None:
        """Inside a writing transaction; when that fails, a change too many is told, which does no harm."""
        revise(connection, numbers)
        for number in sorted(numbers):
            (run_id,) = connection.execute("SELECT run_id FROM runs WHERE number = ?", (number,)).fetchone()
            self._changed[run_id] = None

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with in_words(self.data.database), self._lock:
            self._follow_the_file()
            yield self._connection

    def _follow_the_file(self) -> None:
        """Go on with the file that is there now, when a user or a repair put another one in the place of ours."""
        found = identity(self.data.database)
        if found != self._file:
            connection = connect(self.data)
            self._connection.close()
            self._connection, self._file = connection, found or identity(self.data.database)

    @contextmanager
    def _writing(self, *, durably: bool = False) -> Iterator[sqlite3.Connection]:
        with in_words(self.data.database), self._lock, self._begun(durably):
            yield self._connection

    def _begun(self, durably: bool) -> ExitStack:
        """Begin to write to the file that is there once our turn has come: a repair may have replaced it meanwhile."""
        while True:
            self._follow_the_file()
            with ExitStack() as stack:
                if durably:
                    self._connection.execute("PRAGMA synchronous = FULL")
                    stack.callback(self._connection.execute, "PRAGMA synchronous = NORMAL")
                stack.enter_context(transaction(self._connection))
                if identity(self.data.database) == self._file:
                    return stack.pop_all()


def _tell_problem(connection: sqlite3.Connection, key: int, problem: str) -> None:
    connection.execute("UPDATE streams SET problem = coalesce(problem, ?) WHERE key = ?", (problem, key))
