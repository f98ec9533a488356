"""Opening ``history.db``: created once however many processes come first, at today's schema, errors in words."""

from __future__ import annotations

import os
import re
import sqlite3
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_workbench.errors import HistoryError
from jupyter_workbench.history.disk.locks import exclusive
from jupyter_workbench.history.store.schema import MIGRATIONS

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
_NO_WRITING = "make the folder and its files writable"
# (part of SQLite's message, what the user reads); the first that fits is told.
_CAUSES = (
    ("is full", "cannot be written because the disk is full - make room; what was logged waits in {spools}"),
    ("readonly", f"cannot be written - {_NO_WRITING}"),
    ("unable to open", "cannot be opened - make the folder readable and writable"),
    ("locked", "has been in use by another process for {seconds} seconds - try again"),
    ("not a database", "is damaged (not a database) - {repair}"),
    ("malformed", "is damaged (malformed) - {repair}"),
    ("no such", "is damaged ({text}) - {repair}"),
)
_REPAIR = "`workbench history repair` saves what can be read and what still waits in spools"


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


def may_write(data: ProjectData) -> bool:
    """Tell whether this user may change the database; True where there is none."""
    return all(os.access(path, os.W_OK) for path in (data.root, data.database) if path.exists())


def connect_to_read(data: ProjectData) -> sqlite3.Connection:
    """Open the database; where this user may only read it (a colleague's, a backup), as it is. Raises ``HistoryError``.

    One that is older cannot be read there: it would have to be changed first.
    """
    path = data.database
    if may_write(data):
        return connect(data)
    with in_words(path):
        # SQLite wants files of its own beside it; without them it must be told that nobody has it open.
        # https://www.sqlite.org/wal.html#read_only_databases
        lone = "" if path.with_name(f"{path.name}-wal").exists() else "&immutable=1"
        uri = f"{path.absolute().as_uri()}?mode=ro{lone}"
        connection = sqlite3.connect(
            uri, uri=True, isolation_level=None, timeout=BUSY_TIMEOUT_SECONDS, check_same_thread=False
        )
        try:
            _refuse_older(connection, path)
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
        cause = next((words for part, words in _CAUSES if part in text), "cannot be used ({text})")
        cause = cause.format(spools=path.parent / "spools", seconds=BUSY_TIMEOUT_SECONDS, text=text, repair=_REPAIR)
        raise HistoryError(f"{path}: the run history {cause}") from error
    except OSError as error:
        raise HistoryError(f"{path}: the run history cannot be used ({error.strerror or error})") from error


def is_in_use(error: BaseException) -> bool:
    """Whether it tells that another process kept us waiting until we gave up: who tries again waits again."""
    return isinstance(error.__cause__, sqlite3.Error) and "locked" in str(error.__cause__)


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


@contextmanager
def writing(data: ProjectData) -> Iterator[sqlite3.Connection]:
    """Open a connection for one writing transaction, on the file that is there once its turn has come."""
    while True:
        with ExitStack() as stack:
            file = identity(data.database)
            connection = stack.enter_context(closing(connect(data)))
            stack.enter_context(transaction(connection))
            if identity(data.database) == file:  # else a repair has put another one in its place
                yield connection
                return


def identity(path: Path) -> tuple[int, int] | None:
    """Tell a file from another one by the same name; None when there is none."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_dev, found.st_ino


def prepare(connection: sqlite3.Connection, version: int = 0, until: int | None = None) -> None:
    """Bring a database of that schema version (0: an empty one) to today's, or to ``until``."""
    for reached in range(version, len(MIGRATIONS) if until is None else until):
        for step in MIGRATIONS[reached]:
            if callable(step):
                step(connection)
            else:
                connection.execute(step)
        connection.execute(f"PRAGMA user_version = {reached + 1}")


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


def journal_mode(path: Path) -> str:
    """Return the journal mode for a database there: WAL where all who open it share a computer."""
    try:
        mounts = Path("/proc/mounts").read_text(encoding="utf-8", errors="replace")
    except OSError:
        mounts = ""
    return "DELETE" if is_network_file_system(path, mounts) else "WAL"


def _version(connection: sqlite3.Connection, path: Path) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(MIGRATIONS):
        raise HistoryError(
            f"{path}: the run history was written by a newer jupyter_workbench (its schema is {version}, this one "
            f"knows up to {len(MIGRATIONS)}) - upgrade with `pip install --upgrade jupyter_workbench`"
        )
    return version


def _refuse_older(connection: sqlite3.Connection, path: Path) -> None:
    if _version(connection, path) < len(MIGRATIONS):
        raise HistoryError(f"{path}: the run history is older and cannot be brought up to date: {_NO_WRITING}")


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Under the lock: several processes that switch a fresh file to WAL at once would fail as locked."""
    connection.execute(f"PRAGMA journal_mode = {journal_mode(path)}")
    with transaction(connection):
        prepare(connection, _version(connection, path))
