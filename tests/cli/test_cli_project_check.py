"""`workbench project check`: every problem of every file, and what they mean for the exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

PROJECT_KEYS = ["project", "project_dir", "problems", "run_configurations"]


@pytest.fixture
def a_project(run, tmp_path) -> Path:
    run("project", "create", "myIris")
    return tmp_path / "myIris"


def add(project: Path, name: str, text: str) -> None:
    (project / "aml_config" / name).write_text(text)


def test_a_folder_without_a_project_says_how_to_make_one(run, tmp_path):
    result = run("project", "check")
    assert result.exit_code == 1
    assert result.stderr == (
        f"expected a folder `aml_config` in {tmp_path} or above it, got none - "
        "name the folder of a project, or make one with `workbench project create NAME`\n"
    )


def test_a_folder_that_does_not_exist_is_wrong_usage(run):
    assert run("project", "check", "nowhere").exit_code == 2


def test_a_project_without_problems_is_one_line_and_exit_0(run, a_project):
    result = run("project", "check", a_project)
    assert (result.exit_code, result.stdout) == (0, "myIris: 1 of 1 run configuration ready, 0 problems.\n")


def test_the_project_is_found_from_a_folder_below_it(run, a_project):
    (a_project / "data").mkdir()
    assert run("project", "check", a_project / "data").exit_code == 0


def test_a_kind_that_is_not_built_yet_is_told_and_exit_1(run, a_project):
    add(a_project, "vm.compute", "type: remote\naddress: vm.example.com\nusername: me\n")
    add(a_project, "vm.runconfig", "Target: vm\nFramework: Python\n")
    result = run("project", "check", a_project)
    assert result.exit_code == 1
    assert result.stdout == (
        "aml_config/vm.compute:1: type: expected a compute target that can run kernels today (docker, local), "
        "got remote - choose one of these\n"
        "myIris: 1 of 2 run configurations ready, 1 problem.\n"
    )


def test_every_problem_of_every_file_is_told_in_the_order_of_the_files(run, a_project):
    add(a_project, "b.runconfig", "Target: nowhere\nFramework: Python\n")
    add(a_project, "a.runconfig", "Target: local\nFramework: Pyton\n")
    result = run("project", "check", a_project)
    lines = result.stdout.splitlines()
    assert result.exit_code == 1
    assert [line.split(": ")[:2] for line in lines[:-1]] == [
        ["aml_config/a.runconfig:2", "Framework"],
        ["aml_config/b.runconfig:1", "Target"],
    ]
    assert lines[-1] == "myIris: 1 of 3 run configurations ready, 2 problems."


def test_json_is_the_contract(run, a_project):
    result = run("project", "check", a_project, "-o", "json")
    answer = json.loads(result.stdout)
    assert list(answer) == PROJECT_KEYS
    assert answer["run_configurations"] == [
        {
            "name": "myiris_local",
            "display_name": "myIris local",
            "project": "myIris",
            "project_dir": str(a_project),
            "run_configuration": "local",
            "target": "local",
            "target_type": "local",
            "framework": "Python",
            "status": "ready",
            "problems": [],
        }
    ]
    assert (answer["project"], answer["project_dir"], answer["problems"]) == ("myIris", str(a_project), [])


def test_json_of_problems_has_file_line_key_and_message(run, a_project):
    add(a_project, "b.runconfig", "Target: nowhere\nFramework: Python\n")
    result = run("project", "check", a_project, "-o", "json")
    (problem,) = json.loads(result.stdout)["problems"]
    assert result.exit_code == 1
    assert list(problem) == ["file", "line", "key", "message"]
    assert (problem["file"], problem["line"], problem["key"]) == ("aml_config/b.runconfig", 1, "Target")


def test_a_query_keeps_the_exit_code(run, a_project):
    add(a_project, "b.runconfig", "Target: nowhere\nFramework: Python\n")
    result = run("project", "check", a_project, "--query", "problems[].file")
    assert (result.exit_code, result.stdout) == (1, "aml_config/b.runconfig\n")


def test_an_interpreter_that_cannot_run_a_kernel_is_a_problem(run, tmp_path):
    run("project", "create", "myIris")
    (tmp_path / "myIris" / "aml_config" / "local.compute").write_text("type: local\npythonLocation: /no/python\n")
    result = run("project", "check", "myIris")
    assert result.exit_code == 1
    assert result.stdout == (
        "aml_config/local.compute:2: pythonLocation: expected a Python interpreter, got /no/python, "
        "which does not exist - name one that does, or `python` for the active one\n"
        "myIris: 0 of 1 run configuration ready, 1 problem.\n"
    )
