"""Whoever imports pyspark before Spark is there meets the session of the kernel, and no import hangs."""

from __future__ import annotations

import builtins
import importlib
import re
import sys
from types import SimpleNamespace

import pytest
from workbench_kernel.spark import boot, imports, session
from workbench_kernel.spark.settings import Settings

PYSPARK = """
import threading
import pyspark.parts

LOCK = threading.RLock()
SESSION = None


def get_or_create():
    with LOCK:
        return SESSION
"""


@pytest.fixture
def modules(tmp_path, monkeypatch):
    """A folder of modules that is on the path: a pyspark, and ``etl``, which asks it for a session at once."""
    (tmp_path / "pyspark").mkdir()
    (tmp_path / "pyspark/__init__.py").write_text(PYSPARK)
    (tmp_path / "pyspark/parts.py").write_text("")
    (tmp_path / "etl.py").write_text("import pyspark\nMET = pyspark.get_or_create()\ndef get_or_create(): return MET\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    before = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "pyspark"}
    for name in before:
        monkeypatch.delitem(sys.modules, name)
    yield tmp_path
    for name in ("etl", "pyspark", "pyspark.parts"):
        sys.modules.pop(name, None)
    sys.modules.update(before)


@pytest.fixture
def spark(tmp_path, monkeypatch):
    """A Spark that is made as ours is: its thread imports pyspark, and says when it holds the lock."""

    def make(_settings, _log, claimed):
        import pyspark

        with pyspark.LOCK:
            claimed()
            pyspark.SESSION = "the kernel's"
        return session.Session(None, None, None)

    monkeypatch.setattr(session, "make", make)
    monkeypatch.setattr(boot.Boot, "_prepared", lambda _self: {})
    return boot.Boot(Settings(), str(tmp_path), lambda _session: None)


@pytest.fixture
def watch(a_shell):
    """Looks at the imports for a Spark until the end of the test."""
    pythons_own = builtins.__import__, importlib.import_module
    yield lambda spark: imports.Imports(a_shell.shell, spark).watch()
    builtins.__import__, importlib.import_module = pythons_own


def refuse(*_arguments):
    raise AssertionError("somebody began Spark, or waited for it")


@pytest.mark.parametrize("name", ["etl", "pyspark"])
@pytest.mark.parametrize("import_", [lambda name: __import__(name), lambda name: importlib.import_module(name)])
def test_a_module_that_asks_for_a_session_while_it_is_imported_meets_that_of_the_kernel(
    modules, spark, watch, import_, name
):
    watch(spark)
    module = import_(name)
    assert module.get_or_create() == "the kernel's"


def test_other_imports_begin_nothing(modules, watch):
    (modules / "pyspark_of_mine.py").write_text("VALUE = 1\n")
    watch(SimpleNamespace(claimed=SimpleNamespace(is_set=lambda: False), is_own_thread=refuse, begin=refuse))
    import json  # noqa: F401

    import pyspark_of_mine

    assert pyspark_of_mine.VALUE == 1


def test_imports_are_pythons_own_again_once_spark_goes_first(modules, spark, watch):
    before = builtins.__import__, importlib.import_module
    watch(spark)
    assert builtins.__import__ is not before[0]
    assert importlib.import_module is not before[1]
    import pyspark
    import pyspark.parts  # noqa: F401

    assert (builtins.__import__, importlib.import_module) == before


def test_a_spark_that_cannot_start_stops_no_import(modules, spark, watch, monkeypatch):
    monkeypatch.setattr(boot.Boot, "_prepared", refuse)
    watch(spark)
    import etl

    assert etl.MET is None
    assert spark.wait(10)
    assert spark.failed


def test_what_pyspark_imports_of_itself_does_not_wait(modules, watch):
    (modules / "pyspark/__init__.py").write_text(f"{PYSPARK}import importlib\nimportlib.import_module('pyspark.parts')")
    watch(SimpleNamespace(claimed=SimpleNamespace(is_set=lambda: False), is_own_thread=refuse, begin=refuse))
    assert __import__("pyspark", {"__name__": "pyspark.somewhere"}).SESSION is None
    assert importlib.reload(sys.modules["pyspark"]).SESSION is None


def test_an_import_that_waits_can_be_interrupted(modules, watch):
    def press(_seconds):
        raise KeyboardInterrupt

    claimed = SimpleNamespace(is_set=lambda: False, wait=press)
    watch(SimpleNamespace(claimed=claimed, is_own_thread=lambda: False, begin=lambda: None))
    with pytest.raises(KeyboardInterrupt, match=r"^Spark goes on starting$"):
        import pyspark  # noqa: F401
    assert "pyspark" not in sys.modules


def test_an_import_goes_on_when_spark_takes_too_long(modules, watch, monkeypatch):
    waited = []
    claimed = SimpleNamespace(is_set=lambda: False, wait=waited.append)
    watch(SimpleNamespace(claimed=claimed, is_own_thread=lambda: False, begin=lambda: None))
    import pyspark

    assert pyspark.SESSION is None
    assert waited == [30.0]


def test_a_module_that_is_not_there_fails_as_ever(modules, spark, watch):
    watch(spark)
    with pytest.raises(ModuleNotFoundError, match=r"^No module named 'pyspark\.nowhere'$"):
        import pyspark.nowhere  # noqa: F401


def test_the_trace_of_an_import_that_fails_is_the_users(a_shell, modules, watch):
    (modules / "broken.py").write_text("from json import nothing")
    watch(SimpleNamespace(claimed=SimpleNamespace(is_set=lambda: False)))
    a_shell.run("import importlib")
    for code in ("import nowhere", "import broken", "importlib.import_module('nowhere')"):
        cell = a_shell.run(code)
        assert isinstance(cell.error, ImportError)
        shown = re.sub(r"\x1b\[[\d;]*m", "", cell.stdout)
        assert f"----> 1 {code}\n" in shown
        assert "imports.py" not in shown
