"""Where WAL is safe, and what a file of an earlier time becomes."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from kernel_on_paper import FACTS, STREAM, lines, opened

from jupyter_workbench.errors import HistoryError
from jupyter_workbench.history.location import ProjectData
from jupyter_workbench.history.reading.view import reading
from jupyter_workbench.history.store import database
from jupyter_workbench.history.store.database import connect, is_network_file_system
from jupyter_workbench.history.store.schema import MIGRATIONS
from jupyter_workbench.history.store.store import Store

MOUNTS = """\
/dev/vda / ext4 rw 0 0
filer:/home /home nfs4 rw,vers=4.2 0 0
/dev/vdb /home/local xfs rw 0 0
host:/x /mnt/with\\040blank fuse.sshfs rw 0 0
none /mnt/share2 tmpfs rw 0 0
//win/share /mnt/share cifs rw 0 0
tmpfs /late tmpfs rw 0 0
filer:/late /late nfs rw 0 0
short line
"""


@pytest.mark.parametrize(
    ("path", "network"),
    [
        ("/", False),
        ("/var/lib/history.db", False),
        ("/home/ada/history.db", True),
        ("/home", True),
        ("/homework/history.db", False),
        ("/home/local/history.db", False),
        ("/mnt/with blank/history.db", True),
        ("/mnt/share2/history.db", False),
        ("/mnt/share/history.db", True),
        ("/late/history.db", True),  # mounted over another one
    ],
)
def test_a_file_system_of_another_machine_is_told_by_its_mount(path: str, network: bool) -> None:
    assert is_network_file_system(Path(path), MOUNTS) is network


def test_without_any_mount_table_a_path_is_local() -> None:
    assert not is_network_file_system(Path("/home"), "")


@pytest.mark.parametrize(("network", "mode"), [(False, "wal"), (True, "delete")])
def test_the_journal_fits_the_file_system(
    data: ProjectData, monkeypatch: pytest.MonkeyPatch, network: bool, mode: str
) -> None:
    monkeypatch.setattr(database, "is_network_file_system", lambda *_: network)
    store = Store(data)
    store.apply(STREAM, 0, lines(opened()), FACTS)
    store.close()
    connection = sqlite3.connect(data.database)
    assert connection.execute("PRAGMA journal_mode").fetchone() == (mode,)
    connection.close()


def test_a_new_database_is_private_and_has_todays_schema(data: ProjectData) -> None:
    Store(data).close()
    assert data.root.stat().st_mode & 0o777 == 0o700
    connection = sqlite3.connect(data.database)
    assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    connection.close()


@pytest.fixture
def for_readers(data: ProjectData, monkeypatch: pytest.MonkeyPatch) -> Iterator[ProjectData]:
    """The history of somebody else: these tests may run as a user whom no permission holds up."""
    Store(data).close()
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
    yield data
    assert sorted(path.name for path in data.root.iterdir()) == ["history.db", "history.lock"]


def test_who_may_not_write_can_read_and_makes_no_file(for_readers: ProjectData) -> None:
    with reading(for_readers) as connection:
        assert connection.execute("SELECT count(*) FROM runs").fetchone() == (0,)
    with pytest.raises(HistoryError) as refused, reading(for_readers) as connection:
        connection.execute("DELETE FROM runs")
    assert str(refused.value) == (
        f"{for_readers.database}: the run history cannot be written - make the folder and its files writable"
    )


def test_who_may_not_write_sees_what_a_writer_left_in_the_log_beside(for_readers: ProjectData) -> None:
    with closing(connect(for_readers)) as writer:
        writer.execute("INSERT INTO texts VALUES ('a', 'b')")
        assert for_readers.database.with_name("history.db-wal").stat().st_size > 0
        with reading(for_readers) as connection:
            assert connection.execute("SELECT count(*) FROM texts").fetchone() == (1,)


def test_who_may_not_write_is_told_that_the_history_is_older(for_readers: ProjectData) -> None:
    with closing(sqlite3.connect(for_readers.database)) as writer:
        writer.execute("PRAGMA user_version = 1")
    with pytest.raises(HistoryError) as refused, reading(for_readers):
        pass
    assert str(refused.value) == (
        f"{for_readers.database}: the run history is older and cannot be brought up to date: "
        "make the folder and its files writable"
    )


def test_an_older_database_gets_only_the_migrations_that_it_lacks(
    data: ProjectData, monkeypatch: pytest.MonkeyPatch
) -> None:
    Store(data).close()
    later = (*MIGRATIONS, ("CREATE TABLE stars (run INTEGER, name TEXT)", "INSERT INTO stars VALUES (1, 'new')"))
    monkeypatch.setattr(database, "MIGRATIONS", later)
    for _ in range(2):
        Store(data).close()
    connection = sqlite3.connect(data.database)
    assert connection.execute("SELECT * FROM stars").fetchall() == [(1, "new")]
    assert connection.execute("PRAGMA user_version").fetchone() == (len(later),)
    connection.close()


def test_a_migration_that_fails_leaves_the_old_schema(data: ProjectData, monkeypatch: pytest.MonkeyPatch) -> None:
    Store(data).close()
    monkeypatch.setattr(database, "MIGRATIONS", (*MIGRATIONS, ("CREATE TABLE stars (run INTEGER)", "no SQL")))
    with pytest.raises(database.HistoryError) as caught:
        Store(data)
    assert str(caught.value) == f'{data.database}: the run history cannot be used (near "no": syntax error)'
    connection = sqlite3.connect(data.database)
    assert connection.execute("SELECT name FROM sqlite_master WHERE name = 'stars'").fetchall() == []
    assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    connection.close()
