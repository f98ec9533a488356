"""A folder becomes a project: where it is, what it is called, which problems belong to whom."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_workbench.config.problems import Problem
from jupyter_workbench.config.project import find_home, load
from jupyter_workbench.errors import ConfigurationError, ProjectNotFound

MakeProject = Callable[..., Path]
PROJECTS = Path(__file__).parent.parent / "projects"


def test_a_folder_without_configuration_is_no_project(tmp_path: Path) -> None:
    message = (
        f"expected a folder `aml_config` in {tmp_path}, got none - name the folder of a project, or make one with "
        "`workbench project create NAME`"
    )
    with pytest.raises(ProjectNotFound, match=f"^{re.escape(message)}$"):
        load(tmp_path)


def test_no_home_at_or_above_a_folder_is_said_with_what_to_do(tmp_path: Path) -> None:
    message = (
        f"expected a folder `aml_config` in {tmp_path} or above it, got none - name the folder of a project, or make "
        "one with `workbench project create NAME`"
    )
    with pytest.raises(ProjectNotFound, match=f"^{re.escape(message)}$"):
        find_home(tmp_path)


def test_a_configuration_folder_that_cannot_be_read_is_a_problem(
    a_project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    project = a_project()
    monkeypatch.setattr(Path, "iterdir", refuse)

    assert list(map(str, load(project).problems)) == [
        "aml_config: expected a folder that can be read, got an error (Permission denied) - change its permissions"
    ]


def test_the_home_of_a_folder_is_the_nearest_project_at_or_above_it(a_project: MakeProject) -> None:
    project, inner = a_project(), a_project(folder="iris/pea2")
    (inner / "data" / "raw").mkdir(parents=True)

    assert find_home(project) == project
    assert find_home(inner / "data" / "raw") == inner


def test_an_unknown_run_configuration_names_those_there_are(a_project: MakeProject) -> None:
    project = load(a_project({"docker.runconfig": "Target: docker\n"}))

    with pytest.raises(
        ConfigurationError, match=r"^expected a run configuration of iris, got spark - write docker or local$"
    ):
        project.entry("spark")


def test_a_project_without_run_configurations_says_so(tmp_path: Path) -> None:
    (tmp_path / "empty" / "aml_config").mkdir(parents=True)

    with pytest.raises(
        ConfigurationError,
        match=r"^expected a run configuration of empty, got local - there is none, create aml_config/local\.runconfig$",
    ):
        load(tmp_path / "empty").entry("local")


def test_name_and_id_are_those_of_the_scope() -> None:
    project = load(PROJECTS / "identity")

    assert (project.name, project.id) == ("myIris", "0d9a4a26-1f7c-4e9a-9a50-2f6bb7e2a111")


def test_without_a_scope_the_folder_gives_the_name(a_project: MakeProject) -> None:
    project = load(a_project())

    assert (project.name, project.id) == ("iris", None)


def test_a_problem_belongs_to_each_run_configuration_that_uses_the_file_and_once_to_the_project(
    a_project: MakeProject,
) -> None:
    project = load(a_project({"local.compute": "type: lokal\n", "other.runconfig": "Target: local\n"}))
    problem = Problem(
        "aml_config/local.compute",
        1,
        "type",
        "expected local, docker, remotedocker, cluster or remote, got `lokal` - did you mean local?",
    )

    assert [entry.problems for entry in project.entries] == [(problem,), (problem,)]
    assert project.problems == (problem,)


def test_the_target_type_is_known_although_the_compute_target_is_not_usable(a_project: MakeProject) -> None:
    entry = load(a_project({"local.compute": "type: localdocker\nsharedVolumes: perhaps\n"})).entry("local")

    assert (entry.target, entry.target_type, entry.framework, entry.compute) == ("local", "docker", "Python", None)


def test_the_framework_is_known_although_the_run_configuration_is_not_usable(a_project: MakeProject) -> None:
    text = "Target: local\nFramework: PySpark\nTrackedRun: perhaps\n"
    entry = load(a_project({"local.runconfig": text})).entry("local")

    assert (entry.target, entry.target_type, entry.framework) == ("local", "local", "PySpark")
    assert entry.configuration is None


def test_the_place_of_every_setting_is_known(a_project: MakeProject) -> None:
    project = a_project({"local.compute": "type: local\npythonLocation: python3\n"})

    assert load(project).entry("local").locations == {
        "type": ("aml_config/local.compute", 1),
        "pythonLocation": ("aml_config/local.compute", 2),
        "Target": ("aml_config/local.runconfig", 1),
        "Framework": ("aml_config/local.runconfig", 2),
    }


def test_a_dependency_file_behind_a_link_out_of_the_project_is_refused(a_project: MakeProject, tmp_path: Path) -> None:
    project = a_project(
        {
            "local.compute": "type: localdocker\n",
            "local.runconfig": "Target: local\nFramework: Python\nCondaDependenciesFile: conda.yml\n",
        }
    )
    (tmp_path / "secret.yml").write_text("dependencies: []\n")
    (project / "conda.yml").symlink_to(tmp_path / "secret.yml")

    assert list(map(str, load(project).problems)) == [
        "aml_config/local.runconfig:3: CondaDependenciesFile: expected a file of the project, got `conda.yml`, which "
        "leads out of the project - copy it into the project or correct the path"
    ]


def test_a_dependency_file_that_nobody_named_need_not_exist(a_project: MakeProject) -> None:
    assert (
        load(a_project({"local.compute": "type: localdocker\n", "local.runconfig": "Target: local\n"})).problems == ()
    )


def test_names_that_differ_only_by_case_are_two_run_configurations(a_project: MakeProject) -> None:
    project = a_project({"Local.runconfig": "Target: local\nFramework: PySpark\n"})
    if (project / "aml_config" / "LOCAL.runconfig").exists():
        pytest.skip("this file system does not tell upper case from lower case")

    assert [(entry.name, entry.framework) for entry in load(project).entries] == [
        ("Local", "PySpark"),
        ("local", "Python"),
    ]
