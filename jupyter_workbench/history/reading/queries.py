"""Questions to the run history; the answers are flat JSON-like objects as `az ml history` printed them in 2017.

A run is one object: its metrics at the top level, then the fields of `RUN_FIELDS`. A name logged once is its value, a
name logged more often is the list of all its values in order. A metric named like a field (or with our prefix) is
`metric:NAME`. Values are as they were logged, so floats may be NaN or infinite: whoever prints JSON sees to that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_workbench.errors import RunNotFound
from jupyter_workbench.history.reading.filters import Filter, narrowed
from jupyter_workbench.history.reading.flat import (
    INFO_FIELDS,
    OF_A_RUN,
    RUN_FIELDS,
    Run,
    details,
    dicts,
    fields,
    metric_key,
)
from jupyter_workbench.history.reading.view import NO_RUNS, number_of, reading
from jupyter_workbench.history.records.fields import decode

if TYPE_CHECKING:
    import sqlite3

    from jupyter_workbench.history.location import ProjectData

__all__ = ["INFO_FIELDS", "RUN_FIELDS", "Run", "find_run", "info", "last", "list_runs"]

_ALL = Filter()


def list_runs(data: ProjectData, limit: int | None = None, offset: int = 0, filter: Filter = _ALL) -> list[Run]:  # noqa: A002
    """List the project's runs, newest first; at most ``limit`` after the first ``offset``. Raises ``HistoryError``."""
    with reading(data) as connection:
        where, values = narrowed(connection, filter)
        connection.execute(
            f"INSERT INTO page(number) SELECT number FROM runs WHERE {where} ORDER BY started DESC, number DESC"
            " LIMIT :limit OFFSET :offset",
            {**values, "limit": -1 if limit is None else limit, "offset": offset},
        )
        return [run for run, _ in _runs(connection)]


def last(data: ProjectData, filter: Filter = _ALL) -> Run:  # noqa: A002
    """Return the newest run. Raises ``RunNotFound`` when there is none, and ``HistoryError``."""
    runs = list_runs(data, limit=1, filter=filter)
    if not runs:
        raise RunNotFound(NO_RUNS if filter == _ALL else "The project has no run that fits.")
    return runs[0]


def info(data: ProjectData, run_id: str) -> Run:
    """Return one run, in the bin or not, with `INFO_FIELDS` too. Raises ``RunNotFound`` and ``HistoryError``.

    ``outputs`` is a list of ``{"path", "size", "sha256", "state", "problem"}``, ``size`` in bytes, ``state`` one of
    waiting, kept, lost; ``source`` is the text of the cell. ``usage`` holds what was measured of ``cpu_seconds``,
    ``cpu_peak`` and ``gpu_peak`` (percent; 100 = one core), ``memory_peak`` and ``gpu_memory_peak`` (bytes). ``git`` is
    ``{"commit", "branch", "remote", "dirty", "problem", "captured_utc", "has_diff"}``, ``packages`` a list of
    ``name==version``, ``variables`` the names of environment variables. ``stdout`` and ``stderr`` are the last of what
    was printed after so many characters as ``stdout_omitted`` and ``stderr_omitted`` tell. ``incomplete`` tells why
    records were left out, if any were.
    """
    with reading(data) as connection:
        connection.execute("INSERT INTO page(number) VALUES (?)", (number_of(connection, run_id),))
        [(run, row)] = _runs(connection)
        return {**run, **details(connection, row)}


def find_run(data: ProjectData, text: str) -> str:
    """Return the id of the run that is named: an id, or ``last`` for the newest one. Raises ``RunNotFound``."""
    with reading(data) as connection:
        if text != "last":
            number_of(connection, text)
            return text
        query = "SELECT run_id FROM runs WHERE deleted IS NULL ORDER BY started DESC, number DESC LIMIT 1"
        row = connection.execute(query).fetchone()
    if row is None:
        raise RunNotFound(NO_RUNS)
    return str(row[0])


def _runs(connection: sqlite3.Connection) -> list[tuple[Run, Run]]:
    """Return the runs of the page in its order, each with its database row."""
    found = dicts(connection.execute(OF_A_RUN))
    metrics, attachments, tags = _metrics(connection), _attachments(connection), tags_of(connection)
    runs = []
    for row in found:
        number = row["number"]
        runs.append(({**metrics.get(number, {}), **fields(row, attachments.get(number, []), tags[number])}, row))
    return runs


def tags_of(connection: sqlite3.Connection) -> dict[int, dict[str, str]]:
    """Return the tags of each run of the page, by its number."""
    tags: dict[int, dict[str, str]] = {number: {} for (number,) in connection.execute("SELECT number FROM page")}
    query = "SELECT run, key, value FROM page JOIN tags ON tags.run = page.number"
    for run, key, value in connection.execute(query):
        tags[run][key] = value
    return tags


def _metrics(connection: sqlite3.Connection) -> dict[int, Run]:
    query = "SELECT run, name, position, value FROM page CROSS JOIN metrics ON metrics.run = page.number"
    series: dict[int, dict[str, list[Any]]] = {}
    first: dict[tuple[int, str], int] = {}
    for run, name, position, value in connection.execute(query):
        logged = series.setdefault(run, {}).setdefault(name, [])
        if not logged:
            first[run, name] = position
        logged.append(decode(value))
    return {
        run: {
            metric_key(name): logged[name] if len(logged[name]) > 1 else logged[name][0]
            for name in sorted(logged, key=lambda name: first[run, name])
        }
        for run, logged in series.items()
    }


def _attachments(connection: sqlite3.Connection) -> dict[int, list[str]]:
    query = "SELECT run, path FROM page JOIN outputs ON run = page.number WHERE state != 'lost' ORDER BY run, path"
    paths: dict[int, list[str]] = {}
    for run, path in connection.execute(query):
        paths.setdefault(run, []).append(path)
    return paths
