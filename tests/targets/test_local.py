"""Compute target `local`: what a kernel finds there."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from jupyter_workbench.config.project import load
from jupyter_workbench.errors import TargetError
from jupyter_workbench.targets import Prepared, local


@pytest.fixture
def prepare(tmp_path: Path):
    """Prepare a local kernel of a project with these files."""

    async def prepare(compute: str, run_configuration: str = "", environment: dict[str, str] | None = None) -> Prepared:
        configuration = tmp_path / "iris" / "aml_config"
        configuration.mkdir(parents=True)
        (configuration / "local.compute").write_text(f"type: local\n{compute}")
        (configuration / "local.runconfig").write_text(f"Target: local\nFramework: Python\n{run_configuration}")
        project = load(tmp_path / "iris")
        return await local.prepare(project, project.entry("local"), environment or {})

    return prepare


async def test_a_share_folder_that_cannot_be_made_is_refused_with_its_line(prepare, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(TargetError) as error:
        await prepare(f"nativeSharedDirectory: {tmp_path}/file/share\n")
    assert str(error.value) == (
        f"aml_config/local.compute:2: nativeSharedDirectory: expected a folder that can be created, "
        f"got {tmp_path}/file/share/iris (Not a directory) - name another folder"
    )


async def test_an_interpreter_that_cannot_run_a_kernel_is_refused_with_its_line(prepare):
    with pytest.raises(TargetError) as error:
        await prepare("pythonLocation: /no/python\n")
    assert str(error.value).startswith("aml_config/local.compute:2: pythonLocation: expected a Python interpreter, ")


async def test_the_kernel_runs_in_the_project_folder_with_the_servers_python(prepare, tmp_path):
    prepared = await prepare(f"nativeSharedDirectory: {tmp_path}/share\n")
    assert (prepared.directory, prepared.python, prepared.notice) == (tmp_path / "iris", Path(sys.executable), None)


async def test_the_share_folder_is_the_projects_own_and_its_name_ends_with_a_separator(prepare, tmp_path):
    prepared = await prepare(f"nativeSharedDirectory: {tmp_path}/share\n")
    assert prepared.environment["AZUREML_NATIVE_SHARE_DIRECTORY"] == f"{tmp_path}/share/iris{os.sep}"
    assert (tmp_path / "share" / "iris").is_dir()


async def test_a_relative_share_folder_begins_at_the_project(prepare, tmp_path):
    prepared = await prepare("nativeSharedDirectory: shared\n")
    assert prepared.environment["AZUREML_NATIVE_SHARE_DIRECTORY"] == f"{tmp_path}/iris/shared/iris{os.sep}"


async def test_a_tilde_in_the_share_folder_is_the_home_folder(prepare, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    prepared = await prepare("nativeSharedDirectory: ~/.azureml/share/\n")
    assert prepared.environment["AZUREML_NATIVE_SHARE_DIRECTORY"] == f"{tmp_path}/.azureml/share/iris{os.sep}"


async def test_variables_of_the_run_configuration_are_kept_as_written_and_null_unsets(prepare, tmp_path):
    prepared = await prepare(
        f"nativeSharedDirectory: {tmp_path}/share\n",
        "EnvironmentVariables:\n  RATE: 1.10\n  FLAG: yes\n  GONE:\n",
        {"GONE": "x", "KEPT": "y"},
    )
    variables = {name: prepared.environment.get(name) for name in ("RATE", "FLAG", "GONE", "KEPT")}
    assert variables == {"RATE": "1.10", "FLAG": "yes", "GONE": None, "KEPT": "y"}
