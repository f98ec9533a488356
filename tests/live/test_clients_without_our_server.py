"""nbconvert, papermill and any Jupyter client run the same kernels through installed specs, and runs are kept."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

pytestmark = pytest.mark.live

CELLS = [
    "%azureml history on\nimport os\nfrom azureml.logging import get_azureml_logger\nlogger = get_azureml_logger()",
    "logger.log('Accuracy', 0.97)\nos.makedirs('outputs', exist_ok=True)\n"
    "with open('outputs/model.pkl', 'wb') as file: file.write(b'model')",
    "%azureml upload outputs/model.pkl",
    "%azureml history off",
]


@pytest.fixture
def prefix(tmp_path, monkeypatch) -> Path:
    """A prefix that every Jupyter client of this test looks into."""
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "prefix" / "share" / "jupyter"))
    return tmp_path / "prefix"


@pytest.fixture
def installed(a_project, prefix) -> Path:
    """The project, with its kernelspecs installed."""
    done = jupyter("jupyter_workbench.cli", "kernels", "install", "--prefix", str(prefix), str(a_project))
    assert done.returncode == 0, done.stderr
    return a_project


@pytest.fixture
def notebook(a_project) -> Path:
    """A notebook that uses the magics."""
    kernelspec = {"name": "myiris_local", "display_name": "myIris local", "language": "python"}
    book = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS], metadata={"kernelspec": kernelspec}
    )
    nbformat.write(book, a_project / "iris.ipynb")
    return a_project / "iris.ipynb"


def jupyter(module: str, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a program of this environment."""
    return subprocess.run(
        [sys.executable, "-m", module, *arguments], cwd=cwd, capture_output=True, text=True, timeout=120, check=False
    )


def assert_the_runs_are_kept(runs: list[dict]) -> None:
    assert [run["status"] for run in runs] == ["Completed"] * 4
    assert (runs[2]["Accuracy"], runs[1]["attachments"]) == (0.97, "outputs/model.pkl")


def test_nbconvert_executes_the_notebook_and_its_runs_are_kept(installed, notebook, history):
    done = jupyter("nbconvert", "--to", "notebook", "--execute", "--output", "done.ipynb", str(notebook))
    assert done.returncode == 0, done.stderr
    assert "ERROR" not in done.stderr
    outputs = nbformat.read(installed / "done.ipynb", 4).cells[0].outputs
    assert [output.text for output in outputs] == ["History logging enabled\n"]
    assert_the_runs_are_kept(history(installed, "list"))


def test_papermill_executes_the_notebook_and_its_runs_are_kept(installed, notebook, history):
    done = jupyter("papermill", str(notebook), str(installed / "done.ipynb"))
    assert done.returncode == 0, done.stderr
    assert_the_runs_are_kept(history(installed, "list"))


def test_a_kernel_that_cannot_start_says_why_in_the_cell(installed, notebook):
    (installed / "aml_config" / "local.compute").write_text("type: local\npythonLocation: /no/python\n")
    done = jupyter("nbconvert", "--to", "notebook", "--execute", "--output", "done.ipynb", str(notebook))
    assert done.returncode == 1
    assert (
        "aml_config/local.compute:2: pythonLocation: expected a Python interpreter, got /no/python, "
        "which does not exist - name one that does, or `python` for the active one"
    ) in done.stderr


def test_a_project_that_is_gone_is_said_in_the_cell(installed, notebook):
    moved = notebook.rename(installed.parent / "iris.ipynb")
    installed.rename(installed.parent / "elsewhere")
    done = jupyter("nbconvert", "--to", "notebook", "--execute", "--output", "done.ipynb", str(moved))
    assert done.returncode == 1
    assert (
        f"expected a folder `aml_config` in {installed}, got none - "
        "name the folder of a project, or make one with `workbench project create NAME`"
    ) in done.stderr


async def test_the_launcher_becomes_the_kernel_so_that_signals_and_exit_codes_are_its_own(installed):
    from jupyter_client.asynchronous import AsyncKernelClient
    from jupyter_client.manager import AsyncKernelManager

    manager = AsyncKernelManager(kernel_name="myiris_local")
    await manager.start_kernel(env=dict(os.environ))
    client: AsyncKernelClient = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=60)
        reply = await client.execute_interactive(
            "import os", user_expressions={"pid": "os.getpid()"}, output_hook=lambda _: None, timeout=60
        )
        assert int(reply["content"]["user_expressions"]["pid"]["data"]["text/plain"]) == manager.provisioner.pid
    finally:
        client.stop_channels()
        await manager.shutdown_kernel(now=True)
