"""Builds that fail for real: uv's words reach `failures` in the forms that it knows, and soon."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest
from building import Volume

from jupyter_workbench.environments.failures import explain
from jupyter_workbench.environments.spec import EnvironmentSpec, Requirement

FILE = "aml_config/conda_dependencies.yml"


@pytest.fixture
def failure(tmp_path: Path, an_index):
    """Build requirements that stand from line 5 on, and return why that failed."""

    def build(*requirements: str, python: str | None = None, **variables: str):
        volume = Volume(tmp_path / "volume", an_index.option, variables)
        lines = tuple(Requirement(text, number) for number, text in enumerate(requirements, 5))
        error = volume.build("one", "ipykernel", *requirements, python=python).error
        assert volume.names == set()
        return explain(EnvironmentSpec(FILE, python, 3, lines), error["kind"], error["message"])

    return build


@pytest.fixture
def a_closed_port() -> str:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{listener.getsockname()[1]}"


def test_a_package_that_does_not_exist(failure):
    found = failure("no-such-package")
    assert found.kind == "requirements"
    assert found.message.splitlines()[0] == (
        f"{FILE}:5: expected a package that the index has, got `no-such-package` - "
        "correct the name, or name the index that has it with `--extra-index-url`"
    )


def test_a_version_that_does_not_exist(failure, an_index):
    an_index.add("numpy", "1.0")
    found = failure("numpy==99.1")
    assert found.kind == "requirements"
    assert found.message.splitlines()[0] == (
        f"{FILE}:5: expected a version that the index has, got `numpy==99.1` - correct the version"
    )


def test_versions_that_conflict(failure, an_index):
    an_index.add("numpy", "1.0")
    an_index.add("numpy", "2.0")
    an_index.add("pandas", "1.0", requires=["numpy>=2"])
    found = failure("pandas==1.0", "numpy<2")
    assert found.kind == "requirements"
    assert found.message.splitlines()[0] == (
        f"{FILE}:5: expected versions that fit together, got those of the lines 5 and 6 - loosen one of them"
    )


def test_a_package_that_fails_to_build(failure, tmp_path):
    folder = tmp_path / "broken"
    folder.mkdir()
    (folder / "pyproject.toml").write_text(
        '[project]\nname = "broken"\nversion = "1.0"\n'
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    )
    (folder / "backend.py").write_text("def build_wheel(*_):\n    raise SystemExit('libfoo.h is missing')\n")
    found = failure(folder.as_uri())
    assert found == type(found)(
        "build",
        f"{FILE}:5: expected a package that can be installed, got `broken @ {folder.as_uri()}`, whose build failed - "
        "take a version that has a wheel for this Python, or name an image with what the build needs as "
        "`baseDockerImage`\nlibfoo.h is missing",
    )


def test_an_index_that_does_not_answer(failure, a_closed_port):
    began = time.monotonic()
    found = failure(f"--extra-index-url http://user:secret@{a_closed_port}/simple")
    assert time.monotonic() - began < 20
    assert found == type(found)(
        "network",
        f"{FILE}:5: expected {a_closed_port} to answer, got: Connection refused (os error 111) - "
        "check the network, the proxy and the index settings",
    )


def test_a_python_that_cannot_be_downloaded(failure, a_closed_port):
    began = time.monotonic()
    found = failure(python="3.10.0", UV_PYTHON_INSTALL_MIRROR=f"http://{a_closed_port}")
    assert time.monotonic() - began < 20
    assert found == type(found)(
        "python",
        f"{FILE}:3: expected the image's own Python or one that can be had, got 3.10.0, "
        "which cannot be downloaded now - "
        "remove the line to take the image's, or name an image that has it as `baseDockerImage`\n"
        "Connection refused (os error 111)",
    )


def test_a_python_that_nobody_serves(failure, monkeypatch):
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    found = failure(python="3.8.99")
    assert found.kind == "python"
    assert found.message.splitlines()[0] == (
        f"{FILE}:3: expected the image's own Python or one that can be had, got 3.8.99, which nobody serves - "
        "remove the line to take the image's, or name an image that has it as `baseDockerImage`"
    )
