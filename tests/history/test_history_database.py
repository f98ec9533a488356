"""Where WAL is safe, and what a file of an earlier time becomes."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from kernel_on_paper import FACTS, STREAM, lines, opened

from jupyter_workbench.history import database
from jupyter_workbench.history.database import is_network_file_system
from jupyter_workbench.history.location import ProjectData
from jupyter_workbench.history.schema import MIGRATIONS
from jupyter_workbench.history.store import Store

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


def test_an_older_database_gets_only_the_migrations_that_it_lacks(
    data: ProjectData, monkeypatch: pytest.MonkeyPatch
) -> None:
    Store(data).close()
    later = (*MIGRATIONS, ("CREATE TABLE tags (run INTEGER, name TEXT)", "INSERT INTO tags VALUES (1, 'new')"))
    monkeypatch.setattr(database, "MIGRATIONS", later)
    for _ in range(2):
        Store(data).close()
    connection = sqlite3.connect(data.database)
    assert connection.execute("SELECT * FROM tags").fetchall() == [(1, "new")]
    assert connection.execute("PRAGMA user_version").fetchone() == (2,)
    connection.close()


def test_a_migration_that_fails_leaves_the_old_schema(data: ProjectData, monkeypatch: pytest.MonkeyPatch) -> None:
    Store(data).close()
    monkeypatch.setattr(database, "MIGRATIONS", (*MIGRATIONS, ("CREATE TABLE tags (run INTEGER)", "no SQL")))
    with pytest.raises(database.HistoryError) as caught:
        Store(data)
    assert str(caught.value) == f'{data.database}: the run history cannot be used (near "no": syntax error)'
    connection = sqlite3.connect(data.database)
    assert connection.execute("SELECT name FROM sqlite_master WHERE name = 'tags'").fetchall() == []
    assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    connection.close()
