"""When the memory is looked after: while rows come from Spark, and only then."""

from __future__ import annotations

import sys

import pytest
from workbench_kernel.spark import memory
from workbench_kernel.spark.memory import Memory, takes_rows


def frame_in(module):
    space = {"__name__": module, "sys": sys}
    exec("def here(): return sys._getframe()", space)
    return space["here"]()


@pytest.mark.parametrize(
    ("module", "takes"),
    [("pyspark.serializers", True), ("pyspark.sql.pandas.serializers", True), ("pyspark.sql", False)],
)
def test_rows_are_taken_where_pyspark_reads_them(module, takes):
    assert takes_rows(frame_in(module)) is takes
    assert takes_rows(None) is False


@pytest.mark.parametrize(("used", "scarce"), [(92, False), (94, True)])
def test_a_container_is_full_before_it_is_killed(monkeypatch, used, scarce):
    monkeypatch.setattr(memory, "_resident", lambda pid: used // 2)
    assert Memory(100)._is_scarce() is scarce


@pytest.mark.parametrize(("available", "scarce"), [(5, False), (3, True)])
def test_a_machine_keeps_some_for_the_others(monkeypatch, available, scarce):
    monkeypatch.setattr(memory, "_machine", lambda: {"MemTotal": 100, "MemAvailable": available})
    assert Memory(None)._is_scarce() is scarce
