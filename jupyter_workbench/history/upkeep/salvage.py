"""Reading what can still be read of a damaged database, row by row."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# (table, what its rows are sorted by); the rows of each table refer to those of the tables before it only.
TABLES = (
    ("streams", "key"),
    ("runs", "number"),
    ("metrics", "run"),
    ("outputs", "run"),
    ("tails", "run"),
    ("tags", "run"),
    ("unused", "sha256"),
    ("removed", "run"),
)
_TEXTS = {1: "sources", 2: "texts"}
_STATUSES = ("Running", "Completed", "Failed", "Canceled")
_MOST_NUMBERS = 10_000_000
Row = dict[str, Any]


class Damaged:
    """A damaged file, of which nothing is changed. ``version`` is its schema, 0 when nothing can be read."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None)
        self._connection.text_factory = lambda told: told.decode("utf-8", "replace")
        # Otherwise SQLite reads nothing at all of a file that is shorter than its header tells.
        self._connection.execute("PRAGMA writable_schema = ON")
        self.version = 0
        with suppress(sqlite3.Error):
            self.version = self._connection.execute("PRAGMA user_version").fetchone()[0]

    def close(self) -> None:
        """Let the file go."""
        self._connection.close()

    def rows(self, table: str, key: str) -> Iterator[Row]:
        """Every row that can be read, of the tables with a number as the ``key`` those behind a damage too."""
        largest = -1
        try:
            for row in self._select(f"{table} NOT INDEXED ORDER BY {key}"):  # not what an index says of them
                largest = row[key] if isinstance(row[key], int) else largest
                yield row
        except sqlite3.Error:
            yield from self._one_by_one(table, key, largest)

    def texts(self, version: int, sha256s: set[str]) -> Iterator[Row]:
        """Find the texts of those hashes, each looked for on its own."""
        for sha256 in sorted(sha256s):
            with suppress(sqlite3.Error):
                yield from self._select(f"{_TEXTS.get(version, _TEXTS[2])} WHERE sha256 = ?", sha256)

    def _one_by_one(self, table: str, key: str, largest: int) -> Iterator[Row]:
        for number in range(max(largest, 0), min(self._last_number(table, key), _MOST_NUMBERS) + 1):
            with suppress(sqlite3.Error):
                yield from self._select(f"{table} NOT INDEXED WHERE {key} = ?", number)

    def _last_number(self, table: str, key: str) -> int:
        last = 0
        for query in (f"SELECT max({key}) FROM {table}", "SELECT max(seq) FROM sqlite_sequence"):
            with suppress(sqlite3.Error, TypeError, ValueError):
                last = max(last, int(self._connection.execute(query).fetchone()[0]))
        return last

    def _select(self, rest: str, *values: object) -> Iterator[Row]:
        with closing(self._connection.execute(f"SELECT * FROM {rest}", values)) as cursor:
            names = [column[0] for column in cursor.description]
            for row in cursor:
                yield dict(zip(names, row, strict=True))


def is_sound(table: str, row: Row) -> bool:
    """Whether a row can be what it says; damage may read as anything."""
    if table == "runs":
        return row.get("status") in _STATUSES and isinstance(row.get("started"), float) and 0 <= row["started"] < 1e11
    if table == "streams":
        return isinstance(row.get("stream"), str) and isinstance(row.get("reached"), int)
    if table == "outputs":
        return row.get("state") in ("waiting", "kept", "lost")
    return True
