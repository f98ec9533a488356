"""Questions to the run history; the answers are flat JSON-like objects as `az ml history` printed them in 2017.

A run is one object: its metrics at the top level, then the fields of `RUN_FIELDS`. A name logged once is its value, a
name logged more often is the list of all its values in order. A metric named like a field (or with our prefix) is
`metric:NAME`. Values are as they were logged, so floats may be NaN or infinite: whoever prints JSON sees to that.
"""

from __future__ import annotations

from contextlib import closing, contextmanager
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, TypeAlias

from jupyter_workbench.errors import RunNotFound
from jupyter_workbench.history.database import connect, in_words, transaction
from jupyter_workbench.history.records import decode

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator

    from jupyter_workbench.history.location import ProjectData

Run: TypeAlias = dict[str, Any]

# https://github.com/MicrosoftDocs/azure-docs: how-to-use-run-history-model-metrics.md (2018); ours are the last two.
RUN_FIELDS = (
    "run_id", "run_number", "name", "status", "script_name", "start_time_utc", "end_time_utc", "created_utc",
    "duration", "target", "experiment_id", "user_id", "attachments", "properties", "description", "hidden",
    "heartbeat_enabled", "parent_run_id", "run_configuration", "error",
)  # fmt: skip
# What `info` knows beside them.
INFO_FIELDS = ("outputs", "source", "execution_count", "cell", "framework", "kernel_id", "python", "host")
_RESERVED = frozenset((*RUN_FIELDS, *INFO_FIELDS))
_NEWEST = "INSERT INTO page SELECT number FROM runs ORDER BY started DESC, number DESC LIMIT ? OFFSET ?"
_BY_ID = "INSERT INTO page SELECT number FROM runs WHERE run_id = ?"


def list_runs(data: ProjectData, limit: int | None = None, offset: int = 0) -> list[Run]:
    """List the project's runs, newest first; at most ``limit`` after the first ``offset``. Raises ``HistoryError``."""
    with _reading(data) as connection:
        if connection is None:
            return []
        return [run for run, _ in _runs(connection, _NEWEST, -1 if limit is None else limit, offset)]


def last(data: ProjectData) -> Run:
    """Return the newest run. Raises ``RunNotFound`` when there is none, and ``HistoryError``."""
    runs = list_runs(data, limit=1)
    if not runs:
        raise RunNotFound("The project has no runs yet: run a cell after `%azureml history on` in one of its kernels.")
    return runs[0]


def info(data: ProjectData, run_id: str) -> Run:
    """Return one run with `INFO_FIELDS` too. Raises ``RunNotFound`` and ``HistoryError``.

    ``outputs`` is a list of ``{"path", "size", "sha256", "state", "problem"}``, ``size`` in bytes, ``state`` one of
    waiting, kept, lost; ``source`` is the text of the cell.
    """
    with _reading(data) as connection:
        found = [] if connection is None else _runs(connection, _BY_ID, run_id)
        if connection is None or not found:
            raise RunNotFound(f"The project has no run {run_id!r}: `workbench history list` shows the ids of all runs.")
        run, row = found[0]
        return {**run, **_details(connection, row)}


@contextmanager
def _reading(data: ProjectData) -> Iterator[sqlite3.Connection | None]:
    """One consistent view of the database; None when the project has no history yet."""
    with in_words(data.database):
        if not data.database.exists():
            yield None
            return
        with closing(connect(data)) as connection:
            # The runs that are asked for: the same few queries serve one run and a hundred thousand.
            connection.execute("PRAGMA temp_store = MEMORY")
            connection.execute("CREATE TEMP TABLE page (number INTEGER PRIMARY KEY)")
            with transaction(connection, "DEFERRED"):
                yield connection


def _runs(connection: sqlite3.Connection, choose: str, *values: object) -> list[tuple[Run, dict[str, Any]]]:
    """Return the chosen runs, newest first, each with its database row."""
    connection.execute(choose, values)
    rows = connection.execute(
        "SELECT runs.number, run_id, status, started, ended, duration, error_name, error_message, source,"
        " execution_count, cell, coalesce(runs.notebook, streams.notebook) AS script, target, run_configuration,"
        " framework, kernel_id, python, user, host FROM runs JOIN streams ON streams.key = runs.stream"
        " WHERE runs.number IN (SELECT number FROM page) ORDER BY started DESC, runs.number DESC"
    )
    names = [column[0] for column in rows.description]
    found = [dict(zip(names, row, strict=True)) for row in rows]
    metrics, attachments = _metrics(connection), _attachments(connection)
    return [
        ({**metrics.get(row["number"], {}), **_fields(row, attachments.get(row["number"], []))}, row) for row in found
    ]


def _metrics(connection: sqlite3.Connection) -> dict[int, Run]:
    query = "SELECT run, name, value FROM metrics WHERE run IN (SELECT number FROM page) ORDER BY run, position"
    series: dict[int, dict[str, list[Any]]] = {}
    for run, name, value in connection.execute(query):
        series.setdefault(run, {}).setdefault(name, []).append(decode(value))
    return {run: _flat(logged.items()) for run, logged in series.items()}


def _attachments(connection: sqlite3.Connection) -> dict[int, list[str]]:
    query = (
        "SELECT run, path FROM outputs WHERE state != 'lost' AND run IN (SELECT number FROM page) ORDER BY run, path"
    )
    paths: dict[int, list[str]] = {}
    for run, path in connection.execute(query):
        paths.setdefault(run, []).append(path)
    return paths


def _flat(logged: Iterable[tuple[str, list[Any]]]) -> Run:
    return {_key(name): values if len(values) > 1 else values[0] for name, values in logged}


def _key(metric: str) -> str:
    return f"metric:{metric}" if metric in _RESERVED or metric.startswith("metric:") else metric


def _fields(row: dict[str, Any], attachments: list[str]) -> Run:
    error = {"name": row["error_name"], "message": row["error_message"]}
    return {
        "run_id": row["run_id"],
        "run_number": row["number"],
        "name": None,
        "status": row["status"],
        "script_name": row["script"],
        "start_time_utc": _moment(row["started"]),
        "end_time_utc": _moment(row["ended"]),
        "created_utc": _moment(row["started"]),
        "duration": _duration(row["duration"]),
        "target": row["target"],
        "experiment_id": None,
        "user_id": row["user"],
        "attachments": ", ".join(attachments),
        "properties": {},
        "description": None,
        "hidden": False,
        "heartbeat_enabled": False,
        "parent_run_id": None,
        "run_configuration": row["run_configuration"],
        "error": error if any(error.values()) else None,
    }


def _details(connection: sqlite3.Connection, row: dict[str, Any]) -> Run:
    outputs = connection.execute(
        "SELECT path, size, sha256, state, problem FROM outputs WHERE run = ? ORDER BY path", (row["number"],)
    )
    names = [column[0] for column in outputs.description]
    source = connection.execute("SELECT text FROM sources WHERE sha256 = ?", (row["source"],)).fetchone()
    return {
        "outputs": [dict(zip(names, output, strict=True)) for output in outputs],
        "source": source[0],
        **{name: row[name] for name in INFO_FIELDS[2:]},
    }


def _moment(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="microseconds")


def _duration(seconds: float | None) -> str | None:
    """``0:00:04.892389``: always with its six decimals, so that a column of them lines up."""
    if seconds is None:
        return None
    text = str(timedelta(seconds=seconds))
    return text if "." in text else f"{text}.000000"
