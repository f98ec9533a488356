"""A counter of the whole project that grows with every change: who mirrors runs asks for those above what it saw."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable


def revise(connection: sqlite3.Connection, numbers: Iterable[int]) -> None:
    """Give the runs of those numbers one new revision; inside a writing transaction, which orders them."""
    changed = [(number,) for number in numbers]
    if changed:
        connection.execute("UPDATE counters SET value = value + 1 WHERE name = 'revision'")
        connection.executemany(
            "UPDATE runs SET revision = (SELECT value FROM counters WHERE name = 'revision') WHERE number = ?", changed
        )
