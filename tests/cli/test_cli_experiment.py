"""`workbench experiment prepare`: progress on stderr, one sentence on stdout, and Ctrl-C waits until all is undone."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

from jupyter_workbench.errors import TargetError
from jupyter_workbench.targets.progress import Progress

PREPARE = ("experiment", "prepare", "-c")


@pytest.fixture
def project(run, tmp_path, monkeypatch) -> Path:
    run("project", "create", "myIris")
    monkeypatch.chdir(tmp_path / "myIris")
    return tmp_path / "myIris"


def prepared_by(monkeypatch, prepare) -> None:
    monkeypatch.setattr("jupyter_workbench.kernels.preparing.prepare_environment", prepare)


# ---- failures


def test_a_run_configuration_that_does_not_exist_names_those_that_do(run, project):
    result = run(*PREPARE, "dokcer")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr == "expected a run configuration of myIris, got dokcer - write local\n"


def test_without_a_run_configuration_it_is_wrong_usage(run, project):
    result = run("experiment", "prepare")
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == "Error: Missing option '-c' / '--run-configuration'."


def test_problems_of_its_files_are_all_told(run, project):
    (project / "aml_config" / "docker.runconfig").write_text("Target: docker\nFramework: Pyton\n")
    result = run(*PREPARE, "docker")
    assert result.exit_code == 1
    assert result.stderr == (
        "myIris docker cannot start:\n"
        "aml_config/docker.runconfig:1: Target: expected the name of a compute target, got `docker` - "
        "write local, or create its `.compute` file\n"
        "aml_config/docker.runconfig:2: Framework: expected Python or PySpark, got `Pyton` - did you mean Python?\n"
    )


def test_a_target_that_refuses_is_its_message_after_the_progress(run, project, monkeypatch):
    async def prepare(home, name, environment, report, *, upgrade):
        report(Progress("image", "Pulling ada/ml"))
        raise TargetError("expected an image that can be pulled, got ada/ml - check the name")

    prepared_by(monkeypatch, prepare)
    result = run(*PREPARE, "local")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "0:00  image: Pulling ada/ml\nexpected an image that can be pulled, got ada/ml - check the name\n"
    )


CANCELLED = """
import asyncio
from jupyter_workbench.kernels import preparing
from jupyter_workbench.targets.progress import Progress
async def prepare(home, name, environment, report, *, upgrade):
    report(Progress("environment", "Installing numpy"))
    try:
        await asyncio.Event().wait()
    finally:
        await asyncio.sleep(0.05)
        print("removed what was half-built")
preparing.prepare_environment = prepare
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_cancels_waits_until_all_is_undone_and_exits_with_130(run, project, workbench_process, number):
    process = workbench_process(*PREPARE, "local", project, first=CANCELLED)
    assert process.stderr.readline() == "0:00  environment: Installing numpy\n"
    process.send_signal(number)
    output, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert output == "removed what was half-built\n"
    assert errors.split() == ["Cancelling", "..."]


STUBBORN = """
import asyncio
from jupyter_workbench.kernels import preparing
from jupyter_workbench.targets.progress import Progress
async def prepare(home, name, environment, report, *, upgrade):
    report(Progress("environment", "Installing numpy"))
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        report(Progress("environment", "Removing it"))
        await asyncio.Event().wait()
preparing.prepare_environment = prepare
"""


def test_a_second_ctrl_c_does_not_wait(run, project, workbench_process):
    process = workbench_process(*PREPARE, "local", project, first=STUBBORN)
    assert process.stderr.readline() == "0:00  environment: Installing numpy\n"
    process.send_signal(signal.SIGINT)
    while process.stderr.readline() != "0:00  environment: Removing it\n":
        pass
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == 130


# ---- what it does


def test_the_whole_request_reaches_the_preparation_and_its_sentence_the_user(run, project, monkeypatch):
    asked = []

    async def prepare(home, name, environment, report, *, upgrade):
        asked.append((home, name, environment["HOME"], upgrade))
        report(Progress("environment", "Installing numpy", 1, 2, "packages"))
        return "myIris docker is ready: its next kernel starts at once."

    prepared_by(monkeypatch, prepare)
    monkeypatch.setenv("HOME", "/home/ada")
    (project / "data").mkdir()
    result = run(*PREPARE, "docker", "--upgrade", "data")
    assert (result.exit_code, result.stdout) == (0, "myIris docker is ready: its next kernel starts at once.\n")
    assert result.stderr == "0:00  environment: Installing numpy, 1 of 2 packages\n"
    assert asked == [(project, "docker", "/home/ada", True)]


def test_a_local_target_needs_no_preparation(run, project):
    result = run(*PREPARE, "local")
    assert result.exit_code == 0
    assert result.stdout == f"myIris local needs no preparation: its kernel runs in {sys.executable}.\n"
    assert result.stderr == ""
