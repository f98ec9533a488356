"""One row a run configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_workbench.config.problems import Problem
from jupyter_workbench.config.project import Entry, Project, load
from jupyter_workbench.kernels.rows import examined_rows, rows


def entry(name: str = "local", target_type: str | None = "local", framework: str | None = "Python", *problems: Problem):
    file = f"aml_config/{name}.runconfig"
    return Entry(
        name=name,
        file=file,
        configuration=None,
        compute=None,
        target="there",
        target_type=target_type,
        framework=framework,
        problems=problems,
        locations={"Framework": (file, 2), "type": ("aml_config/there.compute", 7)},
    )


def project(*entries: Entry, name: str = "myIris", directory: str = "/home/me/iris") -> Project:
    return Project(name=name, directory=Path(directory), id=None, entries=entries, problems=())


def test_a_run_configuration_that_can_start_is_ready():
    (row,) = rows([project(entry())])
    assert row.as_json() == {
        "name": "myiris_local",
        "display_name": "myIris local",
        "project": "myIris",
        "project_dir": "/home/me/iris",
        "run_configuration": "local",
        "target": "there",
        "target_type": "local",
        "framework": "Python",
        "status": "ready",
        "problems": [],
    }


def test_a_kind_of_target_that_is_not_built_yet_is_unsupported_and_says_which_exist():
    (row,) = rows([project(entry("vm", "remotedocker"))])
    assert row.status == "unsupported"
    assert [str(problem) for problem in row.problems] == [
        "aml_config/there.compute:7: type: expected a compute target that can run kernels today (docker, local), "
        "got remotedocker - choose one of these"
    ]


@pytest.mark.parametrize("target_type", ["local", "docker"])
def test_pyspark_is_a_kernel_as_python_is(target_type):
    (row,) = rows([project(entry("spark", target_type, "PySpark"))])
    assert (row.status, row.problems) == ("ready", ())


def test_a_problem_outranks_what_is_not_built_yet_and_both_are_told():
    problem = Problem("aml_config/vm.runconfig", 3, "TrackedRun", "expected true or false, got maybe")
    (row,) = rows([project(entry("vm", "remotedocker", "Python", problem))])
    assert row.status == "problem"
    assert [each.key for each in row.problems] == ["TrackedRun", "type"]


def test_what_cannot_be_read_is_null_and_is_not_called_unsupported():
    problem = Problem("aml_config/v1.runconfig", None, None, "expected a Workbench file, got one of SDK v1")
    (row,) = rows([project(entry("v1", None, None, problem))])
    assert (row.target_type, row.framework, row.status, row.problems) == (None, None, "problem", (problem,))


def test_run_configurations_that_differ_only_by_case_get_names_of_their_own():
    first, second = rows([project(entry("Docker"), entry("docker"))])
    assert first.name.startswith("myiris_docker-")
    assert second.name == "myiris_docker", "a new neighbour in capitals does not rename it"
    assert (first.display_name, second.display_name) == ("myIris Docker", "myIris docker")


def test_a_name_that_belongs_to_others_is_not_taken():
    (row,) = rows([project(entry())], taken={"myiris_local"})
    assert row.name.startswith("myiris_local-")


def test_namesakes_are_told_apart_in_the_display_name_and_the_first_keeps_the_plain_kernel_name():
    first, second = rows([project(entry(), directory="/a/iris"), project(entry(), directory="/b/iris")])
    assert (first.display_name, second.display_name) == ("myIris (a/iris) local", "myIris (b/iris) local")
    assert first.name == "myiris_local"
    assert second.name != first.name


async def examined(project: Path, compute: str):
    configuration = project / "aml_config"
    configuration.mkdir()
    (configuration / "local.compute").write_text(f"type: local\n{compute}")
    (configuration / "local.runconfig").write_text("Target: local\nFramework: Python\n")
    (row,) = await examined_rows([load(project)], {})
    return row


async def test_a_target_that_could_not_start_the_kernel_now_is_a_problem(tmp_path):
    row = await examined(tmp_path, "pythonLocation: /no/python\n")
    assert row.status == "problem"
    assert [str(problem) for problem in row.problems] == [
        "aml_config/local.compute:2: pythonLocation: expected a Python interpreter, got /no/python, "
        "which does not exist - name one that does, or `python` for the active one"
    ]


async def test_a_target_that_could_start_the_kernel_now_leaves_it_ready(tmp_path):
    row = await examined(tmp_path, "")
    assert (row.status, row.problems) == ("ready", ())
