"""A damaged ``history.db`` -> a new one, of what can be read of it and of the spools that are still there."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing, contextmanager, suppress
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, NamedTuple

from jupyter_workbench.history.disk.locks import exclusive
from jupyter_workbench.history.disk.spool import STREAM, Spool
from jupyter_workbench.history.store import summaries
from jupyter_workbench.history.store.database import (
    BUSY_TIMEOUT_SECONDS,
    connect,
    in_words,
    journal_mode,
    prepare,
    transaction,
)
from jupyter_workbench.history.store.limits import limits
from jupyter_workbench.history.store.schema import MIGRATIONS
from jupyter_workbench.history.store.texts import keep_text
from jupyter_workbench.history.upkeep.replay import LOST, replay
from jupyter_workbench.history.upkeep.salvage import TABLES, Damaged, is_sound

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from jupyter_workbench.history.location import ProjectData

_TEXT_COLUMNS = ("source", "diff", "packages", "traceback")
_DIFF_LOST = "The diff was lost when the history was damaged."


class Repaired(NamedTuple):
    """``set_aside`` is where the damaged file is now (None: there was no damage), and what the new one holds."""

    set_aside: Path | None
    runs: int
    streams: int


def repair(data: ProjectData) -> Repaired:
    """Make the history usable again; one that is healthy stays untouched. Raises ``HistoryError``.

    What is readable of a damaged file is copied to a new one, the records of spools that are still there are taken in
    anew, and the new file takes the place of the damaged one, which is kept beside it. Edits of runs are kept where
    they can be read.
    """
    with in_words(data.database):
        data.make()
        with exclusive(data.database.with_suffix(".lock")):
            set_aside = None if _is_healthy(data.database) else _replace(data)
        with closing(connect(data)) as connection:
            counts = "SELECT (SELECT count(*) FROM runs), (SELECT count(*) FROM streams)"
            return Repaired(set_aside, *connection.execute(counts).fetchone())


def _is_healthy(database: Path) -> bool:
    if not database.exists():
        return True  # the next one who opens it makes it
    with closing(sqlite3.connect(database, isolation_level=None, timeout=BUSY_TIMEOUT_SECONDS)) as connection:
        try:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            found = set(connection.execute("SELECT type, name FROM sqlite_master WHERE sql IS NOT NULL"))
            sound = connection.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",)
        except sqlite3.OperationalError:
            raise  # locked, no space, not to be written: nothing that a repair could mend
        except sqlite3.DatabaseError:
            return False
    # A newer version knows for itself; 0 is a file that nobody came to use.
    return sound and (version > len(MIGRATIONS) or _schema(version) <= found)


def _schema(version: int) -> set[tuple[str, str]]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        prepare(connection, 0, version)
        return set(connection.execute("SELECT type, name FROM sqlite_master WHERE sql IS NOT NULL"))


def _replace(data: ProjectData) -> Path:
    fresh = data.database.with_name("history.db.repaired")
    for leftover in (fresh, *_beside(fresh)):
        leftover.unlink(missing_ok=True)
    with _held(data.database):
        with closing(sqlite3.connect(fresh, isolation_level=None)) as connection:
            connection.execute("PRAGMA temp_store = MEMORY")
            with transaction(connection):
                _copy(data.database, connection)
                _take_in_spools(data, connection)
                summaries.rebuild(connection)
                _raise_revision(connection)
            connection.execute(f"PRAGMA journal_mode = {journal_mode(data.database)}")
        fresh.chmod(0o600)
        with fresh.open("rb") as file:
            os.fsync(file.fileno())
        return _put_in_place(data.database, fresh)


@contextmanager
def _held(database: Path) -> Iterator[None]:
    """Let nobody write to the damaged file: what came into it now would not be copied, and its spool be removed."""
    with closing(sqlite3.connect(database, isolation_level=None, timeout=BUSY_TIMEOUT_SECONDS)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.DatabaseError as error:
            if "locked" in str(error):
                raise
            # So damaged that no server can write to it either.
        yield


def _copy(database: Path, connection: sqlite3.Connection) -> None:
    """Copy into the damaged file's own schema, then migrate that: values are where their time put them."""
    with closing(Damaged(database)) as damaged:
        version = damaged.version if 0 < damaged.version <= len(MIGRATIONS) else 0
        prepare(connection, 0, version)
        hashes: set[str] = set()
        for table, key in TABLES if version else ():
            known = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            for row in damaged.rows(table, key) if known else ():
                if is_sound(table, row):
                    _insert(connection, table, {name: row[name] for name in known if name in row})
                    hashes.update(row[name] for name in _TEXT_COLUMNS if table == "runs" and row.get(name))
        for row in damaged.texts(version, hashes) if version else ():
            _insert(connection, "texts" if version > 1 else "sources", row)
    prepare(connection, version)
    _claim_no_lost_texts(connection)
    _adopt_orphans(connection)


