"""Pages of runs, made of summaries: however much was logged, a page is read in milliseconds."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from jupyter_workbench.history.reading.filters import Filter, narrowed
from jupyter_workbench.history.reading.flat import Run, dicts, error, moment
from jupyter_workbench.history.reading.sorting import choose
from jupyter_workbench.history.reading.view import reading
from jupyter_workbench.history.records.fields import decode
from jupyter_workbench.history.store.summaries import MAX_TEXT

if TYPE_CHECKING:
    import sqlite3

    from jupyter_workbench.history.location import ProjectData

_ALL = Filter()
_MOST_VALUES = 100
_BIN = "SELECT number FROM runs WHERE deleted IS NOT NULL"
_COUNT = f"SELECT (SELECT count(*) FROM runs) - (SELECT count(*) FROM ({_BIN}))"  # two small indexes
_ROWS = """
SELECT runs.number, run_id, coalesce(experiment, runs.notebook) AS experiment, status, runs.notebook AS script, started,
    duration, run_configuration, target, user, note, cell,
    error_name, substr(error_message, 1, :cut) AS error_message,
    revision, (SELECT count(*) FROM outputs WHERE run = runs.number AND state != 'lost') AS outputs
FROM page CROSS JOIN runs ON runs.number = page.number JOIN streams ON streams.key = runs.stream ORDER BY page.place
"""


class Page(NamedTuple):
    """``total`` counts all runs that fit; ``runs`` are the rows of this page, see `overview`."""

    total: int
    runs: list[Run]


def overview(
    data: ProjectData,
    filter: Filter = _ALL,  # noqa: A002
    sort: str = "-started",
    limit: int = 100,
    offset: int = 0,
) -> Page:
    """Return a page of the runs that fit.

    ``sort`` is a field of the rows (or ``started``), or ``metric:NAME`` for the last number logged by that name; with a
    ``-`` before it the biggest comes first. Runs without a value come last, runs that are alike with the newest first.

    A row: ``run_id, run_number, experiment, status, script_name, start_time_utc, duration_seconds, run_configuration,
    target, user, note, tags {key: value}, error {"name", "message"} or None, cell, outputs`` (how many)``, revision``
    (grows with each change) and ``metrics {name: {"kind", "count", "last", "min", "max"}}`` in the order of first
    logging.
    ``kind`` is that of the last value: number, text, list, dict, table, image, bool or null. ``last`` is the value
    itself; a text is cut at 1000 characters, of a list, dict or table it is the length (rows), of an image the path of
    the output. ``min`` and ``max`` are of the numbers, else None. Raises ``HistoryError``.
    """
    with reading(data) as connection:
        where, values = narrowed(connection, filter)
        count = _COUNT if filter == _ALL else f"SELECT count(*) FROM runs WHERE {where}"
        [total] = connection.execute(count, values).fetchone()
        choose(connection, where, values, total, sort, limit, offset)
        return Page(total, rows(connection))


def logged_names(data: ProjectData, filter: Filter = _ALL) -> list[dict[str, Any]]:  # noqa: A002
    """List ``{"name", "kind", "runs"}``: names in the runs that fit, the kind in the newest, and how many have it."""
    with reading(data) as connection:
        where, values = narrowed(connection, filter)
        fits = f"run IN (SELECT number FROM runs WHERE {where})" if filter != _ALL else f"run NOT IN ({_BIN})"
        query = f"SELECT name, kind, count(*), max(run) FROM summaries WHERE {fits} GROUP BY name ORDER BY name"
        return [{"name": name, "kind": kind, "runs": runs} for name, kind, runs, _ in connection.execute(query, values)]


def choices(data: ProjectData) -> dict[str, Any]:
    """Return what a filter can choose from, of the runs outside of the bin, each sorted.

    ``{"experiment": [...], "notebook", "run_configuration", "target", "status", "user", "tags": {key: [values]}}``;
    a key with more than 100 values has none: one tag a run is nothing to choose from.
    """
    with reading(data) as connection:
        keys = "SELECT key FROM streams WHERE EXISTS (SELECT 1 FROM runs WHERE stream = key AND deleted IS NULL)"
        streams = f"SELECT DISTINCT run_configuration, target, user FROM streams WHERE key IN ({keys})"
        runs = "SELECT DISTINCT coalesce(experiment, notebook), notebook, status FROM runs WHERE deleted IS NULL"
        found: dict[str, Any] = {
            **_columns(connection.execute(runs), "experiment", "notebook", "status"),
            **_columns(connection.execute(streams), "run_configuration", "target", "user"),
            "tags": {},
        }
        tags = f"SELECT DISTINCT key, value FROM tags WHERE run NOT IN ({_BIN}) ORDER BY key, value"
        for key, pairs in groupby(connection.execute(tags), key=itemgetter(0)):
            values = [value for _, value in pairs]
            found["tags"][key] = values if len(values) <= _MOST_VALUES else []
        return found


def _columns(cursor: sqlite3.Cursor, *names: str) -> dict[str, list[str]]:
    columns: list[set[str]] = [set() for _ in names]
    for row in cursor:
        for column, value in zip(columns, row, strict=True):
            if value is not None:
                column.add(value)
    return {name: sorted(column) for name, column in zip(names, columns, strict=True)}


def rows(connection: sqlite3.Connection) -> list[Run]:
    """Return the rows (see `overview`) of the runs in ``page``, in its order."""
    found = dicts(connection.execute(_ROWS, {"cut": MAX_TEXT}))
    tags: dict[int, dict[str, str]] = {row["number"]: {} for row in found}
    for run, key, value in connection.execute("SELECT run, key, value FROM page JOIN tags ON tags.run = page.number"):
        tags[run][key] = value
    metrics: dict[int, dict[str, Run]] = {row["number"]: {} for row in found}
    query = (
        "SELECT run, name, kind, count, last, min, max FROM page CROSS JOIN summaries ON run = page.number"
        " ORDER BY run, position"
    )
    for run, name, kind, count, last, least, most in connection.execute(query):
        metrics[run][name] = {"kind": kind, "count": count, "last": decode(last), "min": least, "max": most}
    return [_row(row, tags[row["number"]], metrics[row["number"]]) for row in found]


def _row(row: Run, tags: dict[str, str], metrics: dict[str, Run]) -> Run:
    return {
        "run_id": row["run_id"],
        "run_number": row["number"],
        "experiment": row["experiment"],
        "status": row["status"],
        "script_name": row["script"],
        "start_time_utc": moment(row["started"]),
        "duration_seconds": row["duration"],
        "run_configuration": row["run_configuration"],
        "target": row["target"],
        "user": row["user"],
        "note": row["note"],
        "tags": tags,
        "error": error(row),
        "cell": row["cell"],
        "outputs": row["outputs"],
        "revision": row["revision"],
        "metrics": metrics,
    }
