"""What a tracking server has of each run: `mirror.db`, one file a project for all servers that it is mirrored to."""

from __future__ import annotations

import json
import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jupyter_workbench.errors import HistoryError
from jupyter_workbench.history.disk.locks import exclusive
from jupyter_workbench.history.store.database import journal_mode, transaction

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jupyter_workbench.history.location import ProjectData

_VERSION = 1
_BUSY_TIMEOUT_SECONDS = 60
_TABLES = (
    # `asked`: when the server was last asked to create the run, and may still be at it. `remote`: the run there.
    # `revision`: what the server has all of. `tags`: JSON of those there. `problem`: why it did not take the rest.
    """
    CREATE TABLE runs (
        server TEXT NOT NULL, run TEXT NOT NULL, experiment TEXT NOT NULL, asked REAL, remote TEXT,
        revision INTEGER NOT NULL DEFAULT 0, status TEXT, deleted INTEGER NOT NULL DEFAULT 0,
        tags TEXT NOT NULL DEFAULT '{}', problem TEXT, PRIMARY KEY (server, run)
    ) WITHOUT ROWID
    """,
    # `position`: of the last value there. `points`: how many it became. `dirty`: what is no number awaits its artifact.
    """
    CREATE TABLE series (
        server TEXT NOT NULL, run TEXT NOT NULL, name TEXT NOT NULL, position INTEGER NOT NULL, points INTEGER NOT NULL,
        dirty INTEGER NOT NULL, PRIMARY KEY (server, run, name)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE artifacts (
        server TEXT NOT NULL, run TEXT NOT NULL, path TEXT NOT NULL, sha256 TEXT NOT NULL,
        PRIMARY KEY (server, run, path)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE experiments (
        server TEXT NOT NULL, name TEXT NOT NULL, remote TEXT NOT NULL, PRIMARY KEY (server, name)
    ) WITHOUT ROWID
    """,
)


@dataclass(frozen=True)
class Mirrored:
    """What the server has of one run."""

    experiment: str
    asked: float | None = None
    remote: str | None = None
    revision: int = 0
    status: str | None = None
    deleted: bool = False
    tags: Mapping[str, str | None] = field(default_factory=dict)
    """None: the value that is there is not known."""
    problem: str | None = None


@dataclass(frozen=True)
class Reached:
    """How far a series is on the server."""

    position: int = -1
    points: int = 0
    dirty: bool = False


