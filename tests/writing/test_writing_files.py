"""Files of a project are written whole or not at all, overwrite nothing, and are set aside under a free name."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from jupyter_workbench.errors import WorkbenchError
from jupyter_workbench.writing.files import set_aside, write_new


@pytest.fixture(params=["with hard links", "without hard links"])
def folder(request, tmp_path, monkeypatch) -> Path:
    """A folder on a file system of either kind."""

    def refuse(*_, **__):
        raise OSError(errno.EPERM, "Operation not permitted")

    if request.param == "without hard links":
        monkeypatch.setattr(os, "link", refuse)
    return tmp_path


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_a_file_that_is_there_is_named_and_nothing_is_written(folder):
    (folder / "b").write_text("mine")
    with pytest.raises(FileExistsError) as refused:
        write_new({folder / "a": "A", folder / "b": "B"})
    assert refused.value.filename == str(folder / "b")
    assert contents(folder) == {"b": "mine"}


def test_a_disk_that_is_full_leaves_nothing_half_written(folder, monkeypatch):
    plain = Path.open

    def full(self, *arguments, **options):
        if ".b." in self.name:
            raise OSError(errno.ENOSPC, "No space left on device")
        return plain(self, *arguments, **options)

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(WorkbenchError) as refused:
        write_new({folder / "a": "A", folder / "b": "B"})
    assert str(refused.value) == f"{folder}/b cannot be written: No space left on device."
    assert contents(folder) == {}


def test_a_file_is_written_as_utf_8_with_line_feeds(folder):
    write_new({folder / "a": "größe\n"})
    assert (folder / "a").read_bytes() == "größe\n".encode()
    assert list(folder.iterdir()) == [folder / "a"]


def test_a_file_that_is_set_aside_gets_the_first_free_name(folder):
    (folder / "a.bak").write_text("older")
    (folder / "a").write_text("newer")
    assert set_aside(folder / "a") == folder / "a.bak2"
    assert contents(folder) == {"a.bak": "older", "a.bak2": "newer"}


def test_a_link_is_set_aside_as_a_link(folder):
    (folder / "target").write_text("mine")
    (folder / "a").symlink_to("target")
    set_aside(folder / "a")
    assert (folder / "a.bak").readlink() == Path("target")
    assert not os.path.lexists(folder / "a")
