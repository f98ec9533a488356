"""How the cells of one kernel get a session: Spark itself is left out."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from workbench_kernel.spark import boot, session
from workbench_kernel.spark.cells import Cells
from workbench_kernel.spark.plain import SparkNotStarted
from workbench_kernel.spark.settings import Settings


@pytest.fixture
def spark(monkeypatch):
    """What starts instead of Spark: ``spark.sessions`` are made one after the other, errors are raised."""
    made = SimpleNamespace(sessions=[], tries=0)

    def make(*_arguments):
        made.tries += 1
        result = made.sessions.pop(0)
        if isinstance(result, Exception):
            raise result
        return result

    monkeypatch.setattr(session, "make", make)
    monkeypatch.setattr(boot.Boot, "_prepared", lambda _self: {})
    monkeypatch.setattr(Cells, "_started", lambda _self, _session: None)
    return made


@pytest.fixture
def cells(tmp_path, a_shell, spark):
    """Spark for the cells of a shell, unregistered."""
    return Cells(a_shell.shell, None, Settings(), str(tmp_path))


def a_session():
    context = SimpleNamespace(getLocalProperty=lambda _key: "mine", _jsc=SimpleNamespace())
    return session.Session(SimpleNamespace(proc=None), context, None)


def failure_of(cells):
    with pytest.raises(SparkNotStarted) as caught:
        cells.wait()
    return str(caught.value)


def test_a_spark_that_failed_to_start_is_tried_again_by_the_next_cell(cells, spark):
    spark.sessions = [RuntimeError("the first"), RuntimeError("the second"), a_session()]
    assert failure_of(cells).startswith("Spark could not start: ")
    cells._cell_begins()
    failure_of(cells)
    cells._cell_ends()
    cells._cell_begins()
    assert cells.wait() is cells.boot.session
    assert spark.tries == 3
    cells._cell_ends()


def test_a_cell_tries_once_however_often_it_asks(cells, spark):
    spark.sessions = [RuntimeError("the first"), RuntimeError("the second")]
    cells.boot.begin()
    assert cells.boot.wait(10)
    cells._cell_begins()
    assert failure_of(cells) == failure_of(cells) == failure_of(cells)
    assert spark.tries == 2
    cells._cell_ends()
