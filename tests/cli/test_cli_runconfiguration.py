"""`workbench runconfiguration`: run configurations are created, listed and deleted, and no file is lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jupyter_workbench.config.project import load

CREATE = ("runconfiguration", "create")


@pytest.fixture
def project(run, tmp_path, monkeypatch) -> Path:
    run("project", "create", "myIris")
    monkeypatch.chdir(tmp_path / "myIris")
    run("computetarget", "attach", "localdocker", "-n", "docker")
    return tmp_path / "myIris"


def files(project: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in (project / "aml_config").iterdir()}


# ---- refusals


def test_a_target_that_does_not_exist_names_those_that_do(run, project):
    before = files(project)
    result = run(*CREATE, "-n", "torch", "-t", "dokcer")
    assert result.exit_code == 1
    assert result.stderr == "expected a compute target of myIris, got dokcer - write docker or local\n"
    assert files(project) == before


def test_a_file_that_is_there_is_left_as_it_is(run, project):
    before = files(project)
    result = run(*CREATE, "-n", "docker", "-t", "local")
    assert result.exit_code == 1
    assert result.stderr == (
        "aml_config/docker.runconfig is there already and is left as it is - choose another name, or remove it with "
        "`workbench runconfiguration delete -n docker`.\n"
    )
    assert files(project) == before


def test_a_dependency_file_outside_of_the_project_is_wrong_usage(run, project):
    result = run(*CREATE, "-n", "torch", "-t", "docker", "--conda", "../torch.yml")
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == (
        "Error: Invalid value for '--conda': "
        "expected a path inside the project folder, got `../torch.yml` - copy the file into the project."
    )


def test_a_run_configuration_that_does_not_exist_names_those_that_do(run, project):
    result = run("runconfiguration", "delete", "-n", "torch")
    assert result.exit_code == 1
    assert result.stderr == "expected a run configuration of myIris, got torch - write docker or local\n"


@pytest.mark.parametrize("text", ["my notes\n", "script: train.py\ntarget: amlcompute\n", "Framework: Python\n"])
def test_a_file_that_is_not_a_run_configuration_of_workbench_is_left_as_it_is(run, project, text):
    (project / "aml_config" / "v1.runconfig").write_text(text)
    result = run("runconfiguration", "delete", "-n", "v1")
    assert result.exit_code == 1
    assert result.stderr == (
        "aml_config/v1.runconfig is left as it is: it cannot be read as a run configuration of Workbench - mend it "
        "(`workbench project check` says how), or remove the file yourself\n"
    )
    assert files(project)["v1.runconfig"] == text


# ---- create


def test_the_file_and_the_name_of_the_kernel_are_told(run, project):
    result = run(*CREATE, "-n", "docker-python", "-t", "docker")
    assert result.exit_code == 0
    assert result.stdout == "Written: aml_config/docker-python.runconfig. Its kernel is called myIris docker-python.\n"


def test_every_option_is_in_the_file_as_it_was_meant(run, project):
    (project / "aml_config" / "torch cpu.yml").write_text("dependencies: []\n")
    run(*CREATE, "-n", "torch", "-t", "docker", "--conda", "aml_config/torch cpu.yml", "--no-prepare")
    assert load(project).problems == ()
    configuration = load(project).entry("torch").configuration
    assert (configuration.target, configuration.framework) == ("docker", "Python")
    assert (configuration.conda_dependencies_file, configuration.prepare_environment) == (
        "aml_config/torch cpu.yml",
        False,
    )


def test_without_options_it_is_python_prepared_at_the_start_of_a_kernel_and_tracked(run, project):
    run(*CREATE, "-n", "second", "-t", "docker")
    configuration = load(project).entry("second").configuration
    assert (configuration.framework, configuration.prepare_environment, configuration.tracked_run) == (
        "Python",
        True,
        True,
    )


def test_the_framework_is_always_said(run, project):
    run(*CREATE, "-n", "spark", "-t", "docker", "--framework", "PySpark")
    assert "\nFramework: PySpark\n" in files(project)["spark.runconfig"]


def test_a_dependency_file_that_is_not_there_yet_is_told(run, project):
    result = run(*CREATE, "-n", "torch", "-t", "docker", "--conda", "aml_config/torch.yml")
    assert result.exit_code == 0
    assert result.stderr == "aml_config/torch.yml is not there yet: its kernel cannot start before you make it.\n"


# ---- list


def test_a_project_without_run_configurations_says_how_to_create_one(run, project):
    for path in (project / "aml_config").glob("*.runconfig"):
        path.unlink()
    result = run("runconfiguration", "list")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == (
        "myIris has no run configuration: `workbench runconfiguration create -n NAME -t TARGET`.\n"
    )


def test_the_list_tells_what_each_file_says(run, project):
    (project / "aml_config" / "broken.runconfig").write_text("Target: local\nFramework: Pyton\n")
    rows = json.loads(run("runconfiguration", "list", "-o", "json").stdout)
    assert [row["name"] for row in rows] == ["broken", "docker", "local"]
    assert rows[2] == {
        "name": "local",
        "file": "aml_config/local.runconfig",
        "target": "local",
        "target_type": "local",
        "framework": "Python",
        "conda_dependencies_file": "aml_config/conda_dependencies.yml",
        "prepare_environment": True,
        "tracked_run": True,
        "status": "ready",
        "problems": [],
    }
    assert (rows[0]["status"], rows[0]["framework"], rows[0]["tracked_run"]) == ("problem", None, None)
    assert rows[0]["problems"][0]["line"] == 2


# ---- delete


def test_what_create_wrote_is_removed_and_told(run, project):
    before = files(project)
    run(*CREATE, "-n", "second", "-t", "docker", "--no-prepare")
    result = run("runconfiguration", "delete", "-n", "second")
    assert (result.exit_code, result.stdout) == (0, "Removed aml_config/second.runconfig.\n")
    assert files(project) == before


def test_what_a_user_wrote_is_kept_beside_it(run, project):
    mine = files(project)["docker.runconfig"].replace("Example Value", "mine")
    (project / "aml_config" / "docker.runconfig").write_text(mine)
    result = run("runconfiguration", "delete", "-n", "docker")
    assert result.stdout == (
        "Removed aml_config/docker.runconfig; as it is not as its template has it, "
        "it is kept as aml_config/docker.runconfig.bak.\n"
    )
    assert files(project)["docker.runconfig.bak"] == mine
    assert [entry.name for entry in load(project).entries] == ["local"]


def test_a_run_configuration_with_a_problem_can_be_deleted(run, project):
    (project / "aml_config" / "broken.runconfig").write_text("Target: local\nFramework: Pyton\n")
    assert run("runconfiguration", "delete", "-n", "broken").exit_code == 0
    assert files(project)["broken.runconfig.bak"] == "Target: local\nFramework: Pyton\n"
