"""A server with a tracking URI runs one process that mirrors the projects it shows, and ends it."""

from __future__ import annotations

import io
import json
import logging
import sqlite3
import subprocess
import sys
import threading
from types import SimpleNamespace

import pytest
from traitlets.config import Config

from jupyter_workbench.history.location import project_data
from jupyter_workbench.history.mirror import __main__ as child
from jupyter_workbench.server import mirroring
from jupyter_workbench.server.mirroring import WorkbenchMirror

# Writes its orders into a file, and says one sentence; ends when its input does.
RECORDING = """
import json, sys
with open(sys.argv[1], "a") as file:
    for line in sys.stdin:
        file.write(line)
        file.flush()
        print(json.dumps({"level": "warning", "text": "told " + str(len(json.loads(line)))}), flush=True)
"""


ENDED = "jupyter_workbench: runs are not mirrored for 0.05 seconds (their process ended: exit code 1)"


class Log(logging.Handler):
    """What was logged, and the means to wait for it."""

    def __init__(self):
        super().__init__()
        self.lines = []
        self.heard = threading.Condition()

    def emit(self, record):
        with self.heard:
            self.lines.append(record.getMessage())
            self.heard.notify_all()

    def wait_for(self, count):
        with self.heard:
            assert self.heard.wait_for(lambda: len(self.lines) >= count, timeout=30), self.lines


@pytest.fixture
def log():
    return Log()


@pytest.fixture
def discovery(tmp_path):
    """One project with a history, and one without."""
    projects = [SimpleNamespace(name=name, directory=tmp_path / name, id=name) for name in ("iris", "empty")]
    data = project_data(projects[0].directory, "iris")
    data.root.parent.mkdir(parents=True)
    data.make()
    sqlite3.connect(data.database).execute("CREATE TABLE t (x)").connection.close()
    return SimpleNamespace(refresh=lambda: SimpleNamespace(projects=projects))


def a_mirror(log, **settings):
    logger = logging.Logger("server")
    logger.addHandler(log)
    return WorkbenchMirror(config=Config({"WorkbenchMirror": settings}), log=logger)


def commanded(monkeypatch, code, *arguments):
    monkeypatch.setattr(mirroring, "COMMAND", [sys.executable, "-c", code, *arguments])
    monkeypatch.setattr(mirroring, "INTERVAL_SECONDS", 0.05)


async def test_the_process_is_told_the_server_and_each_project_with_a_history(monkeypatch, tmp_path, log, discovery):
    orders = tmp_path / "orders"
    commanded(monkeypatch, RECORDING, str(orders))
    mirror = a_mirror(log, tracking_uri="http://box:5000", experiments=["tuning"])
    mirror.start(discovery)
    log.wait_for(2)
    await mirror.close()
    assert [json.loads(line) for line in orders.read_text().splitlines()] == [
        {"tracking_uri": "http://box:5000", "experiments": ["tuning"]},
        {"data": str(project_data(tmp_path / "iris", "iris").root), "project": "iris"},
    ]
    assert log.lines == ["jupyter_workbench: told 2"] * 2


def test_no_module_of_the_folder_that_the_server_runs_in_is_imported(tmp_path):
    """Which mostly is a project: a kernel in a container can put files there."""
    for name in ("json", "mlflow", "threading", "jupyter_workbench"):
        (tmp_path / f"{name}.py").write_text("open('imported', 'w')")
    orders = '{"tracking_uri": "mlruns", "experiments": []}\n'
    done = subprocess.run(mirroring.COMMAND, input=orders, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == child.CANNOT, done.stderr
    assert not (tmp_path / "imported").exists()


async def test_the_process_ends_when_the_server_closes_it(monkeypatch, tmp_path, log, discovery):
    commanded(monkeypatch, RECORDING, str(tmp_path / "orders"))
    mirror = a_mirror(log, tracking_uri="http://box:5000")
    mirror.start(discovery)
    log.wait_for(2)
    await mirror.close()
    assert mirror._process.wait(30) == 0


async def test_a_process_that_dies_is_started_again(monkeypatch, log, discovery):
    commanded(monkeypatch, 'print(\'{"level": "error", "text": "died"}\', flush=True); exit(1)')
    mirror = a_mirror(log, tracking_uri="http://box:5000")
    mirror.start(discovery)
    log.wait_for(3)
    await mirror.close()
    assert log.lines[:3] == ["jupyter_workbench: died", ENDED, "jupyter_workbench: died"]


async def test_one_that_is_closed_does_not_complain(monkeypatch, tmp_path, log, discovery):
    commanded(monkeypatch, RECORDING, str(tmp_path / "orders"))
    mirror = a_mirror(log, tracking_uri="http://box:5000")
    before = set(threading.enumerate())
    mirror.start(discovery)
    (supervisor,) = (each for each in set(threading.enumerate()) - before if each.name == "workbench-mirror")
    log.wait_for(2)
    await mirror.close()
    supervisor.join(30)
    assert log.lines == ["jupyter_workbench: told 2"] * 2


def test_one_that_cannot_work_is_not_started_again(monkeypatch, log, discovery):
    commanded(monkeypatch, f'print(\'{{"level": "error", "text": "no mlflow"}}\', flush=True); exit({child.CANNOT})')
    mirror = a_mirror(log, tracking_uri="http://box:5000")
    mirror._supervise(list)
    assert log.lines == ["jupyter_workbench: no mlflow"]


def test_without_a_tracking_uri_nothing_is_started(monkeypatch, log, discovery):
    monkeypatch.setattr(mirroring, "COMMAND", ["/nowhere"])
    before = set(threading.enumerate())
    a_mirror(log).start(discovery)
    assert set(threading.enumerate()) <= before


def test_the_process_says_that_mlflow_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "mlflow", None)
    said = []
    orders = io.StringIO('{"tracking_uri": "http://box:5000", "experiments": []}\n')
    assert child.run(orders, lambda level, text: said.append((level, text))) == child.CANNOT
    assert said == [("warning", 'mlflow is not installed - run `pip install "jupyter_workbench[mirror]"`')]


def test_the_process_refuses_a_folder_as_a_server():
    said = []
    orders = io.StringIO('{"tracking_uri": "mlruns", "experiments": []}\n')
    assert child.run(orders, lambda level, text: said.append(text)) == child.CANNOT
    assert len(said) == 1
