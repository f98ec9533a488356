"""A database that an earlier jupyter_workbench wrote loses nothing when it is opened by this one."""

from __future__ import annotations

import multiprocessing
import sqlite3
from pathlib import Path

from history_of_version_1 import a_history_of_version_1
from kernel_on_paper import FACTS, OTHER_RUN, RUN_ID, STREAM, ended, everything, lines, logged

from jupyter_workbench.history.location import ProjectData
from jupyter_workbench.history.reading.overview import overview
from jupyter_workbench.history.reading.queries import info, list_runs
from jupyter_workbench.history.reading.series import series
from jupyter_workbench.history.store.database import BUSY_TIMEOUT_SECONDS
from jupyter_workbench.history.store.store import Store


def test_every_run_value_and_output_of_version_1_is_still_there(data: ProjectData) -> None:
    a_history_of_version_1(data)
    run = info(data, RUN_ID)
    assert run["loss"] == [0.5, 0.25]
    assert (run["acc"], run["curve"][2], run["best"], run["done"], run["nothing"]) == ("café", 3, {"a": 1}, True, None)
    assert str(run["odd"]) == "nan"
    assert run["big"] == float("inf")
    assert list(run)[:8] == ["loss", "acc", "curve", "best", "done", "nothing", "odd", "big"]
    assert (run["source"], run["execution_count"], run["user_id"]) == ("train()", 3, "ada")
    assert run["outputs"] == [{"path": "outputs/m", "size": 5, "sha256": "a" * 64, "state": "kept", "problem": None}]
    assert [run["script_name"] for run in list_runs(data)] == ["started.ipynb", "iris.ipynb"]


def test_the_values_of_version_1_get_their_kinds_and_summaries(data: ProjectData) -> None:
    a_history_of_version_1(data)
    [_, run] = overview(data).runs
    assert {name: (told["kind"], told["count"]) for name, told in run["metrics"].items()} == {
        "loss": ("number", 2),
        "acc": ("text", 1),
        "curve": ("list", 1),
        "best": ("dict", 1),
        "done": ("bool", 1),
        "nothing": ("null", 1),
        "odd": ("number", 1),
        "big": ("number", 1),
    }
    assert run["metrics"]["loss"] == {"kind": "number", "count": 2, "last": 0.25, "min": 0.25, "max": 0.5}
    assert series(data, RUN_ID, "loss")["points"] == [[None, 1504832282.0, 0.5], [None, 1504832284.0, 0.25]]


def test_a_kernel_that_lived_on_over_the_upgrade_goes_on_where_it_was(data: ProjectData) -> None:
    a_history_of_version_1(data)
    store = Store(data)
    assert store.offset(STREAM) == 1000
    store.apply(STREAM, 1000, lines(logged("loss", 9, run=OTHER_RUN), ended(OTHER_RUN)), FACTS)
    store.close()
    assert (info(data, "iris_7")["loss"], info(data, "iris_7")["status"]) == (9, "Completed")


def test_a_program_of_version_1_is_told_to_upgrade(data: ProjectData) -> None:
    a_history_of_version_1(data)
    Store(data).close()
    connection = sqlite3.connect(data.database)
    assert connection.execute("PRAGMA user_version").fetchone()[0] > 1
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()


def open_it(root: Path) -> None:
    Store(ProjectData(root)).close()


def test_several_processes_migrate_one_file_at_once(tmp_path: Path) -> None:
    spawned = multiprocessing.get_context("spawn")
    for turn in range(3):
        data = ProjectData(tmp_path / str(turn))
        a_history_of_version_1(data)
        processes = [spawned.Process(target=open_it, args=(data.root,)) for _ in range(4)]
        for process in processes:
            process.start()
        for process in processes:
            process.join(BUSY_TIMEOUT_SECONDS)
        assert [process.exitcode for process in processes] == [0] * 4
        assert info(data, RUN_ID)["loss"] == [0.5, 0.25]


def a_history_of_version_2(data: ProjectData) -> None:
    """A run with values, a tag, a note and an output, and one whose kernel lives on; as version 2 wrote them."""
    data.make()
    connection = sqlite3.connect(data.database)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.executescript(Path(__file__).with_name("version_2.sql").read_text("utf-8"))
    connection.close()


def test_everything_of_version_2_is_still_there(data: ProjectData) -> None:
    a_history_of_version_2(data)
    before = everything(data)
    store = Store(data)
    assert everything(data) == before
    assert store.size_of_outputs() == 5
    assert store.apply(STREAM, 1312, lines(logged("loss", 8, run=OTHER_RUN), ended(OTHER_RUN)), FACTS) > 1312
    store.close()
    run = info(data, RUN_ID)
    assert (run["loss"], run["tags"], run["note"]) == ([0.5, 0.25], {"stage": "production"}, "the best")
    assert (info(data, "iris_7")["loss"], info(data, "iris_7")["status"]) == ([9, 8], "Completed")
    with sqlite3.connect(data.database) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()
