"""The folder of a project's data: where it is, and that only its owner can look into it."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from kernel_on_paper import FACTS

from jupyter_workbench.history.location import ProjectData, project_data
from jupyter_workbench.history.store import blobs
from jupyter_workbench.history.store.store import Store


@pytest.fixture
def open_umask() -> Iterator[None]:
    """New files can be read by everybody, as is usual."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.usefixtures("open_umask")
@pytest.mark.parametrize("first", ["spool", "database", "output"])
def test_whatever_is_written_first_makes_a_project_folder_for_its_owner_only(tmp_path: Path, first: str) -> None:
    data = ProjectData(tmp_path / "workbench" / "projects" / "iris")
    if first == "spool":
        data.new_spool(FACTS)
    elif first == "database":
        Store(data).close()
    else:
        (tmp_path / "model").write_bytes(b"model")
        with (tmp_path / "model").open("rb") as content:
            blobs.keep(data, content, hashlib.sha256(b"model").hexdigest(), 5)
    assert stat.S_IMODE(data.root.stat().st_mode) == 0o700


@pytest.mark.usefixtures("open_umask")
def test_a_project_folder_that_an_earlier_version_left_open_is_shut(data: ProjectData) -> None:
    data.root.mkdir()
    assert stat.S_IMODE(data.root.stat().st_mode) == 0o755
    data.make()
    assert stat.S_IMODE(data.root.stat().st_mode) == 0o700


@pytest.mark.usefixtures("open_umask")
def test_a_project_folder_of_somebody_else_is_left_as_it_is(data: ProjectData, monkeypatch: pytest.MonkeyPatch) -> None:
    data.root.mkdir()
    monkeypatch.setattr(os, "geteuid", lambda: data.root.stat().st_uid + 1)
    data.make()
    assert stat.S_IMODE(data.root.stat().st_mode) == 0o755


def test_the_data_folder_is_named_by_the_id_or_by_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_WORKBENCH_DATA_DIR", str(tmp_path))
    assert project_data(tmp_path, "0f-a_b.c").root == tmp_path / "projects" / "0f-a_b.c"
    by_path = project_data(tmp_path, None).root
    assert re.fullmatch(r"path-[0-9a-f]{16}", by_path.name)
    for unsafe in ("", ".", "..", "a/b", "ä", "a\n", "x" * 65):
        assert project_data(tmp_path, unsafe).root == by_path


def test_the_data_root_is_in_the_jupyter_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JUPYTER_WORKBENCH_DATA_DIR", raising=False)
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    assert project_data(tmp_path, "id").root == tmp_path / "jupyter" / "workbench" / "projects" / "id"
