"""`workbench doctor`: one page, each line a pass or the command that mends it."""

from __future__ import annotations

import json

import pytest

from jupyter_workbench.doctor.check import Check

PAGE = [
    Check.ok("Python", "3.11.7 (/usr/bin/python3)"),
    Check.warning("jupyter command", "is not on the PATH", "activate the environment"),
    Check.failure("jupyterlab", "is not installed", "python -m pip install jupyterlab"),
]


@pytest.fixture
def found(monkeypatch) -> list[Check]:
    """What the checks find; a test changes it."""
    checks = list(PAGE)
    monkeypatch.setattr("jupyter_workbench.doctor.examine", lambda folder: checks)
    return checks


def test_a_failure_exits_with_1_and_names_the_command_that_mends_it(run, found):
    result = run("doctor")
    assert result.exit_code == 1
    assert result.stdout == (
        "ok       Python: 3.11.7 (/usr/bin/python3)\n"
        "warning  jupyter command: is not on the PATH\n"
        "         -> activate the environment\n"
        "failure  jupyterlab: is not installed\n"
        "         -> python -m pip install jupyterlab\n"
        "\n"
        "1 ok, 1 to look at, 1 failed.\n"
    )


def test_warnings_alone_exit_with_0(run, found):
    found.pop()
    assert run("doctor").exit_code == 0


def test_json_has_name_status_detail_and_fix(run, found):
    result = run("doctor", "-o", "json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)[2] == {
        "name": "jupyterlab",
        "status": "failure",
        "detail": "is not installed",
        "fix": "python -m pip install jupyterlab",
    }


def test_a_query_of_the_fixes(run, found):
    assert (
        run("doctor", "--query", "[?fix].fix").stdout == "activate the environment\npython -m pip install jupyterlab\n"
    )


def test_the_real_page_has_every_group(run):
    run("project", "create", "myIris")
    names = json.loads(run("doctor", "-o", "json", "--query", "[].name").stdout)
    assert {
        "Python",
        "jupyterlab",
        "Extension linked",
        "Data folder",
        "Project myIris",
        "Python of myIris local",
    } <= set(names)
