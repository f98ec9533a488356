"""Files are put below a folder and nowhere else, all of them or none."""

from __future__ import annotations

import errno
import io
import os
from pathlib import Path

import pytest

from jupyter_workbench.errors import HistoryError, WorkbenchError
from jupyter_workbench.history.files.placing import Content, place, unfit


def content(path: str, text: str = "new") -> Content:
    return Content(path, lambda: io.BytesIO(text.encode()))


def found(folder: Path) -> dict[str, str]:
    """Every file and link below a folder, with what is in it; folders of their own have a slash."""
    told = {}
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        told[f"{name}/" if path.is_dir() else name] = "" if path.is_dir() else path.read_text()
    return told


@pytest.fixture(params=["with hard links", "without hard links"])
def folder(request, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on a file system of either kind."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    if request.param == "without hard links":
        monkeypatch.setattr(os, "link", refuse)
    (tmp_path / "d").mkdir()
    return tmp_path / "d"


@pytest.mark.parametrize("path", ["../a", "/a", "a/../b", "a//b", ".", "", "a\\b", "c:/a", "a\0b", "a\nb"])
def test_a_path_that_leads_out_is_refused(folder: Path, path: str) -> None:
    with pytest.raises(WorkbenchError) as refused:
        place(folder, [content("fine"), content(path)], overwrite=True)
    assert str(refused.value) == f"expected the relative path of an output, got {path!r} - nothing was written"
    assert found(folder.parent) == {"d/": ""}


def test_a_name_that_the_disk_cannot_take_is_told(folder: Path) -> None:
    with pytest.raises(WorkbenchError) as refused:
        place(folder, [content("a"), content(f"outputs/{'n' * 300}/b")])
    assert str(refused.value) == (
        f"outputs/{'n' * 300}/b cannot be written, and nothing was: "
        "its name has 300 bytes, of which this disk takes 255"
    )
    assert found(folder) == {}


def test_a_name_that_the_locale_cannot_write_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsencode", lambda path: path.encode("latin-1"))
    assert unfit(folder, ["größe", "π/a"]) == {
        "π/a": "file names have no such letters in this locale - set one with UTF-8"
    }


@pytest.mark.parametrize("paths", [("x", "x/y"), ("x/y", "x")])
def test_a_file_and_a_folder_of_one_name_are_refused(folder: Path, paths: tuple[str, ...]) -> None:
    with pytest.raises(WorkbenchError) as refused:
        place(folder, [content(path) for path in paths])
    assert str(refused.value) == (
        "x cannot be written, and nothing was: "
        "another output needs a folder of that name - `history download --artifact` writes it alone"
    )
    assert found(folder) == {}


def test_the_first_file_that_is_in_the_way_is_named_and_the_others_counted(folder: Path) -> None:
    (folder / "a").write_text("mine")
    (folder / "b").write_text("mine")
    with pytest.raises(WorkbenchError) as refused:
        place(folder, [content("c"), content("a"), content("b")])
    assert str(refused.value) == (
        f"{folder}/a and 1 more are there already and nothing was written - choose another folder, or add --overwrite"
    )
    assert found(folder) == {"a": "mine", "b": "mine"}


def test_a_folder_is_never_replaced_by_a_file(folder: Path) -> None:
    (folder / "a").mkdir()
    with pytest.raises(WorkbenchError) as refused:
        place(folder, [content("a")], overwrite=True)
    assert str(refused.value) == f"{folder}/a is there already and nothing was written - remove the folder"


@pytest.mark.parametrize(("kind", "said"), [("link", "a link"), ("file", "a file")])
def test_what_is_no_folder_on_the_way_is_refused(folder: Path, kind: str, said: str) -> None:
    outside = folder.parent / "outside"
    outside.mkdir()
    if kind == "link":
        (folder / "a").symlink_to(outside)
    else:
        (folder / "a").write_text("mine")
    with pytest.raises(WorkbenchError) as refused:
        place(folder, [content("a/b")], overwrite=True)
    assert str(refused.value) == f"expected a folder at {folder}/a, got {said} - remove it, or choose another folder"
    assert found(outside) == {}


def test_a_link_that_appears_while_files_are_copied_is_not_followed(folder: Path) -> None:
    outside = folder.parent / "outside"
    outside.mkdir()

    def plant() -> io.BytesIO:
        (folder / "a").symlink_to(outside)
        return io.BytesIO(b"new")

    with pytest.raises(WorkbenchError) as refused:
        place(folder, [content("b"), Content("a/b", plant)], overwrite=False)
    assert str(refused.value) == f"expected a folder at {folder}/a, got a link - remove it, or choose another folder"
    assert found(outside) == {}
    assert not (folder / "b").exists()


def test_a_file_that_appears_while_files_are_copied_is_left_as_it_is(folder: Path) -> None:
    def plant() -> io.BytesIO:
        (folder / "a").write_text("mine")
        return io.BytesIO(b"new")

    with pytest.raises(WorkbenchError):
        place(folder, [content("b"), Content("a", plant)])
    assert found(folder) == {"a": "mine"}


def test_a_link_at_the_place_of_a_file_is_replaced_and_not_followed(folder: Path) -> None:
    (folder.parent / "mine").write_text("mine")
    (folder / "a").symlink_to(folder.parent / "mine")
    place(folder, [content("a")], overwrite=True)
    assert (folder.parent / "mine").read_text() == "mine"
    assert not (folder / "a").is_symlink()
    assert found(folder) == {"a": "new"}


def test_a_content_that_is_damaged_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(HistoryError) as refused:
        place(tmp_path / "new" / "d", [content("a/b"), Content("c", lambda: io.BytesIO(b"bad"), "0" * 64)])
    assert str(refused.value) == "c: the content that was kept is damaged, and nothing was written"
    assert found(tmp_path) == {}


def test_a_disk_that_is_full_leaves_nothing_behind(tmp_path: Path) -> None:
    class Full(io.BytesIO):
        def read(self, _size: int | None = -1, /) -> bytes:
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(HistoryError) as refused:
        place(tmp_path / "d", [content("a"), Content("b", Full)])
    assert str(refused.value) == f"{tmp_path}/d: the files cannot be written (No space left on device)"
    assert found(tmp_path) == {}


def test_a_place_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(HistoryError) as refused:
        place(tmp_path / "file" / "d", [content("a")])
    assert str(refused.value) == f"{tmp_path}/file/d: the files cannot be written (Not a directory)"


def test_files_and_folders_are_made_with_the_rights_of_new_ones(folder: Path) -> None:
    (folder / "plain").write_text("")
    assert place(folder, [content("a/b/c"), content("d")]) == [folder / "a/b/c", folder / "d"]
    assert found(folder) == {"plain": "", "a/": "", "a/b/": "", "a/b/c": "new", "d": "new"}
    assert (folder / "d").stat().st_mode == (folder / "plain").stat().st_mode
    assert (folder / "d").stat().st_nlink == 1


def test_without_folders_by_descriptor_links_are_refused_as_well(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jupyter_workbench.history.files.placing._CAN_REFUSE_LINKS", False)
    (folder.parent / "outside").mkdir()
    (folder / "a").symlink_to(folder.parent / "outside")
    with pytest.raises(WorkbenchError):
        place(folder, [content("a/b")])
    assert place(folder, [content("c/d")]) == [folder / "c/d"]
    assert found(folder.parent / "outside") == {}
    assert (folder / "c/d").read_text() == "new"
