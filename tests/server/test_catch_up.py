"""Bringing in the records that no collector follows: what one project has keeps no other one out."""

from __future__ import annotations

import logging
from collections.abc import Collection
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_workbench.history.location import ProjectData, project_data
from jupyter_workbench.history.store.store import Store
from jupyter_workbench.server import catch_up

LOG = logging.getLogger("server")


@pytest.fixture
def discovery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Two projects, of which each has a spool."""
    monkeypatch.setenv("JUPYTER_WORKBENCH_DATA_DIR", str(tmp_path / "data"))
    projects = [SimpleNamespace(directory=tmp_path / name, name=name, id=None) for name in ("ill", "well")]
    for project in projects:
        (project_data(project.directory, None).spools / "20260102T030405-0123456789abcdef").mkdir(parents=True)
    return SimpleNamespace(refresh=lambda: SimpleNamespace(projects=projects))


def test_a_fault_of_our_own_with_one_project_keeps_no_other_one_out_and_is_logged_once(
    discovery: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ill = project_data(tmp_path / "ill", None)
    swept: list[ProjectData] = []

    def sweep(data: ProjectData, store: Store, skip: Collection[str]) -> None:
        if data == ill:
            raise RecursionError("maximum recursion depth exceeded")
        swept.append(data)

    monkeypatch.setattr(catch_up, "sweep", sweep)
    told: dict[str, str] = {}
    for _ in range(2):
        catch_up._look(discovery, LOG, told)
    assert swept == [project_data(tmp_path / "well", None)] * 2
    assert caplog.messages == [
        "jupyter_workbench: the run history of ill is not up to date: it failed in a way that its authors did not "
        "foresee; please report this (RecursionError)"
    ]
    assert caplog.records[0].exc_info is not None
    assert caplog.records[0].exc_info[0] is RecursionError
