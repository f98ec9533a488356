"""Only cells of the notebook are watched and interrupted, not those that they run themselves."""

from __future__ import annotations

from threading import Thread
from types import SimpleNamespace

import pytest
from workbench_kernel.spark.depth import Depth


@pytest.fixture
def cells():
    """The depth of a shell whose request is ``cells.shell.request``."""
    shell = SimpleNamespace(request="1")
    shell.get_parent = lambda: {"header": {"msg_id": shell.request}}
    depth = Depth(shell)
    return SimpleNamespace(begins=depth.begins, ends=depth.ends, shell=shell)


def test_a_cell_that_a_cell_runs_belongs_to_it(cells):
    assert [cells.begins(), cells.begins(), cells.ends(), cells.ends()] == [True, False, False, True]


def test_a_cell_that_never_ended_is_forgotten(cells):
    assert cells.begins()
    cells.shell.request = "2"
    assert [cells.begins(), cells.ends()] == [True, True]


def test_an_end_without_a_beginning_is_none(cells):
    assert not cells.ends()


def test_cells_of_other_threads_are_not_watched(cells):
    seen = []
    thread = Thread(target=lambda: seen.extend([cells.begins(), cells.ends()]))
    thread.start()
    thread.join()
    assert seen == [False, False]
