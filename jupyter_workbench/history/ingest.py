"""Records -> rows, inside the transaction of one `Store.apply`."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from jupyter_workbench.history import records
from jupyter_workbench.history.records import BadRecordError, End, Log, Open, Output, Start

if TYPE_CHECKING:
    import sqlite3


class Ingest:
    """Writes the records of one stream; they touch no run but this stream's own.

    ``bad`` counts the lines that were passed over, ``latest`` is the time of the last record.
    """

    def __init__(self, connection: sqlite3.Connection, stream: int) -> None:
        self.bad = 0
        self.latest: float | None = None
        self._connection = connection
        self._stream = stream
        self._numbers: dict[str, int] = {}
        self._metrics: list[tuple[int, int, str, float, float | None, str]] = []

    def lines(self, offset: int, data: bytes) -> None:
        """Whole lines, the first of which begins at ``offset`` of the spool."""
        for line in data.split(b"\n")[:-1]:
            if line:
                try:
                    self._add(offset, records.parse(line))
                except BadRecordError:
                    self.bad += 1
            offset += len(line) + 1
        # One statement for all of them: a training loop logs by the hundred thousand.
        self._connection.executemany("INSERT INTO metrics VALUES (?, ?, ?, ?, ?, ?)", self._metrics)
        self._metrics.clear()

    def _add(self, position: int, record: records.Record) -> None:
        if isinstance(record, Log):
            number = self._number(record.run)
            self._metrics.append((number, position, record.name, record.t, record.number, record.value))
        elif isinstance(record, Start):
            self._start(record)
        elif isinstance(record, End):
            self._end(record)
        elif isinstance(record, Output):
            self._output(record)
        elif isinstance(record, Open):
            self._connection.execute(
                "UPDATE streams SET python = ?, user = ?, host = ? WHERE key = ?",
                (record.python, record.user, record.host, self._stream),
            )
        self.latest = record.t

    def _number(self, run: str) -> int:
        number = self._numbers.get(run)
        if number is None:
            query = "SELECT number FROM runs WHERE run = ? AND stream = ?"
            row = self._connection.execute(query, (run, self._stream)).fetchone()
            if row is None:
                raise BadRecordError("not a run of this stream")
            number = self._numbers[run] = row[0]
        return number

    def _start(self, start: Start) -> None:
        if self._connection.execute("SELECT 1 FROM runs WHERE run = ?", (start.run,)).fetchone():
            raise BadRecordError("this run has started already")
        sha256 = hashlib.sha256(start.source.encode()).hexdigest()
        self._connection.execute("INSERT OR IGNORE INTO sources VALUES (?, ?)", (sha256, start.source))
        self._connection.execute(
            "INSERT INTO runs(run, run_id, stream, status, started, source, execution_count, cell, notebook)"
            " VALUES (?, ?, ?, 'Running', ?, ?, ?, ?, ?)",
            (
                start.run,
                self._free_id(start),
                self._stream,
                start.t,
                sha256,
                start.execution_count,
                start.cell,
                start.notebook,
            ),
        )

    def _free_id(self, start: Start) -> str:
        """``<project>_<epoch ms>``; two runs of one millisecond get two milliseconds."""
        milliseconds = start.milliseconds
        while True:
            run_id = f"{start.prefix}{milliseconds}"
            if not self._connection.execute("SELECT 1 FROM runs WHERE run_id = ?", (run_id,)).fetchone():
                return run_id
            milliseconds += 1

    def _end(self, end: End) -> None:
        """End a run; the kernel's own word also corrects one that we took for dead."""
        changed = self._connection.execute(
            "UPDATE runs SET status = ?, ended = ?, duration = coalesce(?, max(0, ? - started)), error_name = ?,"
            " error_message = ?, died = 0 WHERE number = ? AND (status = 'Running' OR died)",
            (end.status, end.t, end.duration, end.t, end.error_name, end.error_message, self._number(end.run)),
        ).rowcount
        if not changed:
            raise BadRecordError("this run has ended already")

    def _output(self, output: Output) -> None:
        """Save a path; when saved again it holds the newer content, as a file does."""
        self._connection.execute(
            "INSERT INTO outputs(run, path, sha256, size, t) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (run, path) DO UPDATE SET sha256 = excluded.sha256, size = excluded.size,"
            " t = excluded.t, state = 'waiting', problem = NULL",
            (self._number(output.run), output.path, output.sha256, output.size, output.t),
        )
