"""What a kernel wrote below `outputs/` comes back, and nothing of this machine's is lost for it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pytest
from archives_on_paper import Entry, a_file, a_folder, an_entry, archive

from jupyter_workbench.targets.docker.copying.bringing_back import BringingBack
from jupyter_workbench.targets.docker.copying.host_folder import HostFolder
from jupyter_workbench.targets.docker.copying.manifest import Copied
from jupyter_workbench.targets.docker.copying.tars import BrokenArchiveError, members

MEGABYTE = 1 << 20


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project without outputs."""
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


@dataclass
class Brought:
    """What came of it: the paths that were written, what was told, and what is known for the next time."""

    written: list[str]
    said: list[str]
    known: dict[str, Copied]
    has_news: bool


Bring = Callable[..., Brought]


@pytest.fixture
def bring(project: Path) -> Bring:
    """Bring back an archive of `outputs/`; ``known`` gives the contents that both sides had last."""

    def run(*entries: Entry, known: Mapping[str, bytes | Copied] = MappingProxyType({})) -> Brought:
        before = {path: _copied(each) if isinstance(each, bytes) else each for path, each in known.items()}
        said: list[str] = []
        job = BringingBack(HostFolder(project), before, ".from-docker", said.append)
        for member in members(archive(a_folder("outputs"), *entries), "outputs"):
            job.take(member)
        return Brought(job.written, said, job.known, job.has_news)

    return run


def _copied(content: bytes) -> Copied:
    return Copied("file", 0o644, len(content), None, hashlib.sha256(content).hexdigest())


def write(project: Path, content: bytes, name: str = "x") -> Path:
    (project / "outputs").mkdir(exist_ok=True)
    path = project / "outputs" / name
    path.write_bytes(content)
    return path


def contents(project: Path) -> dict[str, bytes]:
    folder = project / "outputs"
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def names(project: Path) -> list[str]:
    return sorted(path.name for path in (project / "outputs").iterdir())


def test_a_new_file_is_written_with_its_time_and_folders(bring: Bring, project: Path) -> None:
    job = bring(a_file("outputs/deep/er/x", b"1", mtime=1_600_000_000))
    assert job.written == ["outputs/deep/er/x"]
    assert contents(project) == {"deep/er/x": b"1"}
    assert (project / "outputs/deep/er/x").stat().st_mtime == 1_600_000_000


def test_permissions_are_those_of_this_user(bring: Bring, project: Path) -> None:
    before = os.umask(0o027)
    try:
        bring(a_file("outputs/x", b"1", mode=0o6777), a_file("outputs/y", b"1", mode=0o600))
    finally:
        os.umask(before)
    modes = [oct((project / "outputs" / name).stat().st_mode & 0o7777) for name in "xy"]
    assert modes == ["0o750", "0o640"]


def test_a_file_that_only_the_container_changed_is_replaced(bring: Bring, project: Path) -> None:
    write(project, b"old")
    job = bring(a_file("outputs/x", b"new"), known={"outputs/x": b"old"})
    assert (job.written, contents(project), job.said) == (["outputs/x"], {"x": b"new"}, [])


@pytest.mark.parametrize("size", [0, 1, 700_000])
def test_a_file_that_is_the_same_is_not_written(bring: Bring, project: Path, size: int) -> None:
    path = write(project, b"s" * size)
    before = path.stat()
    job = bring(a_file("outputs/x", b"s" * size))
    assert job.written == []
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("ours", [b"s" * 700_000 + b"1", b"s" * 600_000, b"1" + b"s" * 699_999, b"s" * 700_001])
def test_a_file_that_begins_as_ours_is_written_whole(bring: Bring, project: Path, ours: bytes) -> None:
    write(project, ours)
    theirs = b"s" * 700_000 + b"2"
    bring(a_file("outputs/x", theirs), known={"outputs/x": ours})
    assert contents(project) == {"x": theirs}


def test_a_file_that_only_this_machine_changed_stays(bring: Bring, project: Path) -> None:
    write(project, b"mine")
    job = bring(a_file("outputs/x", b"old"), known={"outputs/x": b"old"})
    assert (job.written, contents(project), job.said) == ([], {"x": b"mine"}, [])


def test_a_file_that_was_removed_here_does_not_come_again(bring: Bring, project: Path) -> None:
    job = bring(a_file("outputs/x", b"old"), known={"outputs/x": b"old"})
    assert (job.written, contents(project)) == ([], {})


def test_a_file_that_both_changed_comes_beside_and_that_is_told(bring: Bring, project: Path) -> None:
    write(project, b"mine")
    job = bring(a_file("outputs/x", b"new"), known={"outputs/x": b"old"})
    assert contents(project) == {"x": b"mine", "x.from-docker": b"new"}
    assert job.written == ["outputs/x.from-docker"]
    assert job.said == [
        "outputs/x was changed on this machine and in the container: the container's is in outputs/x.from-docker"
    ]


def test_without_a_manifest_a_file_of_this_machine_is_not_replaced(bring: Bring, project: Path) -> None:
    write(project, b"mine")
    bring(a_file("outputs/x", b"new"))
    assert contents(project) == {"x": b"mine", "x.from-docker": b"new"}


