"""Which runs are on a page, and in what order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_workbench.errors import BadQuestion

if TYPE_CHECKING:
    import sqlite3

_METRIC = "metric:"
_SORTS = {
    "started": "runs.started",
    "start_time_utc": "runs.started",
    "run_number": "runs.number",
    "run_id": "runs.run_id",
    "status": "runs.status",
    "script_name": "runs.notebook",
    "experiment": "coalesce(runs.experiment, runs.notebook)",
    "duration_seconds": "runs.duration",
    "run_configuration": "(SELECT run_configuration FROM streams WHERE key = runs.stream)",
    "target": "(SELECT target FROM streams WHERE key = runs.stream)",
    "user": "(SELECT user FROM streams WHERE key = runs.stream)",
    "note": "runs.note",
    "revision": "runs.revision",
    "outputs": "(SELECT count(*) FROM outputs WHERE run = runs.number AND state != 'lost')",
}
_NEWEST = "runs.started DESC, runs.number DESC"
# Up to here the runs that fit are looked up one by one; beyond, the metric's index is walked until the page is full.
_FEW = 10_000


def choose(
    connection: sqlite3.Connection, where: str, values: dict[str, Any], total: int, sort: str, limit: int, offset: int
) -> None:
    """Fill ``page`` with the runs that fit ``where`` (so many in all), in the order of ``sort``: see `overview`."""
    field = sort.removeprefix("-")
    direction = "DESC" if sort.startswith("-") else "ASC"
    values = {**values, "limit": limit, "offset": offset}
    if field.startswith(_METRIC):
        values["metric"] = field.removeprefix(_METRIC)
        (_by_lookup if total <= _FEW else _by_index)(connection, where, values, direction)
        return
    by = _SORTS.get(field)
    if by is None:
        raise BadQuestion(
            f"Runs cannot be sorted by {field!r}: expected metric:NAME or one of {', '.join(_SORTS)}, "
            "with a - before it for the biggest first."
        )
    order = f"{by} IS NULL, {by} {direction}, {_NEWEST}"
    if by == "runs.started":
        order = f"runs.started {direction}, runs.number {direction}"
    _fill(connection, f"SELECT runs.number FROM runs WHERE {where} ORDER BY {order}", values)


def _by_lookup(connection: sqlite3.Connection, where: str, values: dict[str, Any], direction: str) -> None:
    _fill(
        connection,
        "SELECT runs.number FROM runs LEFT JOIN summaries ON summaries.run = runs.number AND summaries.name = :metric"
        f" WHERE {where} ORDER BY summaries.number IS NULL, summaries.number {direction}, {_NEWEST}",
        values,
    )


def _by_index(connection: sqlite3.Connection, where: str, values: dict[str, Any], direction: str) -> None:
    logged = (
        f"FROM summaries CROSS JOIN runs ON runs.number = summaries.run WHERE {where}"
        " AND summaries.name = :metric AND summaries.number IS NOT NULL"
    )
    _fill(connection, f"SELECT runs.number {logged} ORDER BY summaries.number {direction}, {_NEWEST}", values)
    [filled] = connection.execute("SELECT count(*) FROM page").fetchone()
    if filled < values["limit"]:
        [with_value] = connection.execute(f"SELECT count(*) {logged}", values).fetchone()
        values = {**values, "limit": values["limit"] - filled, "offset": max(0, values["offset"] - with_value)}
        others = "SELECT run FROM summaries WHERE name = :metric AND number IS NOT NULL"
        _fill(
            connection,
            f"SELECT runs.number FROM runs WHERE {where} AND runs.number NOT IN ({others}) ORDER BY {_NEWEST}",
            values,
        )


def _fill(connection: sqlite3.Connection, query: str, values: dict[str, Any]) -> None:
    connection.execute(f"INSERT INTO page(number) {query} LIMIT :limit OFFSET :offset", values)
