"""What holds for every test: Jupyter folders of its own, and honesty about what did not run."""

from __future__ import annotations

import os
import subprocess
import sys
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

KERNEL_PYTHONS = tuple(f"3.{minor}" for minor in range(8, 15))
"""Every Python that a kernel may run on; WORKBENCH_TEST_PYTHONS names interpreters of them that have ipykernel."""


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
    is_required = os.environ.get("WORKBENCH_REQUIRE_LIVE") and item.get_closest_marker("live")
    if is_required and report.skipped and not hasattr(report, "wasxfail"):
        why = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"WORKBENCH_REQUIRE_LIVE is set, and this live test did not run: {why}"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List the Pythons that kernels were tested on, and those that this machine lacks."""
    ran = sorted({_version(python) for python in [sys.executable, *_kernel_pythons()]}, key=_as_numbers)
    missing = [version for version in KERNEL_PYTHONS if version not in ran]
    terminalreporter.write_line(f"Kernels ran on Python {', '.join(ran)}; not run: {', '.join(missing) or 'none'}.")


def _kernel_pythons() -> list[str]:
    return [python for python in os.environ.get("WORKBENCH_TEST_PYTHONS", "").split(os.pathsep) if python]


def _version(python: str) -> str:
    program = "import sys; print('%d.%d' % sys.version_info[:2])"
    return subprocess.run([python, "-c", program], capture_output=True, text=True, check=True).stdout.strip()


def _as_numbers(version: str) -> list[int]:
    return [int(number) for number in version.split(".")]