class Progress:
    """What one server has. A change outlives the process as soon as the call returns. Raises ``HistoryError``."""

    def __init__(self, data: ProjectData, server: str) -> None:
        self._path = data.root / "mirror.db"
        self._server = server
        with self._in_words():
            data.make()
            self._connection = sqlite3.connect(
                self._path, isolation_level=None, timeout=_BUSY_TIMEOUT_SECONDS, check_same_thread=False
            )
            with exclusive(data.root / "mirror.lock"):
                self._create()

    def close(self) -> None:
        """Let the file go."""
        self._connection.close()

    def revisions(self) -> dict[str, tuple[int, str | None]]:
        """``{run: (revision, problem)}`` of every run that the server was told of."""
        query = "SELECT run, revision, problem FROM runs WHERE server = ?"
        with self._in_words():
            rows = self._connection.execute(query, (self._server,))
            return {run: (revision, problem) for run, revision, problem in rows}

    def run(self, run: str) -> Mirrored | None:
        """Return what the server has of a run; None when it was never asked to create it."""
        query = (
            "SELECT experiment, asked, remote, revision, status, deleted, tags, problem FROM runs"
            " WHERE server = ? AND run = ?"
        )
        with self._in_words():
            row = self._connection.execute(query, (self._server, run)).fetchone()
        if row is None:
            return None
        experiment, asked, remote, revision, status, deleted, tags, problem = row
        return Mirrored(experiment, asked, remote, revision, status, bool(deleted), json.loads(tags), problem)

    def remember(self, run: str, mirrored: Mirrored) -> None:
        """Write down what the server has of a run."""
        self._execute(
            "INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            self._server, run, mirrored.experiment, mirrored.asked, mirrored.remote, mirrored.revision,
            mirrored.status, mirrored.deleted, json.dumps(mirrored.tags), mirrored.problem,
        )  # fmt: skip

    def forget(self, run: str) -> None:
        """Write down that the server has nothing of that run."""
        with self._in_words(), transaction(self._connection):
            for table in ("runs", "series", "artifacts"):
                self._connection.execute(f"DELETE FROM {table} WHERE server = ? AND run = ?", (self._server, run))

    def series(self, run: str) -> dict[str, Reached]:
        """How far each series of a run is."""
        query = "SELECT name, position, points, dirty FROM series WHERE server = ? AND run = ?"
        with self._in_words():
            rows = self._connection.execute(query, (self._server, run))
            return {name: Reached(position, points, bool(dirty)) for name, position, points, dirty in rows}

    def reach(self, run: str, series: Mapping[str, Reached]) -> None:
        """Write down how far these series are."""
        rows = [(self._server, run, name, at.position, at.points, at.dirty) for name, at in series.items()]
        with self._in_words(), transaction(self._connection):
            self._connection.executemany("INSERT OR REPLACE INTO series VALUES (?, ?, ?, ?, ?, ?)", rows)

    def artifacts(self, run: str) -> dict[str, str]:
        """``{path: sha256}`` of the artifacts of a run that are there."""
        query = "SELECT path, sha256 FROM artifacts WHERE server = ? AND run = ?"
        with self._in_words():
            return dict(self._connection.execute(query, (self._server, run)).fetchall())

    def uploaded(self, run: str, path: str, sha256: str) -> None:
        """Write down that an artifact is there."""
        self._execute("INSERT OR REPLACE INTO artifacts VALUES (?, ?, ?, ?)", self._server, run, path, sha256)

    def experiment(self, name: str) -> str | None:
        """Return the id of an experiment on the server; somebody may have renamed it there."""
        query = "SELECT remote FROM experiments WHERE server = ? AND name = ?"
        with self._in_words():
            row = self._connection.execute(query, (self._server, name)).fetchone()
        return None if row is None else str(row[0])

    def remember_experiment(self, name: str, remote: str) -> None:
        """Write down the id of an experiment."""
        self._execute("INSERT OR REPLACE INTO experiments VALUES (?, ?, ?)", self._server, name, remote)

    def runs_in(self, experiment: str) -> list[str]:
        """Return the runs that were created in an experiment."""
        query = "SELECT run FROM runs WHERE server = ? AND experiment = ?"
        with self._in_words():
            return [run for (run,) in self._connection.execute(query, (self._server, experiment))]

    def _create(self) -> None:
        version = self._connection.execute("PRAGMA user_version").fetchone()[0]
        # A power cut may take the newest of what was remembered: the mirror looks before it creates anything.
        self._connection.execute("PRAGMA synchronous = NORMAL")
        if version > _VERSION:
            raise HistoryError(
                f"{self._path}: written by a newer jupyter_workbench - upgrade with "
                "`pip install --upgrade jupyter_workbench`"
            )
        if version < _VERSION:
            self._connection.execute(f"PRAGMA journal_mode = {journal_mode(self._path)}")
            with transaction(self._connection):
                for table in _TABLES:
                    self._connection.execute(table)
                self._connection.execute(f"PRAGMA user_version = {_VERSION}")

    def _execute(self, statement: str, *values: object) -> None:
        with self._in_words():
            self._connection.execute(statement, values)

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise HistoryError(
                f"{self._path}: what was mirrored cannot be read or written ({error}) - when it is damaged, remove it: "
                "the runs are then looked for on the tracking server"
            ) from error
        except OSError as error:
            raise HistoryError(f"{self._path}: cannot be opened ({error.strerror or error})") from error