def test_a_file_that_came_beside_is_brought_up_to_date(bring: Bring, project: Path) -> None:
    write(project, b"mine")
    job = bring(a_file("outputs/x", b"new"))
    job = bring(a_file("outputs/x", b"new"), known=job.known)
    assert job.written == []
    bring(a_file("outputs/x", b"newer"), known=job.known)
    assert contents(project) == {"x": b"mine", "x.from-docker": b"newer"}


def test_a_file_of_the_user_beside_is_not_replaced_either(bring: Bring, project: Path) -> None:
    write(project, b"mine")
    write(project, b"mine too", "x.from-docker")
    bring(a_file("outputs/x", b"new"))
    assert contents(project) == {"x": b"mine", "x.from-docker": b"mine too", "x.from-docker.2": b"new"}


def test_what_was_brought_back_may_change_again(bring: Bring, project: Path) -> None:
    job = bring(a_file("outputs/x", b"1"))
    bring(a_file("outputs/x", b"2"), known=job.known)
    assert contents(project) == {"x": b"2"}


def test_the_manifest_changes_only_with_the_files(bring: Bring) -> None:
    job = bring(a_file("outputs/x", b"1"))
    assert job.has_news
    assert not bring(a_file("outputs/x", b"1"), known=job.known).has_news


def test_what_is_no_file_is_told_and_stays_in_the_container(bring: Bring, project: Path) -> None:
    job = bring(an_entry("outputs/evil", b"2", linkname="/etc/passwd"), a_file("outputs/x", b"1"))
    assert contents(project) == {"x": b"1"}
    assert job.said == [
        "outputs/evil: expected a file that can be brought back, got a link to /etc/passwd - it stays in the container"
    ]


def test_nothing_is_written_through_a_link_of_this_machine(bring: Bring, project: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (project / "outputs").symlink_to(tmp_path / "elsewhere")
    job = bring(a_file("outputs/x", b"1"), a_file("outputs/deep/x", b"1"))
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert job.said == [
        f"{path}: expected a file that can be brought back, got on this machine {path} is a link or no file - "
        "it stays in the container"
        for path in ("outputs/x", "outputs/deep/x")
    ]


def test_a_link_in_the_place_of_a_file_stays(bring: Bring, project: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (project / "outputs").mkdir()
    (project / "outputs" / "x").symlink_to(tmp_path / "secret")
    bring(a_file("outputs/x", b"1"))
    assert (tmp_path / "secret").read_text() == "secret"
    assert names(project) == ["x"]


def test_a_folder_or_pipe_in_the_place_of_a_file_stays(bring: Bring, project: Path) -> None:
    (project / "outputs" / "x").mkdir(parents=True)
    os.mkfifo(project / "outputs" / "pipe")
    write(project, b"1", "file")
    job = bring(a_file("outputs/x", b"1"), a_file("outputs/pipe", b"1"), a_file("outputs/file/x", b"1"))
    assert (job.written, contents(project), len(job.said)) == ([], {"file": b"1"}, 3)


def test_a_name_as_long_as_names_can_be_is_brought_back(bring: Bring, project: Path) -> None:
    bring(a_file("outputs/" + "x" * 255, b"1"))
    assert contents(project) == {"x" * 255: b"1"}


def test_an_archive_that_breaks_off_leaves_whole_files_only(project: Path) -> None:
    chunks = b"".join(archive(a_folder("outputs"), a_file("outputs/a", b"1" * 9000), a_file("outputs/b", b"2" * 9000)))
    job = BringingBack(HostFolder(project), {}, ".from-docker", [].append)
    found = members([chunks[:15000]], "outputs")
    job.take(next(found))
    with pytest.raises(BrokenArchiveError):
        job.take(next(found))
    assert (contents(project), job.written) == ({"a": b"1" * 9000}, ["outputs/a"])
    assert names(project) == ["a"]


def test_an_ignored_output_that_is_still_what_it_was_at_the_start_is_replaced(bring: Bring, project: Path) -> None:
    path = write(project, b"of an earlier run")
    found = path.stat()
    seen = Copied("file", 0o644, found.st_size, found.st_mtime_ns)
    assert bring(a_file("outputs/x", b"new"), known={"outputs/x": seen}).written == ["outputs/x"]
    assert contents(project) == {"x": b"new"}


def test_an_ignored_output_that_was_changed_since_the_start_is_not(bring: Bring, project: Path) -> None:
    found = write(project, b"old").stat()
    seen = Copied("file", 0o644, found.st_size, found.st_mtime_ns - 1)
    assert bring(a_file("outputs/x", b"new"), known={"outputs/x": seen}).written == ["outputs/x.from-docker"]


def test_the_manifest_has_the_mode_of_the_file_here(bring: Bring) -> None:
    before = os.umask(0o077)
    try:
        job = bring(a_file("outputs/x", b"1"))
    finally:
        os.umask(before)
    assert oct(job.known["outputs/x"].mode) == "0o600"
