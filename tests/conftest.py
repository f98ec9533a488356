"""What holds for every test: Jupyter folders of its own, and honesty about what did not run."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import hypothesis
import pytest

hypothesis.settings.register_profile("any machine", deadline=None)  # one that has other things to do, too
hypothesis.settings.load_profile("any machine")

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


def pytest_configure() -> None:
    """Let Ctrl-C be heard: a shell that starts us in the background has us ignore it, and all that tests start, too."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long tests to `make soak`, and try what a browser shows once more where live tests are required."""
    if "soak" not in config.getoption("markexpr"):
        long = [item for item in items if item.get_closest_marker("soak")]
        items[:] = [item for item in items if item not in long]
        config.hook.pytest_deselected(items=long)
    if os.environ.get("WORKBENCH_REQUIRE_LIVE"):
        for item in items:
            if "page" in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.hookimpl(optionalhook=True)  # of pytest-xdist; its own groups are lost with pytest 9.2
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Say which tests run one after the other where several run at once, unless `--dist` says so."""
    if config.getoption("dist") != "load":
        return None
    from xdist.scheduler import LoadScopeScheduling

    class OneEngine(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return _one_after_the_other(PurePosixPath(nodeid.partition("::")[0]))

    return OneEngine(config, log)


def _one_after_the_other(file: PurePosixPath) -> str:
    """Those of a file share its fixtures, and those below share an engine.

    A page breaks when the networks of an engine change, and Spark beside a build is too busy to be interrupted in time.
    """
    shared = file.parent.name in {"docker", "spark"} or file.name.startswith(("test_lab_", "test_jupyterlab"))
    return "engine" if shared and "live" in file.parts else str(file)


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
