"""Archives out of containers are let through as far as they are harmless; archives into them are streams."""

from __future__ import annotations

import io
import math
import os
import tarfile
import tracemalloc
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

import pytest
from archives_on_paper import a_file, a_folder, an_entry, archive

from jupyter_workbench.targets.docker.copying.project_files import Item
from jupyter_workbench.targets.docker.copying.tars import (
    END,
    BrokenArchiveError,
    Member,
    Refusal,
    folder_as_tar,
    header,
    members,
    padding,
)

MEGABYTE = 1 << 20


def read(chunks: Iterable[bytes]) -> dict[str, bytes]:
    """Return the files of an archive of `outputs` that are let through."""
    found = {}
    for member in members(chunks, "outputs"):
        if isinstance(member, Member):
            found[member.path] = b"".join(member.chunks())
    return found


def refused(chunks: Iterable[bytes]) -> list[tuple[str, str]]:
    return [(each.path, each.why) for each in members(chunks, "outputs") if isinstance(each, Refusal)]


def test_files_come_with_their_path_below_the_folder() -> None:
    chunks = archive(a_folder("outputs"), a_file("outputs/a", b"1"), a_folder("outputs/b"), a_file("outputs/b/c", b"2"))
    assert read(chunks) == {"a": b"1", "b/c": b"2"}


def test_a_single_file_has_an_empty_path() -> None:
    assert read(archive(a_file("outputs", b"1"))) == {"": b"1"}


@pytest.mark.parametrize("name", ["木 'é\"", "x" * 255, "y/" * 120 + "z", os.fsdecode(b"\xff\xfe"), "a\nb"])
def test_any_name_is_let_through(name: str) -> None:
    assert read(archive(a_file(f"outputs/{name}", b"1"))) == {name: b"1"}


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (an_entry("outputs/x", tarfile.SYMTYPE, linkname="/etc/passwd"), "a link to /etc/passwd"),
        (an_entry("outputs/x", tarfile.LNKTYPE, linkname="outputs/y"), "a link to outputs/y"),
        (an_entry("outputs/x", tarfile.FIFOTYPE), "not a regular file"),
        (an_entry("outputs/x", tarfile.CHRTYPE, devmajor=1, devminor=3), "not a regular file"),
        (an_entry("outputs/x", tarfile.BLKTYPE, devmajor=8), "not a regular file"),
        (a_file("/outputs/x", b"1"), "an absolute path"),
        (a_file("/etc/passwd", b"1"), "an absolute path"),
        (a_file("outputs/../x", b"1"), "a path that leads out of the folder"),
        (a_file("../outputs/x", b"1"), "a path that leads out of the folder"),
        (a_file("outputs/a/../../../x", b"1"), "a path that leads out of the folder"),
        (a_file("aml_config/x", b"1"), "a file of another folder"),
        (a_file("outputs.py", b"1"), "a file of another folder"),
    ],
)
def test_what_is_no_file_below_the_folder_is_refused(entry: object, why: str) -> None:
    chunks = archive(a_file("outputs/good", b"1"), entry, a_file("outputs/after", b"2"))
    assert [each[1] for each in refused(chunks)] == [why]
    assert read(chunks) == {"good": b"1", "after": b"2"}


def test_a_second_file_of_the_same_name_is_refused() -> None:
    chunks = archive(a_file("outputs/x", b"1"), a_file("outputs/./x", b"2"))
    assert (read(chunks), refused(chunks)) == (
        {"x": b"1"},
        [("outputs/./x", "a second file of the same name")],
    )


def test_a_sparse_file_that_would_fill_the_disk_is_refused() -> None:
    sparse = an_entry("outputs/x", tarfile.REGTYPE, size=512)
    sparse.pax_headers = {
        "GNU.sparse.major": "0",
        "GNU.sparse.minor": "1",
        "GNU.sparse.map": "0,512",
        "GNU.sparse.size": str(1 << 42),
        "GNU.sparse.name": "outputs/x",
    }
    chunks = archive((sparse, b"1" * 512), a_file("outputs/after", b"2"))
    assert (read(chunks), refused(chunks)) == ({"after": b"2"}, [("outputs/x", "a sparse file")])


def test_a_time_that_is_nonsense_is_left_out() -> None:
    entries = [a_file(f"outputs/{text}", b"", pax_headers={"mtime": text}) for text in ("nan", "inf", "-5", "1e300")]
    times = {each.mtime for each in members(archive(*entries), "outputs") if isinstance(each, Member)}
    assert not any(time is not None and (not math.isfinite(time) or time > 2**33 or time < 0) for time in times)


@pytest.mark.parametrize("kept", [100, 600, 1100])
def test_an_archive_that_ends_early_is_broken(kept: int) -> None:
    whole = b"".join(archive(a_file("outputs/a", b"1" * 1000), a_file("outputs/b", b"2" * 1000)))
    with pytest.raises(BrokenArchiveError):
        read([whole[:kept]])


def test_what_is_no_archive_is_broken() -> None:
    with pytest.raises(BrokenArchiveError):
        read([b"404 page not found" * 100])


def test_headers_carry_owner_mode_time_and_name() -> None:
    name = os.fsdecode(b"a \xff") + "é" * 100
    item = Item("file", 0o755, 2, 1_700_000_000_123_456_789)
    data = header(name, item, (1000, 100_000_000)) + b"ab" + padding(2) + END
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        info = tar.next()
        assert info is not None
        assert (info.name, info.uid, info.gid, info.mode, info.size) == (name, 1000, 100_000_000, 0o755, 2)
        assert info.pax_headers["mtime"] == "1700000000.123456789"


def test_a_folder_of_ours_goes_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "x").write_text("12")
    (tmp_path / "deep" / "x").chmod(0o600)
    (tmp_path / "link").symlink_to("/jupyter-workbench/python")
    os.mkfifo(tmp_path / "pipe")
    data = b"".join(folder_as_tar(tmp_path, PurePosixPath("/azureml-kernel"), (7, 8)))
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        assert [(each.name, each.linkname, oct(each.mode), each.uid, each.gid) for each in tar] == [
            ("azureml-kernel", "", "0o700", 7, 8),
            ("azureml-kernel/deep", "", "0o700", 7, 8),
            ("azureml-kernel/deep/x", "", "0o600", 7, 8),
            ("azureml-kernel/link", "/jupyter-workbench/python", "0o777", 7, 8),
        ]


def test_a_large_file_is_never_in_memory() -> None:
    def chunks() -> Iterator[bytes]:
        yield header("outputs/x", Item("file", 0o644, 300 * MEGABYTE), (0, 0))
        for _ in range(300):
            yield bytes(MEGABYTE)
        yield END

    tracemalloc.start()
    size = sum(
        len(chunk) for each in members(chunks(), "outputs") if isinstance(each, Member) for chunk in each.chunks()
    )
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (size, peak < 8 * MEGABYTE) == (300 * MEGABYTE, True)
