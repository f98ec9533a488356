"""The long texts of runs, each kept once by its hash however many runs share it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3


def keep_text(connection: sqlite3.Connection, told: str) -> str:
    """Keep a text, once; returns its hash."""
    sha256 = hashlib.sha256(told.encode()).hexdigest()
    connection.execute("INSERT OR IGNORE INTO texts VALUES (?, ?)", (sha256, told))
    return sha256
