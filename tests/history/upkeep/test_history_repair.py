"""`repair`: a damaged database becomes a new one of what can be read and of the spools; a healthy one is left alone."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from history_of_version_1 import a_history_of_version_1
from kernel_on_paper import (
    FACTS,
    OTHER_RUN,
    OTHER_STREAM,
    RUN,
    RUN_ID,
    THIRD_RUN,
    ended,
    everything,
    leave_blob,
    lines,
    logged,
    moved,
    noted,
    opened,
    saved,
    started,
    tagged,
    values,
    write,
)

from jupyter_workbench.errors import HistoryError
from jupyter_workbench.history.disk.spool import Spool
from jupyter_workbench.history.intake.sweep import catch_up, settle
from jupyter_workbench.history.location import ProjectData
from jupyter_workbench.history.reading import queries
from jupyter_workbench.history.records.captured import Captured
from jupyter_workbench.history.store import database
from jupyter_workbench.history.store import store as store_module
from jupyter_workbench.history.store.store import Store
from jupyter_workbench.history.upkeep import editing, removal
from jupyter_workbench.history.upkeep import repair as repair_module
from jupyter_workbench.history.upkeep.repair import repair

OTHER_ID = "iris_7"
MANY = 2000


@pytest.fixture
def history(data: ProjectData, spool: Spool) -> ProjectData:
    """A run whose spool is gone, and one of a spool that is still there, with edits."""
    store = Store(data)
    done = data.new_spool(FACTS)
    leave_blob(done, b"model")
    write(done, lines(opened(), started(OTHER_RUN, id=OTHER_ID), logged("a", 1, run=OTHER_RUN)))
    write(
        done, lines(*(logged("loss", i, run=OTHER_RUN) for i in range(MANY)), saved("outputs/m", b"model", OTHER_RUN))
    )
    write(done, lines(ended(OTHER_RUN)))
    settle(done, store, None)
    write(spool, lines(opened(), started(), tagged("of", "kernel"), *(logged("loss", i) for i in range(MANY))))
    catch_up(spool, store)
    store.close()
    editing.set_note(data, RUN_ID, "mine")
    editing.set_tags(data, [RUN_ID, OTHER_ID], {"who": "ada"})
    with sqlite3.connect(data.database) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return data


def overwrite_the_middle(database: Path) -> None:
    size = database.stat().st_size
    with database.open("r+b") as file:
        file.seek(size // 2 // 4096 * 4096)
        file.write(os.urandom(3 * 4096))


def truncate(database: Path) -> None:
    os.truncate(database, database.stat().st_size * 3 // 4 + 100)


def overwrite_the_header(database: Path) -> None:
    with database.open("r+b") as file:
        file.write(b"rubbish " * 512)


def drop_a_table(database: Path) -> None:
    connection = sqlite3.connect(database)
    connection.execute("DROP TABLE metrics")
    connection.commit()
    connection.close()


def drop_the_tags(database: Path) -> None:
    connection = sqlite3.connect(database)
    connection.execute("DROP TABLE tags")
    connection.commit()
    connection.close()


def empty_it(database: Path) -> None:
    database.write_bytes(b"this was never a database" * 1000)


DAMAGES = [overwrite_the_middle, truncate, overwrite_the_header, drop_a_table, empty_it]
damaged = pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)


@damaged
def test_a_damaged_database_is_set_aside_as_it_was(history: ProjectData, damage: Callable[[Path], None]) -> None:
    damage(history.database)
    before = history.database.read_bytes()
    set_aside, *_ = repair(history)
    assert set_aside is not None
    assert re.fullmatch(r"history\.db\.damaged-\d{8}T\d{6}", set_aside.name)
    assert set_aside.read_bytes() == before
    assert history.database.stat().st_mode & 0o777 == 0o600


@damaged
def test_the_records_of_a_spool_that_is_there_are_whole_again(
    history: ProjectData, damage: Callable[[Path], None]
) -> None:
    damage(history.database)
    repair(history)
    assert values(history) == [("loss", str(i)) for i in range(MANY)]
    run = queries.info(history, RUN_ID)
    assert (run["status"], run["tags"]["of"], run["source"]) == ("Running", "kernel", "train()")
    store = Store(history)
    [folder] = history.spools.iterdir()
    kernel = Spool.at(folder)
    write(kernel, lines(logged("later", 1), ended()))
    catch_up(kernel, store)
    store.close()
    assert queries.info(history, RUN_ID)["later"] == 1


@pytest.mark.parametrize("damage", [drop_a_table, truncate], ids=lambda damage: damage.__name__)
def test_what_can_be_read_is_kept(history: ProjectData, damage: Callable[[Path], None]) -> None:
    damage(history.database)
    repair(history)
    run = queries.info(history, OTHER_ID)
    assert (run["status"], run["run_number"], run["user"]) == ("Completed", 1, "ada")
    mine = queries.info(history, RUN_ID)
    assert (mine["note"], mine["tags"], mine["run_number"]) == ("mine", {"of": "kernel", "who": "ada"}, 2)


def test_what_a_kernel_told_of_a_run_and_the_store_had_not_yet_taken_in_is_kept(
    history: ProjectData, spool: Spool
) -> None:
    write(spool, lines(tagged("of", None), tagged("who", "kernel"), noted("the kernel's"), moved("tuning")))
    drop_a_table(history.database)
    repair(history)
    run = queries.info(history, RUN_ID)
    assert (run["tags"], run["note"], run["experiment"]) == ({"who": "kernel"}, "the kernel's", "tuning")


def test_an_edit_outlives_what_the_kernel_had_told_before_it(history: ProjectData, spool: Spool) -> None:
    write(spool, lines(noted("the kernel's"), moved("tuning")))
    with closing(Store(history)) as store:
        catch_up(spool, store)
    editing.set_tags(history, [RUN_ID], {"of": None})
    editing.set_note(history, RUN_ID, "mine")
    editing.set_experiment(history, [RUN_ID], "final")
    drop_a_table(history.database)
    repair(history)
    run = queries.info(history, RUN_ID)
    assert (run["tags"], run["note"], run["experiment"]) == ({"who": "ada"}, "mine", "final")


def test_edits_are_kept_too_where_nobody_knows_any_more_what_the_store_had_taken_in(history: ProjectData) -> None:
    editing.set_tags(history, [RUN_ID], {"of": "me"})
    with closing(sqlite3.connect(history.database)) as connection:
        connection.execute("DROP TABLE streams")
    repair(history)
    run = queries.info(history, RUN_ID)
    assert (run["tags"], run["note"]) == ({"of": "me", "who": "ada"}, "mine")


def test_pages_that_are_lost_take_no_other_run_with_them(history: ProjectData) -> None:
    store = Store(history)
    for number in range(40):
        run = f"{number:032x}"
        told = lines(opened(), started(run, id=f"iris_{number + 100}"), *(logged("x", i, run=run) for i in range(300)))
        store.apply(f"20260102T030405-{number:016x}", 0, told, FACTS)
    store.close()
    overwrite_the_middle(history.database)
    repair(history)
    counts = [len(values(history, f"{number:032x}")) for number in range(40)]
    assert counts.count(300) >= 30
    assert {run["run_number"] for run in queries.list_runs(history)} == set(range(1, 43))


def test_the_outputs_of_the_rebuilt_runs_are_found_again(history: ProjectData) -> None:
    store = Store(history)
    spool = history.new_spool(FACTS)
    leave_blob(spool, b"weights")
    write(spool, lines(opened(), started("c" * 32, id="iris_9"), saved("outputs/w", b"weights", "c" * 32)))
    catch_up(spool, store)
    store.close()
    empty_it(history.database)
    repair(history)
    store = Store(history)
    settle(spool, store, None)
    store.close()
    assert [output["state"] for output in queries.info(history, "iris_9")["outputs"]] == ["kept"]


def test_a_healthy_database_is_left_untouched(history: ProjectData) -> None:
    before, rows = history.database.read_bytes(), everything(history)
    repaired = repair(history)
    assert repaired == (None, 2, 2)
    assert history.database.read_bytes() == before
    assert everything(history) == rows
    assert not list(history.root.glob("*damaged*"))


def test_without_any_history_there_is_nothing_to_repair(data: ProjectData) -> None:
    assert repair(data) == (None, 0, 0)


def test_a_store_that_was_open_goes_on_with_the_new_database(history: ProjectData) -> None:
    store = Store(history)
    drop_a_table(history.database)
    repair(history)
    [folder] = history.spools.iterdir()
    spool = Spool.at(folder)
    write(spool, lines(logged("later", 1)))
    catch_up(spool, store)
    store.close()
    assert queries.info(history, RUN_ID)["later"] == 1


def test_every_run_counts_as_changed_after_a_repair(history: ProjectData) -> None:
    before = max(queries.info(history, run_id)["revision"] for run_id in (RUN_ID, OTHER_ID))
    drop_a_table(history.database)
    repair(history)
    assert all(queries.info(history, run_id)["revision"] > before for run_id in (RUN_ID, OTHER_ID))


def test_a_locked_database_is_not_taken_for_a_damaged_one(
    history: ProjectData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_workbench.history.upkeep.repair.BUSY_TIMEOUT_SECONDS", 0.1)
    holder = sqlite3.connect(history.database)
    holder.execute("PRAGMA locking_mode = EXCLUSIVE")
    holder.execute("PRAGMA journal_mode = DELETE")
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(HistoryError) as caught:
        repair(history)
    holder.close()
    assert str(caught.value) == (
        f"{history.database}: the run history has been in use by another process for 20 seconds - try again"
    )
    assert not list(history.root.glob("*damaged*"))


def test_a_run_whose_stream_is_lost_is_still_shown(history: ProjectData) -> None:
    connection = sqlite3.connect(history.database)
    connection.execute("DELETE FROM streams WHERE key = (SELECT stream FROM runs WHERE run = ?)", (OTHER_RUN,))
    connection.commit()
    connection.close()
    drop_the_tags(history.database)
    repair(history)
    run = queries.info(history, OTHER_ID)
    assert (run["target"], run["status"], len(run["loss"])) == ("", "Completed", MANY)


def test_texts_that_are_lost_are_not_claimed_and_what_else_was_captured_is_kept(history: ProjectData) -> None:
    with closing(sqlite3.connect(history.database)) as connection:
        stream = "SELECT stream FROM streams WHERE key = (SELECT stream FROM runs WHERE run = ?)"
        [(name,)] = connection.execute(stream, (OTHER_RUN,)).fetchall()
    with closing(Store(history)) as store:
        store.annotate(name, [OTHER_RUN], Captured(1.0, "c" * 40, "main", None, True, "the diff", None, ("a==1",)))
    before = queries.info(history, OTHER_ID)
    assert (before["packages"], before["git"]["has_diff"]) == (["a==1"], True)
    with closing(sqlite3.connect(history.database)) as connection:
        connection.executescript("DELETE FROM texts; DROP TABLE tags")
    repair(history)
    run = queries.info(history, OTHER_ID)
    assert (run["packages"], run["git"]["has_diff"], run["git"]["commit"]) == ([], False, "c" * 40)
    assert run["git"]["problem"] == "The diff was lost when the history was damaged."


def test_a_damaged_database_of_the_first_schema_is_repaired_too(data: ProjectData) -> None:
    a_history_of_version_1(data)
    connection = sqlite3.connect(data.database)
    connection.execute("DROP TABLE outputs")
    connection.commit()
    connection.close()
    assert repair(data)[1:] == (2, 1)
    assert queries.info(data, RUN_ID)["loss"] == [0.5, 0.25]


def test_both_streams_of_one_project_are_rebuilt_from_nothing(data: ProjectData) -> None:
    for number in range(3):
        run = f"{number:032x}"
        write(data.new_spool(FACTS), lines(opened(), started(run, id="iris_5"), logged("x", number, run=run)))
    data.database.write_bytes(b"")
    empty_it(data.database)
    assert repair(data)[1:] == (3, 3)
    assert sorted(run["run_id"] for run in queries.list_runs(data)) == ["iris_5", "iris_6", "iris_7"]
    assert RUN not in everything(data)
    assert OTHER_STREAM not in everything(data)


def test_a_repaired_database_lets_readers_and_a_writer_in_at_once_as_before(history: ProjectData) -> None:
    drop_a_table(history.database)
    repair(history)
    connection = sqlite3.connect(history.database)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()
    assert not list(history.root.glob("*repaired*"))


def test_a_kernel_that_ends_during_a_repair_loses_nothing(
    history: ProjectData, monkeypatch: pytest.MonkeyPatch
) -> None:
    [folder] = history.spools.iterdir()
    spool, store = Spool.at(folder), Store(history)
    write(spool, lines(logged("later", 1), ended()))
    take_in = repair_module._take_in_spools

    def after_the_kernel_ended(*told: Any) -> None:
        with pytest.raises(HistoryError):
            settle(spool, store, None)
        take_in(*told)

    drop_the_tags(history.database)
    store.offset(spool.stream)  # the file is open
    monkeypatch.setattr(database, "BUSY_TIMEOUT_SECONDS", 0)
    store._connection.execute("PRAGMA busy_timeout = 0")
    monkeypatch.setattr(repair_module, "_take_in_spools", after_the_kernel_ended)
    repair(history)
    settle(spool, store, None)
    store.close()
    run = queries.info(history, RUN_ID)
    assert (run["later"], run["status"], len(run["loss"])) == (1, "Completed", MANY)


@pytest.mark.parametrize("who", ["a store", "an edit"])
def test_who_waited_for_a_repair_to_end_writes_to_the_new_database(
    history: ProjectData, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    store = Store(history)
    drop_a_table(history.database)
    begin = database.transaction

    def after_a_repair(connection: sqlite3.Connection, kind: str = "IMMEDIATE") -> Any:
        monkeypatch.undo()
        repair(history)
        return begin(connection, kind)

    monkeypatch.setattr(store_module, "transaction", after_a_repair)
    monkeypatch.setattr(database, "transaction", after_a_repair)
    if who == "a store":
        [folder] = history.spools.iterdir()
        assert store.apply(folder.name, store.offset(folder.name), lines(noted("later")), FACTS)
    else:
        editing.set_note(history, RUN_ID, "later")
    store.close()
    assert queries.info(history, RUN_ID)["note"] == "later"


def test_a_repair_gives_no_kernel_the_run_of_another(history: ProjectData) -> None:
    hostile = history.new_spool(FACTS)
    write(hostile, lines(opened(), started(OTHER_RUN, id="mine_1"), logged("a", 666, run=OTHER_RUN)))
    drop_the_tags(history.database)
    repair(history)
    run = queries.info(history, OTHER_ID)
    assert (run["a"], run["status"], len(run["loss"])) == (1, "Completed", MANY)


def test_a_repair_holds_to_the_limits_and_tells_what_is_left_out(
    history: ProjectData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_WORKBENCH_MAX_RECORDS", str(len(lines(opened(), started()))))
    empty_it(history.database)
    repair(history)
    run = queries.info(history, RUN_ID)
    assert "loss" not in run
    assert run["incomplete"].endswith("were left out: JUPYTER_WORKBENCH_MAX_RECORDS sets this limit.")


@pytest.mark.parametrize("lost", ["metrics", "streams"])
def test_a_run_that_was_removed_for_good_does_not_come_back_with_a_repair(
    history: ProjectData, spool: Spool, lost: str
) -> None:
    write(spool, lines(ended(), started(THIRD_RUN, id="iris_9"), logged("loss", 1, run=THIRD_RUN)))
    store = Store(history)
    catch_up(spool, store)
    removal.purge(history, [RUN_ID])
    with sqlite3.connect(history.database) as connection:
        connection.execute(f"DROP TABLE {lost}")
    connection.close()
    repair(history)
    write(spool, lines(logged("loss", 2, run=THIRD_RUN), logged("late", 1), ended(THIRD_RUN)))
    catch_up(spool, store)
    store.close()
    assert {run["run_id"] for run in queries.list_runs(history)} == {OTHER_ID, "iris_9"}
    assert queries.info(history, "iris_9")["loss"] == [1, 2]


def remembered(data: ProjectData) -> list[Any]:
    connection = sqlite3.connect(data.database)
    try:
        return connection.execute("SELECT * FROM removed").fetchall()
    finally:
        connection.close()


def test_a_removed_run_is_remembered_only_as_long_as_its_records_wait_in_a_spool(
    history: ProjectData, spool: Spool
) -> None:
    write(spool, lines(ended()))
    store = Store(history)
    catch_up(spool, store)
    removal.purge(history, [RUN_ID])
    assert remembered(history) == [(RUN, spool.stream)]
    settle(spool, store, None)
    removal.purge(history, [OTHER_ID])
    store.close()
    assert remembered(history) == []
