"""How the cells of one kernel get a session: Spark itself is left out."""

from __future__ import annotations

import os
import sys
from types import SimpleNamespace

import pytest
from workbench_kernel import magics
from workbench_kernel.spark import boot, session
from workbench_kernel.spark.cells import Cells
from workbench_kernel.spark.imports import Imports
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
    java = SimpleNamespace(sc=lambda: SimpleNamespace(isStopped=lambda: False))
    context = SimpleNamespace(getLocalProperty=lambda _key: "mine", _jsc=java)
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


@pytest.fixture
def _registered_for_nobody(monkeypatch):
    """What Cells registers neither begins Spark nor outlives the test."""
    monkeypatch.setattr(magics, "commands", {})
    monkeypatch.setattr(boot.Boot, "begin_soon", lambda _self: None)
    monkeypatch.setattr(Imports, "watch", lambda _self: None)


@pytest.mark.usefixtures("_registered_for_nobody")
def test_a_first_cell_finds_the_pyspark_that_spark_will_use(a_shell, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", ["", "/project"])
    monkeypatch.setattr(os, "environ", {})
    told = Settings(spark_home="/spark", java_home="/java", python_path=["/spark/python"])
    Cells(a_shell.shell, None, told, str(tmp_path)).register()
    assert sys.path == ["", "/spark/python", "/project"]
    assert (os.environ["SPARK_HOME"], os.environ["JAVA_HOME"]) == ("/spark", "/java")


@pytest.mark.usefixtures("_registered_for_nobody")
def test_a_kernel_whose_surroundings_cannot_be_prepared_works(a_shell, tmp_path, monkeypatch):
    def fail(_self):
        raise OSError("no passwd")

    monkeypatch.setattr(boot.Boot, "prepare", fail)
    Cells(a_shell.shell, None, Settings(), str(tmp_path)).register()
    assert a_shell.run("print(1 + 1)").stdout == "2\n"
