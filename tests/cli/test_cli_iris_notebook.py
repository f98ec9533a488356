"""The sample notebook of a new project, executed as `jupyter nbconvert --execute` does: on the installed kernelspec."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

pytestmark = pytest.mark.live

INSTALL_LINE = (
    "scikit-learn is missing in the Python of this kernel. Run this line in a cell, then start again:\n\n"
    "    %pip install scikit-learn"
)


@pytest.fixture
def a_project(run, tmp_path) -> Path:
    """An iris project with its kernel installed, and a share folder of its own."""
    run("project", "create", "myIris", "--template", "iris")
    compute = tmp_path / "myIris/aml_config/local.compute"
    compute.write_text(compute.read_text().replace("~/.azureml/share/", f"{tmp_path}/share/"))
    assert run("kernels", "install", "myIris").exit_code == 0
    return tmp_path / "myIris"


def executed(project: Path) -> nbformat.NotebookNode:
    notebook = nbformat.read(project / "iris.ipynb", as_version=4)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(project)}}).execute()
    return notebook


def printed(notebook: nbformat.NotebookNode) -> list[str]:
    return [output.text for cell in notebook.cells for output in cell.get("outputs", ()) if "text" in output]


def test_the_notebook_runs_and_its_runs_are_in_the_history(run, a_project):
    text = printed(executed(a_project))
    assert "History logging enabled\n" in text
    assert "History logging disabled\n" in text
    assert pickle.loads((a_project / "outputs/model.pkl").read_bytes()).n_features_in_ == 4

    runs = json.loads(run("history", "list", "--project", a_project, "-o", "json").stdout)
    (trained,) = [found for found in runs if found.get("Cell") == "Train"]
    assert trained["status"] == "Completed"
    assert trained["Regularization Rate"] == 0.01
    assert 0.9 < trained["Accuracy"] <= 1
    assert len(trained["Precision"]) == len(trained["Recall"]) == len(trained["Thresholds"]) + 1
    assert any("outputs/model.pkl" in found["attachments"] for found in runs)


def test_without_scikit_learn_the_first_cell_says_the_line_that_installs_it(a_project):
    (a_project / "sklearn.py").write_text("raise ModuleNotFoundError(\"No module named 'sklearn'\", name='sklearn')\n")
    notebook = nbformat.read(a_project / "iris.ipynb", as_version=4)
    client = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(a_project)}})
    with pytest.raises(CellExecutionError):
        client.execute()
    (error,) = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    assert error.traceback == [INSTALL_LINE]
