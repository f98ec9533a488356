"""The values that were logged under one name in one run, down-sampled for a chart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_workbench.errors import NothingLogged
from jupyter_workbench.history.reading.view import number_of, reading
from jupyter_workbench.history.records.fields import decode

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from jupyter_workbench.history.location import ProjectData

_OF_SERIES = "FROM metrics WHERE run = :run AND name = :name"
_POINT = "position, step, t, value"
_MOST_CHARACTERS = 16 << 20  # of values that are no numbers: a table may be as long as a record


def series(data: ProjectData, run_id: str, name: str, points: int = 1000, *, newest: bool = False) -> dict[str, Any]:
    """Return ``{"name", "kind", "count", "sampled", "points": [[step or None, t, value], ...]}`` in order of logging.

    At most about ``points`` of the ``count`` values: of numbers the first, the last, and the smallest and the biggest
    of each stretch (``sampled`` is then True); of everything else the newest. A list that was logged once is a series
    of its items, with their index as the step. ``t`` is in epoch seconds.

    With ``newest`` only the last value counts of what is neither number nor bool: a list is a series of its items,
    however often one was logged, and of a table the first ``points`` rows are given.

    Raises ``RunNotFound``, ``NothingLogged`` and ``HistoryError``.
    """
    points = max(points, 2)
    with reading(data) as connection:
        chosen = {"run": number_of(connection, run_id), "name": name}
        row = connection.execute(
            "SELECT kind, count FROM summaries WHERE run = :run AND name = :name", chosen
        ).fetchone()
        if row is None:
            raise NothingLogged(f"The run {run_id} has logged nothing by the name {name!r}.")
        kind, count = row
        are_numbers = kind in ("number", "bool")
        if are_numbers and count > points:
            found = _extremes(connection, chosen, count, points)
        else:
            found = _newest(connection, chosen, 1 if newest and not are_numbers else points)
    if kind == "list" and (newest or count == 1):
        _, t, items = found[-1]
        count, found, are_numbers = _items(t, items, points)
    elif kind == "table" and newest:
        step, t, table = found[-1]
        found = [[step, t, {column: values[:points] for column, values in table.items()}]]
    return {"name": name, "kind": kind, "count": count, "sampled": are_numbers and count > points, "points": found}


def _newest(connection: sqlite3.Connection, chosen: dict[str, Any], points: int) -> list[list[Any]]:
    query = f"SELECT step, t, value {_OF_SERIES} ORDER BY position DESC LIMIT :points"
    found: list[list[Any]] = []
    room = _MOST_CHARACTERS
    for step, t, value in connection.execute(query, {**chosen, "points": points}):
        room -= len(value)
        if room < 0 and found:
            break
        found.append([step, t, decode(value)])
    return found[::-1]


def _extremes(connection: sqlite3.Connection, chosen: dict[str, Any], count: int, points: int) -> list[list[Any]]:
    """Look at stretches of the same count; SQLite takes the other columns from the row of the minimum (maximum).

    https://www.sqlite.org/lang_select.html#bareagg
    """
    stretch = f"{_OF_SERIES} AND position > :after AND position <= :until"
    length = -(-count // max(1, points // 2 - 1))
    found: dict[int, list[Any]] = {}
    after = -1
    while (until := _end_of_stretch(connection, chosen, after, length)) is not None:
        values = {**chosen, "after": after, "until": until}
        for extreme in ("min", "max"):
            query = f"SELECT {extreme}(number), {_POINT} {stretch}"
            number, position, *point = connection.execute(query, values).fetchone()
            if number is not None:
                found[position] = point
        after = until
    for direction in ("ASC", "DESC"):
        query = f"SELECT {_POINT} {_OF_SERIES} ORDER BY position {direction} LIMIT 1"
        position, *point = connection.execute(query, chosen).fetchone()
        found[position] = point
    return [[step, t, decode(value)] for _, (step, t, value) in sorted(found.items())]


def _end_of_stretch(connection: sqlite3.Connection, chosen: dict[str, Any], after: int, length: int) -> int | None:
    values = {**chosen, "after": after, "skip": length - 1}
    query = f"SELECT position {_OF_SERIES} AND position > :after ORDER BY position LIMIT 1 OFFSET :skip"
    row = connection.execute(query, values).fetchone()
    if row is None:  # the last one may be shorter
        query = f"SELECT max(position) {_OF_SERIES} AND position > :after"
        row = connection.execute(query, values).fetchone()
    return row[0]  # type: ignore[no-any-return]


def _items(t: float, items: list[Any], points: int) -> tuple[int, list[list[Any]], bool]:
    """``(count, points, whether they are numbers)`` of a list that was logged once."""
    are_numbers = all(isinstance(item, (int, float)) for item in items)
    if len(items) <= points:
        kept: Iterable[int] = range(len(items))
    elif are_numbers:
        kept = _extreme_indices(items, points)
    else:
        kept = range(len(items) - points, len(items))
    return len(items), [[index, t, items[index]] for index in kept], are_numbers


def _extreme_indices(numbers: list[float], points: int) -> list[int]:
    length = -(-len(numbers) // max(1, points // 2 - 1))
    kept = {0, len(numbers) - 1}
    for start in range(0, len(numbers), length):
        stretch = [
            index for index in range(start, min(start + length, len(numbers))) if numbers[index] == numbers[index]
        ]
        if stretch:
            kept.update((min(stretch, key=numbers.__getitem__), max(stretch, key=numbers.__getitem__)))
    return sorted(kept)
