"""The kernels of every project that a server sees."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_workbench.config.search import ProjectSearch
from jupyter_workbench.kernels.discovery import Discovery

RUN_CONFIGURATION = "Target: local\nFramework: Python\n"


@pytest.fixture
def a_project(tmp_path: Path) -> Path:
    configuration = tmp_path / "iris" / "aml_config"
    configuration.mkdir(parents=True)
    (configuration / "local.compute").write_text("type: local\n")
    (configuration / "local.runconfig").write_text(RUN_CONFIGURATION)
    return tmp_path / "iris"


def test_a_project_that_goes_away_between_search_and_reading_is_left_out(a_project, monkeypatch):
    monkeypatch.setattr(ProjectSearch, "find", lambda self: (a_project, a_project / "gone"))
    assert list(Discovery(a_project).refresh().rows) == ["iris_local"]


def test_a_refresh_that_finds_no_change_returns_the_same_snapshot(a_project):
    discovery = Discovery(a_project)
    assert discovery.refresh() is discovery.refresh()


def test_a_new_run_configuration_is_in_the_next_refresh(a_project):
    discovery = Discovery(a_project)
    discovery.refresh()
    (a_project / "aml_config" / "other.runconfig").write_text(RUN_CONFIGURATION)
    assert set(discovery.refresh().rows) == {"iris_local", "iris_other"}


def test_the_snapshot_does_no_file_work_once_there_is_one(a_project):
    discovery = Discovery(a_project)
    first = discovery.snapshot
    (a_project / "aml_config" / "other.runconfig").write_text(RUN_CONFIGURATION)
    assert discovery.snapshot is first


def test_the_first_snapshot_looks_by_itself(a_project):
    assert set(Discovery(a_project).snapshot.rows) == {"iris_local"}


def test_a_name_that_belongs_to_others_is_not_shadowed(a_project):
    (name,) = Discovery(a_project, foreign=lambda names: names).refresh().rows
    assert name.startswith("iris_local-")


def test_a_folder_without_projects_has_no_kernels(tmp_path):
    assert Discovery(tmp_path).refresh().rows == {}
