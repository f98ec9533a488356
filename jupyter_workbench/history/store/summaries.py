"""The summary of a series (the values of one name in one run): lists of runs are made of these, never of the values.

``kind`` is that of the last value, ``count`` counts all of them, ``position`` is where the first one stands in the
spool, ``first`` and ``last`` are short JSON texts (see `shortened`), ``number`` is the last value when it is one,
``min`` and ``max`` are those of the numbers.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, TypeAlias

from jupyter_workbench.history.records.fields import decode, encode

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

MAX_TEXT = 1000
_KINDS_BY_LENGTH = ("list", "dict", "table")
_BATCH = 100_000


# A row of `metrics`: run, name, position, t, step, kind (None for a number), number, value. A plain tuple, since a
# training loop makes them by the hundred thousand.
Logged: TypeAlias = tuple[int, str, int, float, "int | float | None", "str | None", "float | None", str]


def shortened(kind: str, value: str) -> str:
    """JSON text of a value for lists: a text cut at ``MAX_TEXT`` characters, of a list, dict or table the length."""
    if kind in _KINDS_BY_LENGTH:
        told = decode(value)
        if kind == "table":
            told = next(iter(told.values()), ())
        return str(len(told))
    if len(value) <= MAX_TEXT:
        return value
    if kind in ("text", "image"):
        return encode(decode(value)[:MAX_TEXT])
    return encode(float("inf") if value[0] != "-" else float("-inf"))  # an integer of a thousand digits


def add(connection: sqlite3.Connection, rows: Iterable[Logged]) -> None:
    """Bring the summaries up to date with values that were logged after all others of their series."""
    series: dict[tuple[int, str], list[Logged]] = defaultdict(list)
    for row in rows:
        series[row[0], row[1]].append(row)
    connection.executemany(_ADD, [_summary(logged) for logged in series.values()])


def rebuild(connection: sqlite3.Connection) -> None:
    """Make all summaries anew from the values."""
    connection.execute("DELETE FROM summaries")
    rows = connection.cursor().execute(
        "SELECT run, name, position, t, step, kind, number, value FROM metrics ORDER BY run, name, position"
    )
    while batch := rows.fetchmany(_BATCH):
        add(connection, batch)


def _summary(logged: list[Logged]) -> tuple[Any, ...]:
    run, name, position, _, _, first_kind, _, first = logged[0]
    _, _, _, _, step, kind, number, last = logged[-1]
    numbers = [row[6] for row in logged if row[6] is not None and row[6] == row[6]]  # not NaN
    return (
        run,
        name,
        kind or "number",
        len(logged),
        position,
        shortened(first_kind or "number", first),
        shortened(kind or "number", last),
        number,
        min(numbers, default=None),
        max(numbers, default=None),
        step,
    )


# min(a, b) of SQLite is NULL when one of them is.
_ADD = """
INSERT INTO summaries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (run, name) DO UPDATE SET
    kind = excluded.kind, count = count + excluded.count, last = excluded.last, number = excluded.number,
    min = coalesce(min(min, excluded.min), min, excluded.min),
    max = coalesce(max(max, excluded.max), max, excluded.max), last_step = excluded.last_step
"""
