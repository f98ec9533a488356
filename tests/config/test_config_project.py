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


def test_an_unknown_compute_target_names_those_there_are(a_project: MakeProject) -> None:
    project = load(a_project({"docker.compute": "type: docker\n"}))

    with pytest.raises(ConfigurationError) as refused:
        project.compute("dokcer")
    assert str(refused.value) == "expected a compute target of iris, got dokcer - write docker or local"


def test_a_project_without_a_compute_target_says_how_to_make_one(a_project: MakeProject) -> None:
    project = a_project()
    (project / "aml_config" / "local.compute").unlink()

    with pytest.raises(ConfigurationError) as refused:
        load(project).compute("docker")
    assert str(refused.value) == (
        "expected a compute target of iris, got docker - there is none, make one with `workbench computetarget attach`"
    )


def test_compute_targets_are_known_whether_run_configurations_use_them_or_not(a_project: MakeProject) -> None:
    project = load(a_project({"docker.compute": "type: docker\n", "broken.compute": "type: dokcer\n"}))

    assert [(compute.name, compute.type, compute.target is not None) for compute in project.computes] == [
        ("broken", None, False),
        ("docker", "docker", True),
        ("local", "local", True),
    ]
    assert project.compute("docker").locations == {"type": ("aml_config/docker.compute", 1)}
    assert project.compute("broken").problems == project.problems


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


@pytest.mark.parametrize(
    "scope", ["/subscriptions/x/projects/", "/subscriptions/x/projects/ ", "projects/", "/", " ", ""]
)
def test_a_scope_without_a_last_part_gives_no_name(a_project: MakeProject, scope: str) -> None:
    project = a_project()
    (project / ".azureml").mkdir()
    (project / ".azureml" / "project.json").write_text(f'{{"Id": "0", "Scope": "{scope}"}}')

    assert load(project).name == "iris"


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


@pytest.mark.parametrize(
    "files",
    [
        {"local.runconfig": "EnvironmentVariables: {A: b}\n"},
        {"local.runconfig": "Target:\nFramework:\n"},
        {"local.runconfig": "Target: nowhere\n"},
        {"local.runconfig": "Target: nowhere\nFramework:\n"},
        {"local.runconfig": "Target: local\n", "local.compute": "type: [\n"},
        {"local.runconfig": "Target: local\n", "local.compute": "type: lokal\n"},
        {"local.runconfig": "Target: local\n", "local.compute": "pythonLocation: python\n"},
    ],
)
def test_a_missing_framework_cannot_be_known_without_the_type_of_the_target(
    a_project: MakeProject, files: dict[str, str]
) -> None:
    entry = load(a_project(files)).entry("local")

    assert (entry.target_type, entry.framework) == (None, None)
    assert not [problem for problem in entry.problems if problem.key == "Framework"]


def test_the_dependency_file_of_a_framework_that_is_not_known_is_not_looked_at(a_project: MakeProject) -> None:
    project = load(a_project({"local.runconfig": "Target: nowhere\nSparkDependenciesFile: missing.yml\n"}))

    assert [problem.key for problem in project.problems] == ["Target"]


@pytest.mark.parametrize("framework", ["", "Framework:\n"])
@pytest.mark.parametrize(("type_", "meant"), [("local", "Python"), ("localdocker", "PySpark")])
def test_a_framework_that_is_missing_or_empty_is_the_default_of_the_type(
    a_project: MakeProject, type_: str, meant: str, framework: str
) -> None:
    entry = load(
        a_project({"local.compute": f"type: {type_}\n", "local.runconfig": f"Target: local\n{framework}"})
    ).entry("local")

    assert (entry.framework, entry.problems) == (meant, ())
    assert entry.configuration is not None
    assert entry.configuration.framework == meant
    assert "Framework" not in entry.locations


def test_the_place_of_every_setting_is_known(a_project: MakeProject) -> None:
    project = a_project({"local.compute": "type: local\npythonLocation: python3\n"})

    assert load(project).entry("local").locations == {
        "type": ("aml_config/local.compute", 1),
        "pythonLocation": ("aml_config/local.compute", 2),
        "Target": ("aml_config/local.runconfig", 1),
        "Framework": ("aml_config/local.runconfig", 2),
    }


@pytest.mark.parametrize(
    ("switches", "type_", "line"),
    [
        ("cluster: True\nnative: False\n", "cluster", 3),
        ("native: False\ncluster: True\n", "cluster", 4),
        ("cluster: False\nnative: True\n", "remote", 4),
        ("cluster: False\nnative: False\n", "remotedocker", 4),
        ("cluster: False\n", "remotedocker", 3),
        ("native:\n", "remotedocker", 3),
        ("native: True\ntype:\n", "remote", 3),
    ],
)
def test_the_place_of_a_type_that_switches_mean_is_that_of_the_switch(
    a_project: MakeProject, switches: str, type_: str, line: int
) -> None:
    entry = load(a_project({"local.compute": f"address: vm.example.com\nusername: ada\n{switches}"})).entry("local")

    assert entry.target_type == type_
    assert entry.locations["type"] == ("aml_config/local.compute", line)


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
