"""How the tests of the command line call it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from jupyter_workbench.cli import workbench


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Result]:
    """Run `workbench ARGUMENTS` in this process, in an empty folder, with Jupyter folders of its own."""
    for variable in ("JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_WORKBENCH_DATA_DIR"):
        folder = tmp_path_factory.mktemp(variable.lower())
        monkeypatch.setenv(variable, str(folder))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return lambda *arguments: CliRunner().invoke(workbench, [str(argument) for argument in arguments])


@pytest.fixture
def workbench_process(tmp_path: Path) -> Callable[..., subprocess.Popen[str]]:
    """Start `workbench ARGUMENTS` as a process of its own, after the lines of Python in `first`."""

    def start(*arguments: object, first: str = "") -> subprocess.Popen[str]:
        program = f"{first}\nfrom jupyter_workbench.cli import main\nmain()"
        return subprocess.Popen(
            [sys.executable, "-c", program, *map(str, arguments)],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start
