"""The command line on a real engine: from nothing to an environment, and back to nothing."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docker
import pytest

from jupyter_workbench.targets.docker import labels

from .builds import a_held_package
from .owners import Owner

Workbench = Callable[..., subprocess.CompletedProcess[str]]

PROGRAM = "from jupyter_workbench.cli import main; main()"
NOTHING = "No environment is built yet: the first kernel builds one.\n"


@pytest.fixture
def project(tmp_path: Path, engine_environment: dict[str, str]) -> Path:
    """The folder of a project with a long name that shells and engines could misread."""
    return tmp_path / "root" / ("größe 2.0 - " + "x" * 50)


@pytest.fixture
def workbench(project: Path, base_image: str) -> Workbench:
    """Run a command in a new project with the compute target `docker`, as its user would."""

    def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", PROGRAM, *arguments],
            cwd=project if project.exists() else project.parent,
            env={**os.environ, **variables},
            capture_output=True,
            text=True,
            timeout=150,
            check=False,
        )

    project.parent.mkdir()
    for arguments in (
        ("project", "create", project.name),
        ("computetarget", "attach", "localdocker", "-n", "docker", "--image", base_image, "--memory", "1g"),
    ):
        done = run(*arguments)
        assert done.returncode == 0, done.stderr
    depend_on(project, "six")
    return run


def depend_on(project: Path, *lines: str) -> None:
    """Let the project need these packages of PyPI."""
    text = "dependencies:\n- pip:\n" + "".join(f"  - {line}\n" for line in lines)
    (project / "aml_config" / "conda_dependencies.yml").write_text(text)


def prepare(workbench: Workbench) -> subprocess.CompletedProcess[str]:
    done = workbench("experiment", "prepare", "-c", "docker")
    assert done.returncode == 0, done.stderr
    return done


def listed(workbench: Workbench) -> list[dict[str, Any]]:
    done = workbench("environment", "list", "-o", "json")
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))


@pytest.fixture
def prepared(workbench: Workbench) -> str:
    """The fingerprint of the environment of `docker`, which is built."""
    prepare(workbench)
    return str(listed(workbench)[0]["fingerprint"])


@pytest.fixture
def a_kernel(
    prepared: str, isolated_owner: Owner, docker_client: docker.DockerClient, base_image: str
) -> Iterator[str]:
    """The name of what uses the environment, as far as an engine can tell: a container with the labels of a kernel."""
    facts = {
        labels.KIND: "kernel",
        labels.OWNER: isolated_owner.name,
        labels.PROJECT: "other",
        labels.RUN_CONFIGURATION: "big",
        labels.FINGERPRINT: prepared,
    }
    container = docker_client.containers.create(base_image, "true", labels=facts)
    yield "other big"
    container.remove()


# ---- failures


def test_an_engine_that_is_not_there_fails_the_test_of_the_target(workbench):
    done = workbench("computetarget", "test", "-n", "docker", DOCKER_HOST="unix:///nowhere/docker.sock")
    assert done.returncode == 1
    assert done.stdout.startswith("failure  engine: ")
    assert len(done.stdout.splitlines()) == 1


def test_an_image_that_cannot_be_had_fails_the_test_of_the_target_and_the_preparation(workbench):
    image = "127.0.0.1:9/nobody/nothing:1"
    workbench("computetarget", "attach", "localdocker", "-n", "bad", "--image", image)
    tested = workbench("computetarget", "test", "-n", "bad")
    assert tested.returncode == 1
    assert [line.split(": ")[0] for line in tested.stdout.splitlines()] == ["ok       engine", "failure  image"]
    prepared = workbench("experiment", "prepare", "-c", "bad")
    assert (prepared.returncode, prepared.stdout) == (1, "")
    assert image in prepared.stderr.splitlines()[-1]


def test_a_package_that_does_not_exist_is_told_with_its_line(workbench, isolated_owner, project):
    depend_on(project, "six", "nobody-has-a-package-of-this-name")
    done = workbench("experiment", "prepare", "-c", "docker")
    assert (done.returncode, done.stdout) == (1, "")
    assert "aml_config/conda_dependencies.yml:4:" in done.stderr
    assert isolated_owner.leftovers_in_the_end() == []
    assert workbench("environment", "list").stderr == NOTHING


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_in_the_middle_of_a_build_leaves_nothing(workbench, isolated_owner, project, number):
    a_held_package(project)  # its build waits for something that never comes
    depend_on(project, "./held")
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "experiment", "prepare", "-c", "docker"],
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while "Building held" not in process.stderr.readline():
        assert process.poll() is None
    process.send_signal(number)
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, output) == (130, "")
    assert errors.split() == ["Cancelling", "..."]
    assert isolated_owner.containers() == []
    assert workbench("environment", "list").stderr == NOTHING
    depend_on(project, "six")
    prepare(workbench)


def test_an_environment_that_a_kernel_runs_in_is_not_removed(workbench, prepared, a_kernel):
    done = workbench("environment", "remove", prepared)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"{prepared} is left as it is: kernels run in it: other big.\n"
    assert [row["kernels"] for row in listed(workbench)] == [["other big"]]


def test_an_environment_that_a_kernel_runs_in_is_not_pruned(workbench, project, prepared, a_kernel):
    depend_on(project, "idna")
    done = workbench("environment", "prune", "--yes")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "Nothing to remove: each of 1 environment is needed here or has a kernel.\n"


# ---- from nothing to an environment


def test_a_target_that_was_just_attached_passes_every_test(workbench, base_image):
    done = workbench("computetarget", "test", "-n", "docker")
    assert done.returncode == 0, done.stdout
    names = [line.split(": ")[0] for line in done.stdout.splitlines()]
    assert names == ["ok       engine", "ok       image", "ok       Python", "ok       disk"]
    assert f"ok       image: {base_image} is on the engine" in done.stdout


def test_prepare_tells_each_step_builds_once_and_leaves_no_container(workbench, isolated_owner, project):
    first = prepare(workbench)
    assert first.stdout == f"{project.name} docker is ready: its next kernel starts at once.\n"
    assert re.search(r"^\d:\d\d  environment: Installing ", first.stderr, re.MULTILINE)
    assert isolated_owner.containers() == []
    second = prepare(workbench)
    assert second.stdout == first.stdout
    assert "Installing" not in second.stderr


def test_the_list_tells_what_is_built_and_who_needs_it(workbench, prepared, project, base_image):
    (row,) = listed(workbench)
    assert (row["image"], row["run_configurations"], row["kernels"]) == (base_image, [f"{project.name} docker"], [])
    assert {"ipykernel", "six"} <= {package["name"] for package in row["packages"]}
    assert 0 < row["own_size"] <= row["size"]


# ---- and back


def test_what_is_removed_by_its_first_characters_is_built_anew(workbench, prepared, project):
    done = workbench("environment", "remove", prepared[:8])
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == (
        f"Removed {prepared}: the next kernel of {project.name} docker builds it anew."
    )
    assert workbench("environment", "list").stderr == NOTHING
    prepare(workbench)
    assert [row["fingerprint"] for row in listed(workbench)] == [prepared]


def test_prune_removes_what_the_files_no_longer_ask_for_and_keeps_what_they_do(workbench, prepared, project):
    depend_on(project, "idna")
    prepare(workbench)
    young = workbench("environment", "prune", "--yes", "--older-than", "1d")
    assert (
        young.stderr == "Nothing to remove: each of 2 environments is needed here, has a kernel or is not that old.\n"
    )
    done = workbench("environment", "prune", "--yes")
    assert f"Removed {prepared}." in done.stdout.splitlines()
    assert [row["run_configurations"] for row in listed(workbench)] == [[f"{project.name} docker"]]


def test_a_target_that_is_detached_needs_nothing_any_more(workbench, prepared):
    workbench("computetarget", "detach", "-n", "docker")
    assert f"Removed {prepared}." in workbench("environment", "prune", "--yes").stdout.splitlines()
    assert workbench("environment", "list").stderr == NOTHING
