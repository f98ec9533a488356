"""What the store has of a run at one moment, for a mirror: all but its values, and these a few at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from jupyter_workbench.history.reading.view import number_of, reading

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Mapping

    from jupyter_workbench.history.location import ProjectData

_EXPERIMENT = "coalesce(runs.experiment, runs.notebook, streams.notebook, 'no notebook')"
_FIELDS = (
    "number", "run", "run_id", "revision", "status", "started", "ended", "error_name", "error_message",
    "execution_count", "cell", "note", "deleted", "project", "target", "run_configuration", "framework",
    "environment", "user", "host", "python", "commit_id", "branch", "git_remote", "dirty",
    "cpu_seconds", "cpu_peak", "memory_peak", "gpu_peak", "gpu_memory_peak",
)  # fmt: skip
_TEXTS = ("source", "diff", "packages", "traceback")
_AT_ONCE = 1000


@dataclass(frozen=True)
class Snapshot:
    """A run; ``experiment`` is the word for it in the project, ``outputs`` are those whose content is kept."""

    number: int
    run: str
    run_id: str
    revision: int
    status: str
    started: float
    ended: float | None
    error_name: str | None
    error_message: str | None
    execution_count: int | None
    cell: str | None
    note: str | None
    deleted: float | None
    project: str
    target: str
    run_configuration: str
    framework: str
    environment: str | None
    user: str | None
    host: str | None
    python: str | None
    commit_id: str | None
    branch: str | None
    git_remote: str | None
    dirty: int | None
    cpu_seconds: float | None
    cpu_peak: float | None
    memory_peak: float | None
    gpu_peak: float | None
    gpu_memory_peak: float | None
    experiment: str
    notebook: str | None
    texts: Mapping[str, str]
    tags: Mapping[str, str]
    outputs: Mapping[str, str]
    """``{path: sha256}``"""


class Logged(NamedTuple):
    """One value; ``kind`` is "number" for one, ``value`` its JSON text."""

    position: int
    t: float
    step: int | float | None
    kind: str
    number: float | None
    value: str


class Changed(NamedTuple):
    """A run that may have to be mirrored."""

    run: str
    revision: int


def changed(data: ProjectData, after: int, experiments: Collection[str]) -> list[Changed]:
    """List the runs with a newer revision than ``after``, oldest change first; none named: all experiments."""
    chosen = f" AND {_EXPERIMENT} IN ({','.join('?' * len(experiments))})" if experiments else ""
    query = (
        "SELECT run, revision FROM runs JOIN streams ON streams.key = runs.stream"
        f" WHERE revision > ?{chosen} ORDER BY revision, number"
    )
    with reading(data) as connection:
        return [Changed._make(row) for row in connection.execute(query, (after, *experiments))]


def run_of(data: ProjectData, run_id: str) -> str:
    """Return the key of the run with that id. Raises ``RunNotFound``."""
    with reading(data) as connection:
        number = number_of(connection, run_id)
        return str(connection.execute("SELECT run FROM runs WHERE number = ?", (number,)).fetchone()[0])


def newest(data: ProjectData) -> int:
    """Return the newest revision of all runs."""
    with reading(data) as connection:
        return int(connection.execute("SELECT coalesce(max(revision), 0) FROM runs").fetchone()[0])


def look(data: ProjectData, run: str) -> Snapshot | None:
    """Everything but the values, of one moment; None when the run was removed for good."""
    query = (
        f"SELECT {', '.join(_FIELDS)}, {_EXPERIMENT}, coalesce(runs.notebook, streams.notebook)"
        " FROM runs JOIN streams ON streams.key = runs.stream WHERE run = ?"
    )
    with reading(data) as connection:
        row = connection.execute(query, (run,)).fetchone()
        if row is None:
            return None
        number = row[0]
        tags = connection.execute("SELECT key, value FROM tags WHERE run = ?", (number,))
        outputs = connection.execute("SELECT path, sha256 FROM outputs WHERE run = ? AND state = 'kept'", (number,))
        known = dict(zip((*_FIELDS, "experiment", "notebook"), row, strict=True))
        return Snapshot(**known, texts=_texts(connection, number), tags=dict(tags), outputs=dict(outputs))


def names(data: ProjectData, number: int) -> list[str]:
    """Return the names under which a run logged."""
    with reading(data) as connection:
        return [name for (name,) in connection.execute("SELECT name FROM summaries WHERE run = ?", (number,))]


def values(
    data: ProjectData, number: int, name: str, after: int = -1, *, without_numbers: bool = False
) -> Iterator[Logged]:
    """Return the values of one series behind a position, in order; the database is let go after each thousand."""
    wanted = " AND (kind IS NOT NULL OR number IS NULL)" if without_numbers else ""
    query = (
        "SELECT position, t, step, coalesce(kind, 'number'), number, value FROM metrics"
        f" WHERE run = ? AND name = ? AND position > ?{wanted} ORDER BY position LIMIT {_AT_ONCE}"
    )
    while True:
        with reading(data) as connection:
            rows = connection.execute(query, (number, name, after)).fetchall()
        yield from map(Logged._make, rows)
        if len(rows) < _AT_ONCE:
            return
        after = rows[-1][0]


def _texts(connection: sqlite3.Connection, number: int) -> dict[str, str]:
    found: dict[str, str | None] = {}
    for which in _TEXTS:
        query = f"SELECT text FROM runs JOIN texts ON texts.sha256 = runs.{which} WHERE number = ?"
        found[which] = next((text for (text,) in connection.execute(query, (number,))), None)
    tails = connection.execute("SELECT stdout, stderr FROM tails WHERE run = ?", (number,)).fetchone()
    found["stdout"], found["stderr"] = tails or (None, None)
    return {which: text for which, text in found.items() if text}
