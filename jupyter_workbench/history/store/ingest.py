"""Records -> rows, inside the transaction of one `Store.apply`."""

from __future__ import annotations

import sys
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from jupyter_workbench.history.records.fields import BadRecordError
from jupyter_workbench.history.records.kinds import (
    End,
    Experiment,
    Log,
    Note,
    Open,
    Output,
    Record,
    Start,
    Tag,
    Tail,
    Usage,
)
from jupyter_workbench.history.store import summaries
from jupyter_workbench.history.store.texts import keep_text

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Mapping

    from jupyter_workbench.history.store.summaries import Logged


class Ingest:
    """Writes the records of one stream; they touch no run but this stream's own.

    ``bad`` counts the lines that were passed over, ``latest`` is the time of the last record, ``changed`` are the
    numbers of the runs that were written to. ``left_out`` tells whether there were records behind the ``limit`` (in
    bytes of the spool): of these only the ends of runs are taken in, without the texts of an error. ``known`` has the
    number and id of runs that were there before.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        stream: int,
        limit: int = sys.maxsize,
        known: Mapping[str, tuple[int, str]] | None = None,
    ) -> None:
        self.bad = 0
        self.left_out = False
        self.latest: float | None = None
        self._limit = limit
        self._connection = connection
        self._stream = stream
        self._known = known or {}
        self._numbers: dict[str, int] = {}
        self._logged: list[Logged] = []

    @property
    def changed(self) -> set[int]:
        """The numbers of the runs that were written to."""
        return set(self._numbers.values())

    def take(self, told: Iterable[tuple[int, Record | None]]) -> None:
        """Write records in order, each with its offset in the spool; None stands for a bad line."""
        for position, record in told:
            if record is None:
                self.bad += 1
                continue
            try:
                self._add(position, record)
            except BadRecordError:
                self.bad += 1
        # One statement for all of them: a training loop logs by the hundred thousand.
        self._connection.executemany("INSERT INTO metrics VALUES (?, ?, ?, ?, ?, ?, ?, ?)", self._logged)
        summaries.add(self._connection, self._logged)
        self._logged.clear()

    def _add(self, position: int, record: Record) -> None:
        if position >= self._limit:
            self._add_behind_the_limit(record)
        elif isinstance(record, Log):
            t, run, name, step, kind, number, value = record
            self._logged.append((self._number(run), name, position, t, step, kind, number, value))
        else:
            _WRITERS[type(record)](self, record)
        self.latest = record.t

    def _add_behind_the_limit(self, record: Record) -> None:
        """Take in the end of a run, without what may be long; without it the run would run for ever."""
        if isinstance(record, End):
            brief = record._replace(error_message=None, traceback=None)
            self._end(brief)
            self.left_out = self.left_out or brief != record
        else:
            self.left_out = True

    def _number(self, run: str) -> int:
        number = self._numbers.get(run)
        if number is None:
            query = "SELECT number FROM runs WHERE run = ? AND stream = ?"
            row = self._connection.execute(query, (run, self._stream)).fetchone()
            if row is None:
                raise BadRecordError("not a run of this stream")
            number = self._numbers[run] = row[0]
        return number

    def _open(self, told: Open) -> None:
        # Who ran the server is known better outside: a container's kernel is root.
        self._connection.execute(
            "UPDATE streams SET python = ?, user = coalesce(user, ?), host = ?, ipykernel = ?, variables = ?"
            " WHERE key = ?",
            (told.python, told.user, told.host, told.ipykernel, told.variables, self._stream),
        )

    def _start(self, start: Start) -> None:
        if self._connection.execute("SELECT 1 FROM runs WHERE run = ?", (start.run,)).fetchone():
            raise BadRecordError("this run has started already")
        source = keep_text(self._connection, start.source)
        number, run_id = self._known.get(start.run) or (None, self._free_id(start))
        self._connection.execute(
            "INSERT INTO runs(number, run, run_id, stream, status, started, source, execution_count, cell, notebook,"
            " experiment) VALUES (?, ?, ?, ?, 'Running', ?, ?, ?, ?, ?, ?)",
            (number, start.run, run_id, self._stream, start.t, source, start.execution_count, start.cell,
             self._notebook(start.notebook), start.experiment),
        )  # fmt: skip
        self._number(start.run)

    def _notebook(self, told: str | None) -> str | None:
        """Name the notebook from the folder of its project on: a colleague has that folder elsewhere."""
        query = "SELECT project_dir, notebook FROM streams WHERE key = ?"
        project_dir, of_the_kernel = self._connection.execute(query, (self._stream,)).fetchone()
        notebook = told or of_the_kernel
        if notebook and PurePath(project_dir) in PurePath(notebook).parents and PurePath(project_dir).is_absolute():
            return PurePath(notebook).relative_to(project_dir).as_posix()
        return notebook

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
        number = self._number(end.run)
        changed = self._connection.execute(
            "UPDATE runs SET status = ?, ended = max(started, ?), duration = coalesce(?, max(0, ? - started)),"
            " error_name = ?, error_message = ?, traceback = NULL, died = 0"
            " WHERE number = ? AND (status = 'Running' OR died)",
            (end.status, end.t, end.duration, end.t, end.error_name, end.error_message, number),
        ).rowcount
        if not changed:
            raise BadRecordError("this run has ended already")
        if end.traceback is not None:  # kept only now: a run ends once, however often a kernel tells it
            traceback = keep_text(self._connection, end.traceback)
            self._connection.execute("UPDATE runs SET traceback = ? WHERE number = ?", (traceback, number))

    def _output(self, output: Output) -> None:
        """Save a path; when saved again it holds the newer content, as a file does."""
        number = self._number(output.run)
        self._connection.execute(
            "INSERT OR IGNORE INTO unused SELECT sha256 FROM outputs WHERE run = ? AND path = ? AND sha256 != ?",
            (number, output.path, output.sha256),
        )
        self._connection.execute(
            "INSERT INTO outputs(run, path, sha256, size, t) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (run, path) DO UPDATE SET sha256 = excluded.sha256, size = excluded.size,"
            " t = excluded.t, state = 'waiting', problem = NULL",
            (number, output.path, output.sha256, output.size, output.t),
        )

    def _tag(self, tag: Tag) -> None:
        number = self._number(tag.run)
        if tag.value is None:
            self._connection.execute("DELETE FROM tags WHERE run = ? AND key = ?", (number, tag.key))
        else:
            self._connection.execute("INSERT OR REPLACE INTO tags VALUES (?, ?, ?)", (number, tag.key, tag.value))

    def _note(self, note: Note) -> None:
        self._connection.execute("UPDATE runs SET note = ? WHERE number = ?", (note.text, self._number(note.run)))

    def _experiment(self, told: Experiment) -> None:
        number = self._number(told.run)
        self._connection.execute("UPDATE runs SET experiment = ? WHERE number = ?", (told.name, number))

    def _usage(self, usage: Usage) -> None:
        self._connection.execute(
            "UPDATE runs SET cpu_seconds = ?, cpu_peak = ?, memory_peak = ?, gpu_peak = ?, gpu_memory_peak = ?"
            " WHERE number = ?",
            (*usage[2:], self._number(usage.run)),
        )

    def _tail(self, tail: Tail) -> None:
        self._connection.execute(
            "INSERT OR REPLACE INTO tails VALUES (?, ?, ?, ?, ?)",
            (self._number(tail.run), tail.stdout, tail.stdout_omitted, tail.stderr, tail.stderr_omitted),
        )


_WRITERS: dict[type, Callable[[Ingest, Any], None]] = {
    Open: Ingest._open,
    Start: Ingest._start,
    Output: Ingest._output,
    Tag: Ingest._tag,
    Note: Ingest._note,
    Experiment: Ingest._experiment,
    Usage: Ingest._usage,
    Tail: Ingest._tail,
    End: Ingest._end,
}
