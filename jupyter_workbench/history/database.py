"""Opening ``history.db``: created once however many processes come first, at today's schema, errors in words."""

from __future__ import annotations

import os
import re
import sqlite3
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_workbench.errors import HistoryError
from jupyter_workbench.history.locks import exclusive
from jupyter_workbench.history.schema import MIGRATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_workbench.history.location import ProjectData

BUSY_TIMEOUT_SECONDS = 20
# WAL needs memory that all processes share, which the file systems of other machines do not give.
# https://www.sqlite.org/wal.html#noshm
_NETWORK_FILE_SYSTEMS = re.compile(
    r"9p|afs|beegfs|ceph|cifs|davfs|fuse\.(sshfs|glusterfs|rclone)|glusterfs|lustre|ncpfs|nfs4?|orangefs|prl_fs|pvfs2|"
    r"smb3|smbfs|vboxsf"
)
# (part of SQLite's message, what the user reads); the first that fits is told.
_CAUSES = (
    ("is full", "cannot be written because the disk is full - make room; what was logged waits in {spools}"),
    ("readonly", "cannot be written - make the folder and its files writable"),
    ("unable to open", "cannot be opened - make the folder readable and writable"),
    ("locked", "has been in use by another process for {seconds} seconds - try again"),
    ("not a database", "is damaged (not a database) - move the file away, a new one is then made"),
    ("malformed", "is damaged (malformed) - move the file away, a new one is then made"),
)


def connect(data: ProjectData) -> sqlite3.Connection:
    """Open (and create) the database for one thread at a time, in autocommit mode. Raises ``HistoryError``."""
    path = data.database
    with in_words(path):
        data.make()
        connection = sqlite3.connect(path, isolation_level=None, timeout=BUSY_TIMEOUT_SECONDS, check_same_thread=False)
        try:
            if _version(connection, path) < len(MIGRATIONS):
                with exclusive(path.with_suffix(".lock")):
                    _migrate(connection, path)
            connection.execute("PRAGMA synchronous = NORMAL")
        except BaseException:
            connection.close()
            raise
    return connection


@contextmanager
def in_words(path: Path) -> Iterator[None]:
    """Turn what SQLite and the file system say about the database into one sentence for the user."""
    try:
        yield
    except sqlite3.Error as error:
        text = str(error)
        cause = next((words for part, words in _CAUSES if part in text), f"cannot be used ({text})")
        cause = cause.format(spools=path.parent / "spools", seconds=BUSY_TIMEOUT_SECONDS)
        raise HistoryError(f"{path}: the run history {cause}") from error
    except OSError as error:
        raise HistoryError(f"{path}: the run history cannot be used ({error.strerror or error})") from error


@contextmanager
def transaction(connection: sqlite3.Connection, kind: str = "IMMEDIATE") -> Iterator[sqlite3.Connection]:
    """All or nothing of what is executed inside."""
    connection.execute(f"BEGIN {kind}")
    try:
        yield connection
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def is_network_file_system(path: Path, mounts: str) -> bool:
    """Whether ``path`` lies on another machine, by the text of ``/proc/mounts`` (see ``man 5 fstab``)."""
    real = os.path.realpath(path)
    best, kind = "", ""
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = fields[1].replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\")
        if len(point) >= len(best) and (real + "/").startswith(point.rstrip("/") + "/"):
            best, kind = point, fields[2]
    return _NETWORK_FILE_SYSTEMS.fullmatch(kind) is not None


def _version(connection: sqlite3.Connection, path: Path) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(MIGRATIONS):
        raise HistoryError(
            f"{path}: the run history was written by a newer jupyter_workbench (its schema is {version}, this one "
            f"knows up to {len(MIGRATIONS)}) - upgrade with `pip install --upgrade jupyter_workbench`"
        )
    return version


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Under the lock: several processes that switch a fresh file to WAL at once would fail as locked."""
    connection.execute(f"PRAGMA journal_mode = {_journal_mode(path)}")
    with transaction(connection):
        for version in range(_version(connection, path), len(MIGRATIONS)):
            for statement in MIGRATIONS[version]:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {version + 1}")


def _journal_mode(path: Path) -> str:
    try:
        mounts = Path("/proc/mounts").read_text(encoding="utf-8", errors="replace")
    except OSError:
        mounts = ""
    return "DELETE" if is_network_file_system(path, mounts) else "WAL"
