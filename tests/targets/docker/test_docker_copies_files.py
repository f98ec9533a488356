"""Which files of a project are copied."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from jupyter_workbench.targets.docker.copying.project_files import MANIFEST, Item, find_files


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An empty project folder."""
    folder = tmp_path / 'it\'s a "project" é'
    folder.mkdir()
    return folder


def items(project: Path) -> dict[str, Item]:
    return dict(find_files(project).items)


def test_what_belongs_to_git_is_never_copied(project: Path) -> None:
    (project / ".git").mkdir()
    (project / ".git" / "config").write_text("")
    (project / "worktree").mkdir()
    (project / "worktree" / ".git").write_text("gitdir: elsewhere")
    (project / "worktree" / "x").write_text("")
    assert list(items(project)) == ["worktree", "worktree/x"]


@pytest.mark.parametrize(
    "name", ["a b", "it's", 'a"b', "é ü 木", "x" * 200, os.fsdecode(b"\xff\xfe"), "-rf", "a\nb", "outputs"]
)
def test_any_name_is_copied(project: Path, name: str) -> None:
    (project / name).write_text("12")
    assert items(project)[name].size == 2


def test_pipes_and_sockets_are_left_out_without_a_word(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)
    os.mkfifo("pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("s")
        found = find_files(project)
    assert (found.items, found.notes) == ({}, ())


def test_folders_that_are_empty_are_copied(project: Path) -> None:
    (project / "outputs").mkdir()
    assert items(project)["outputs"].kind == "folder"


def test_folders_come_before_what_is_in_them(project: Path) -> None:
    (project / "a").mkdir()
    (project / "a" / "b").write_text("")
    (project / "a.b").write_text("")
    assert list(items(project)) == ["a", "a/b", "a.b"]


def test_permissions_are_kept_and_nothing_beyond_them(project: Path) -> None:
    (project / "run").write_text("")
    (project / "run").chmod(0o4755)
    assert items(project)["run"].mode == 0o755


def test_a_folder_can_be_written_to_in_the_copy(project: Path) -> None:
    (project / "data").mkdir(mode=0o555)
    assert items(project)["data"].mode == 0o755


def test_a_manifest_in_the_project_is_not_copied(project: Path) -> None:
    (project / MANIFEST).write_text("{}")
    assert items(project) == {}


@pytest.mark.parametrize("target", ["x", "./x", "deep/../x", "nowhere"])
def test_a_link_inside_the_project_stays_as_it_is(project: Path, target: str) -> None:
    (project / "deep").mkdir()
    (project / "link").symlink_to(target)
    assert (items(project)["link"].kind, items(project)["link"].target) == ("link", target)


def test_a_link_that_names_the_place_of_the_project_leads_to_the_same_file_in_the_copy(project: Path) -> None:
    (project / "deep").mkdir()
    (project / "deep" / "absolute").symlink_to(project / "x")
    (project / "deep" / "out and in").symlink_to(f"../../{project.name}/x")
    assert {items(project)[f"deep/{name}"].target for name in ("absolute", "out and in")} == {"../x"}


def test_a_link_that_leads_out_of_the_project_is_told(project: Path) -> None:
    (project / "link").symlink_to("/etc/passwd")
    found = find_files(project)
    assert (found.items, found.notes) == (
        {},
        (
            "link: expected a link that stays in the project, got one to /etc/passwd - "
            "it is not copied; put the files themselves there",
        ),
    )


def test_a_link_that_leads_out_by_way_of_another_is_refused(project: Path, tmp_path: Path) -> None:
    (project / "a").symlink_to("b")
    (project / "b").symlink_to(tmp_path)
    assert items(project) == {}


def test_links_in_a_circle_are_copied_as_they_are(project: Path) -> None:
    (project / "a").symlink_to("b")
    (project / "b").symlink_to("a")
    assert {path: item.target for path, item in items(project).items()} == {"a": "b", "b": "a"}


def test_a_folder_behind_a_link_is_not_copied_twice(project: Path) -> None:
    (project / "data").mkdir()
    (project / "data" / "x").write_text("")
    (project / "link").symlink_to("data")
    assert list(items(project)) == ["data", "data/x", "link"]


def test_a_project_may_be_named_by_a_link(project: Path, tmp_path: Path) -> None:
    (project / "x").write_text("")
    (project / "link").symlink_to("x")
    (tmp_path / "short").symlink_to(project)
    assert list(items(tmp_path / "short")) == ["link", "x"]


def test_a_folder_that_cannot_be_read_is_told(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "closed").mkdir()
    scandir = os.scandir

    def refuse(path: Path) -> object:
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert find_files(project).notes == (
        "closed/: expected a file that can be read, got an error (Permission denied) - "
        "it is not copied; make it readable, or list it in .gitignore",
    )


def test_ignored_outputs_are_seen_but_not_copied(project: Path) -> None:
    (project / ".gitignore").write_text("/outputs/*\n!/outputs/kept\n/data\n")
    for name in ("outputs/kept", "outputs/x", "outputs/deep/y", "data/z"):
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text("")
    (project / "outputs" / "link").symlink_to("x")
    found = find_files(project)
    assert list(found.items) == [".gitignore", "outputs", "outputs/kept"]
    assert set(found.unsent) == {"outputs/x", "outputs/deep/y"}
