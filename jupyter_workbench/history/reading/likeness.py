"""Whether runs have logged the very same values by a name: summaries tell it only in short."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from jupyter_workbench.history.records.fields import decode

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

_VALUES = "SELECT kind, value FROM metrics WHERE run = ? AND name = ? ORDER BY position"
_CONTENT = "SELECT sha256 FROM outputs WHERE run = ? AND path = ?"


def differ(values: Sequence[object]) -> bool:
    """Whether not all are the same; NaN is like NaN here."""
    return any(repr(value) != repr(values[0]) for value in values[1:])


def logged_differ(
    connection: sqlite3.Connection, numbers: Sequence[int], name: str, summaries: Sequence[dict[str, Any] | None]
) -> bool:
    """Whether the values by that name differ in the runs, whose summaries of it (see `overview`) are given.

    Long series are read only as far as the first difference, and not at all where the summaries show one.
    """
    if differ(summaries):
        return True
    runs = [_values(connection, number, name) for number in dict.fromkeys(numbers)]
    return any(told.count(told[0]) != len(told) for told in zip_longest(*runs))


def _values(connection: sqlite3.Connection, number: int, name: str) -> Iterator[tuple[str | None, str]]:
    for kind, value in connection.execute(_VALUES, (number, name)):
        yield kind, _content(connection, number, value) if kind == "image" else value


def _content(connection: sqlite3.Connection, number: int, path: str) -> str:
    """Tell what image a run has at a path where another run may have another; one never saved is its path alone."""
    found = connection.execute(_CONTENT, (number, decode(path))).fetchone()
    return path if found is None else str(found[0])
