"""The newest run of each cell of a notebook."""

from __future__ import annotations

from typing import Any

from kernel_on_paper import FACTS, MORNING, ended, lines, opened, started

from jupyter_workbench.history.location import ProjectData
from jupyter_workbench.history.reading.cells import newest_by_cell
from jupyter_workbench.history.store.store import Store
from jupyter_workbench.history.upkeep import removal


def add(store: Store, number: int, **start: Any) -> None:
    """One run, `iris_0`, `iris_1`, ...: each starts a second after the one before."""
    run = f"{number:032x}"
    begun = started(run, t=MORNING + number, **{"id": f"iris_{number}", "notebook": "iris.ipynb", **start})
    told = lines(opened(), begun, {**ended(), "run": run})
    store.apply(f"20260102T030405-{number:016x}", 0, told, FACTS)


def newest(data: ProjectData, notebook: str = "iris.ipynb") -> dict[str, str]:
    return {run["cell"]: run["run_id"] for run in newest_by_cell(data, notebook)}


def test_a_cell_has_its_newest_run(store: Store, data: ProjectData) -> None:
    for number, cell in enumerate("aabab"):
        add(store, number, cell=cell)
    assert newest(data) == {"a": "iris_3", "b": "iris_4"}


def test_a_run_that_begins_earlier_by_its_clock_is_older_though_it_comes_later(store: Store, data: ProjectData) -> None:
    add(store, 1, cell="a")
    add(store, 0, cell="a")
    assert newest(data) == {"a": "iris_1"}


def test_a_notebook_keeps_its_runs_in_another_folder(store: Store, data: ProjectData) -> None:
    add(store, 0, cell="a", notebook="old/iris.ipynb")
    assert newest(data, "new/iris.ipynb") == newest(data, "iris.ipynb") == {"a": "iris_0"}


def test_a_copy_with_the_same_cells_has_none_of_their_runs(store: Store, data: ProjectData) -> None:
    add(store, 0, cell="a", notebook="my iris.ipynb")
    add(store, 1, cell="b", notebook="a/big_iris.ipynb")
    assert newest(data) == {}


def test_runs_of_clients_that_tell_no_notebook_are_shown_by_their_cells(store: Store, data: ProjectData) -> None:
    add(store, 0, cell="a", notebook=None)
    assert newest(data) == {"a": "iris_0"}


def test_neither_runs_without_a_cell_nor_those_in_the_bin_are_told(store: Store, data: ProjectData) -> None:
    add(store, 0, cell=None)
    add(store, 1, cell="a")
    add(store, 2, cell="a")
    removal.delete(data, ["iris_2"])
    assert newest(data) == {"a": "iris_1"}


def test_a_project_without_a_history_has_no_runs(data: ProjectData) -> None:
    assert newest_by_cell(data, "iris.ipynb") == []