def _insert(connection: sqlite3.Connection, table: str, row: dict[str, Any]) -> None:
    columns, marks = ", ".join(row), ", ".join("?" * len(row))
    connection.execute(f"INSERT OR IGNORE INTO {table}({columns}) VALUES ({marks})", tuple(row.values()))


def _adopt_orphans(connection: sqlite3.Connection) -> None:
    """Give a run whose stream is lost an empty one, and let go what belongs to no run."""
    connection.execute(
        "INSERT INTO streams(key, stream, project, project_dir, run_configuration, target, target_type, framework,"
        f" closed) SELECT DISTINCT stream, '{LOST}' || stream, '', '', '', '', '', '', 0 FROM runs"
        " WHERE stream NOT IN (SELECT key FROM streams)"
    )
    connection.execute(
        "UPDATE runs SET status = 'Failed', died = 1, error_name = 'KernelDied',"
        " error_message = 'The records of the kernel were damaged.' WHERE status = 'Running'"
        f" AND stream IN (SELECT key FROM streams WHERE stream LIKE '{LOST}%')"
    )
    for table in ("metrics", "outputs", "tails", "tags"):
        connection.execute(f"DELETE FROM {table} WHERE run NOT IN (SELECT number FROM runs)")


def _claim_no_lost_texts(connection: sqlite3.Connection) -> None:
    """Give a run whose source is lost an empty one, and forget which of its other texts are lost."""
    gone = "NOT IN (SELECT sha256 FROM texts)"
    connection.execute(f"UPDATE runs SET source = ? WHERE source {gone}", (keep_text(connection, ""),))
    connection.execute(f"UPDATE runs SET diff = NULL, git_problem = ? WHERE diff {gone}", (_DIFF_LOST,))
    for column in ("packages", "traceback"):
        connection.execute(f"UPDATE runs SET {column} = NULL WHERE {column} {gone}")


def _take_in_spools(data: ProjectData, connection: sqlite3.Connection) -> None:
    most = limits()
    if data.spools.is_dir():
        for folder in sorted(data.spools.iterdir()):
            if STREAM.match(folder.name) and folder.is_dir() and not folder.is_symlink():
                replay(connection, Spool.at(folder), most)


def _raise_revision(connection: sqlite3.Connection) -> None:
    """Every run counts as changed: whoever remembers a revision must look anew. Counters are far below the clock."""
    revision = int(time.time())
    connection.execute("UPDATE counters SET value = max(value, ?) WHERE name = 'revision'", (revision,))
    connection.execute("UPDATE runs SET revision = (SELECT value FROM counters WHERE name = 'revision')")


def _put_in_place(database: Path, fresh: Path) -> Path:
    """There is a database at any moment, and never one with the journal of another."""
    moment = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%S")
    set_aside = database.with_name(f"{database.name}.damaged-{moment}")
    for path, aside in zip(_beside(database), _beside(set_aside), strict=True):
        with suppress(FileNotFoundError):
            path.replace(aside)
    try:
        os.link(database, set_aside)
    except OSError:  # a file system without hard links
        database.replace(set_aside)
    fresh.replace(database)
    return set_aside


def _beside(database: Path) -> list[Path]:
    return [database.with_name(database.name + suffix) for suffix in ("-wal", "-shm", "-journal")]
