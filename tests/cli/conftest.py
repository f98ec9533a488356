"""How the tests of the command line call it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from jupyter_workbench.cli import workbench
from jupyter_workbench.history.location import ProjectData, project_data

sys.path.append(str(Path(__file__).parent.parent / "history"))  # kernel_on_paper: runs as kernels write them


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


@pytest.fixture
def iris(run: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ProjectData:
    """The history of a project whose folder is the current one; it has no runs yet."""
    home = tmp_path / "iris"
    (home / "aml_config").mkdir(parents=True)
    (home / ".azureml").mkdir()
    (home / ".azureml" / "project.json").write_text('{"Id": "0f3a", "Scope": "/projects/iris"}')
    monkeypatch.chdir(home)
    return project_data(home, "0f3a")


@pytest.fixture
def two_runs(iris: ProjectData) -> ProjectData:
    """`BEST`, which is complete, and after it `WORST`, whose source has another line and which failed."""
    from runs_on_paper import leave_two_runs

    leave_two_runs(iris)
    return iris
