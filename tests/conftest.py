"""What holds for every test: Jupyter folders of its own, and honesty about what did not run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

OWN_FOLDERS = (
    "JUPYTER_CONFIG_DIR",
    "JUPYTER_DATA_DIR",
    "JUPYTER_RUNTIME_DIR",
    "IPYTHONDIR",
    "JUPYTER_WORKBENCH_DATA_DIR",
)
"""Each of these names an empty folder of the test."""

OF_THE_USER = ("JUPYTER_PATH", "JUPYTER_CONFIG_PATH", "VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONPATH", "PYTHONSTARTUP")
"""Each of these would let the machine that runs the tests have a say."""

NOT_MEANT_FOR_IT = ("not run: no Python ", "this ipykernel ")
"""How the reason of a skip begins that is right even where live tests are required: not every interpreter is there."""


@pytest.fixture(autouse=True)
def an_isolated_jupyter(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Let nothing of the user's Jupyter be read or written; return the folder that stands for it."""
    folder = tmp_path_factory.mktemp("jupyter")
    for name in OWN_FOLDERS:
        own = folder / name.lower()
        own.mkdir()
        monkeypatch.setenv(name, str(own))
    for name in OF_THE_USER:
        monkeypatch.delenv(name, raising=False)
    return folder


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long tests to `make soak`."""
    if "soak" not in config.getoption("markexpr"):
        long = [item for item in items if item.get_closest_marker("soak")]
        items[:] = [item for item in items if item not in long]
        config.hook.pytest_deselected(items=long)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Under WORKBENCH_REQUIRE_LIVE, fail a live test that is skipped: nobody reads the skips of a CI."""
    report = yield
    if item.get_closest_marker("live") and not hasattr(report, "wasxfail"):
        _fail_if_skipped(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    """Do the same for a whole file of live tests."""
    report = yield
    if "live" in collector.path.parts:
        _fail_if_skipped(report)
    return report


def _fail_if_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    why = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    why = why.removeprefix("Skipped: ")
    if os.environ.get("WORKBENCH_REQUIRE_LIVE") and report.skipped and not why.startswith(NOT_MEANT_FOR_IT):
        report.outcome = "failed"
        report.longrepr = f"WORKBENCH_REQUIRE_LIVE is set, and this live test did not run: {why}"
