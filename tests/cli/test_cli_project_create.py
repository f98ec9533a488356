"""`workbench project create` and what a new project is made of."""

from __future__ import annotations

import json
import re
import uuid
from pathlib import Path

import nbformat
import pytest

from jupyter_workbench.config.project import load
from jupyter_workbench.kernels.rows import rows

REPOSITORY = Path(__file__).parents[2]
CONFIGURATION = ["conda_dependencies.yml", "local.compute", "local.runconfig", "spark_dependencies.yml"]


def files_of(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


# ---- refusals


def test_a_folder_that_is_not_empty_is_refused_and_left_as_it_is(run, tmp_path):
    (tmp_path / "myIris").mkdir()
    (tmp_path / "myIris" / "mine.txt").write_text("mine")
    result = run("project", "create", "myIris")
    assert result.exit_code == 1
    assert result.stderr == "myIris is not empty and is left as it is - choose another NAME or --path.\n"
    assert files_of(tmp_path) == ["myIris/mine.txt"]


def test_a_file_of_that_name_is_refused(run, tmp_path):
    (tmp_path / "myIris").write_text("mine")
    result = run("project", "create", "myIris")
    assert result.exit_code == 1
    assert result.stderr == "myIris is there already and is not a folder - choose another NAME or --path.\n"


def test_a_link_that_leads_nowhere_is_refused(run, tmp_path):
    (tmp_path / "myIris").symlink_to(tmp_path / "gone")
    assert run("project", "create", "myIris").exit_code == 1
    assert not (tmp_path / "gone").exists()


def test_a_folder_that_cannot_be_written_is_one_sentence(run, tmp_path, monkeypatch):
    def refuse(self, *_, **__):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "mkdir", refuse)
    result = run("project", "create", "myIris")
    assert result.exit_code == 1
    assert result.stderr == "The project cannot be written: myIris: Permission denied.\n"


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a/b", "a\\b", "a:b", ".hidden", "-x", "ends.", "ends ", "a" * 65, "a\nb"]
)
def test_a_name_that_is_not_safe_in_every_file_system_is_refused(run, tmp_path, name):
    result = run("project", "create", "--", name)
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == (
        "Error: Invalid value for 'NAME': expected a name of letters, digits, blanks and . _ - "
        f"(at most 64, a letter or digit first, no blank or dot last), got {name!r}."
    )
    assert files_of(tmp_path) == []


@pytest.mark.parametrize("name", ["CON", "con", "NUL.txt", "lpt1"])
def test_a_name_that_windows_keeps_for_a_device_is_refused(run, tmp_path, name):
    result = run("project", "create", name)
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == (
        "Error: Invalid value for 'NAME': expected a name that every system allows, "
        f"got {name!r}, which is reserved on Windows - choose another one."
    )
    assert files_of(tmp_path) == []


def test_a_path_that_does_not_exist_is_refused(run):
    result = run("project", "create", "myIris", "--path", "nowhere")
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == "Error: Invalid value for '--path': Directory 'nowhere' does not exist."


# ---- what is made


def test_the_user_reads_where_it_is_and_how_to_open_it(run, tmp_path):
    result = run("project", "create", "my Iris")
    assert result.exit_code == 0
    assert result.stdout == (
        f"The project my Iris is in {tmp_path}/my Iris.\nOpen it with: workbench notebook start 'my Iris'\n"
    )


@pytest.mark.parametrize(("template", "sample"), [("blank", "start.ipynb"), ("iris", "iris.ipynb")])
def test_the_files_of_a_template(run, tmp_path, template, sample):
    run("project", "create", "myIris", "--template", template)
    assert files_of(tmp_path / "myIris") == [
        ".azureml/project.json",
        ".gitignore",
        *(f"aml_config/{name}" for name in CONFIGURATION),
        sample,
    ]


@pytest.mark.parametrize("template", ["blank", "iris"])
def test_every_run_configuration_is_ready(run, tmp_path, template):
    run("project", "create", "myIris", "--template", template)
    project = load(tmp_path / "myIris")
    assert (project.name, project.problems) == ("myIris", ())
    assert [(row.display_name, row.status) for row in rows([project])] == [("myIris local", "ready")]


@pytest.mark.parametrize("name", ["myIris", "my Iris", "Größe", "churn-2.0_x"])
def test_the_notebook_asks_for_the_kernel_of_its_own_project(run, tmp_path, name):
    run("project", "create", name, "--template", "iris")
    notebook = nbformat.read(tmp_path / name / "iris.ipynb", as_version=4)
    nbformat.validate(notebook)
    (row,) = rows([load(tmp_path / name)])
    assert notebook.metadata.kernelspec == {"display_name": f"{name} local", "language": "python", "name": row.name}


def test_each_project_has_an_id_of_its_own(run, tmp_path):
    for name in ("one", "two"):
        run("project", "create", name)
    facts = [json.loads((tmp_path / name / ".azureml/project.json").read_text()) for name in ("one", "two")]
    assert [fact["Scope"] for fact in facts] == ["/projects/one", "/projects/two"]
    assert uuid.UUID(facts[0]["Id"]).version == 4
    assert facts[0]["Id"] != facts[1]["Id"]


def test_path_names_the_folder_to_make_it_in(run, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    run("project", "create", "myIris", "--path", "elsewhere")
    assert (tmp_path / "elsewhere" / "myIris" / "aml_config").is_dir()


def test_an_empty_folder_is_used(run, tmp_path):
    (tmp_path / "myIris").mkdir()
    assert run("project", "create", "myIris").exit_code == 0


def test_nothing_of_2017_that_is_gone_is_in_a_new_project(run, tmp_path):
    run("project", "create", "myIris", "--template", "iris")
    gone = re.compile(r"azureml[.]net|azureedge|mmlspark|3\.5\.2|ipykernel==?4|azure-ml-api|subscriptions|windows\.net")
    for path in (path for path in (tmp_path / "myIris").rglob("*") if path.is_file()):
        assert gone.search(path.read_text("utf-8")) is None, path


def test_every_placeholder_is_filled_in(run, tmp_path):
    run("project", "create", "myIris", "--template", "iris")
    for path in (path for path in (tmp_path / "myIris").rglob("*") if path.is_file()):
        assert "${" not in path.read_text("utf-8"), path


def test_the_aml_config_of_this_repository_is_that_of_a_new_project(run, tmp_path):
    run("project", "create", "myIris")
    ours, theirs = REPOSITORY / "aml_config", tmp_path / "myIris" / "aml_config"
    assert sorted(path.name for path in ours.iterdir()) == CONFIGURATION
    for name in CONFIGURATION:
        assert (ours / name).read_text() == (theirs / name).read_text()
