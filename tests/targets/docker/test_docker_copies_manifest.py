"""What is known of a copy: nothing that the kernel wrote into it is trusted."""

from __future__ import annotations

import json
import os

import pytest

from jupyter_workbench.targets.docker.copying.manifest import (
    Copied,
    Differences,
    Manifest,
    differences,
    is_replaced,
    parse,
    settled,
)
from jupyter_workbench.targets.docker.copying.project_files import Item

A_FILE = Copied("file", 0o644, 3, 10**18, "ab" * 32)


def test_a_manifest_is_read_as_it_was_written() -> None:
    strange = os.fsdecode(b"a \xff\xe9\n\"'")
    written = Manifest((1000, 100), {"data": Copied("folder", 0o755), strange: A_FILE, "l": Copied("link", 0o777)})
    assert parse(written.as_bytes()) == written


@pytest.mark.parametrize(
    "path", ["", "/etc/passwd", "../x", "a/../../x", "a/..", "..", ".", "./x", "a//x", "a/", "x\0y"]
)
def test_a_path_that_could_lead_elsewhere_makes_a_manifest_worthless(path: str) -> None:
    assert parse(Manifest((0, 0), {"x": A_FILE, path: A_FILE}).as_bytes()) is None


@pytest.mark.parametrize(
    "row",
    [
        None,
        [],
        ["file", 420, 3, None],
        ["device", 420, 3, None, ""],
        ["file", "420", 3, None, ""],
        ["file", 420, 3, 1.5, ""],
        ["file", 420, True, None, ""],
        ["file", 420, 10**30, None, ""],
        ["file", 420, 3, None, ["ab"]],
        [["file"], 420, 3, None, ""],
    ],
)
def test_an_entry_that_is_not_as_we_write_it_makes_a_manifest_worthless(row: object) -> None:
    assert parse(json.dumps({"version": 1, "owner": [0, 0], "entries": {"x": row}}).encode()) is None


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff",
        b"[" * 100_000,
        b'{"version": 1, "owner": [0, 0]}',
        b'{"version": 2, "owner": [0, 0], "entries": {}}',
        b'{"version": 1, "owner": ["0", 0], "entries": {}}',
        b'{"version": 1, "owner": 0, "entries": {}}',
        b'{"version": 1, "owner": [0, 0], "entries": []}',
        b'{"version": 1, "owner": [0, 0], "entries": {"x": [1' + b"0" * 5000 + b"]}}",
    ],
)
def test_a_text_that_is_not_as_we_write_it_is_no_manifest(text: bytes) -> None:
    assert parse(text) is None


def a_file(**changes: int) -> Item:
    return Item(**{"kind": "file", "mode": 0o644, "size": 3, "mtime_ns": 10**18} | changes)


def test_a_file_with_the_same_size_time_and_mode_is_the_same() -> None:
    assert differences({"x": a_file()}, {"x": A_FILE}) == Differences((), (), ())


@pytest.mark.parametrize("changes", [{"size": 4}, {"mode": 0o755}])
def test_a_file_of_another_size_or_mode_is_sent(changes: dict[str, int]) -> None:
    assert differences({"x": a_file(**changes)}, {"x": A_FILE}) == Differences(("x",), (), ())


def test_of_a_file_with_another_time_the_content_decides() -> None:
    assert differences({"x": a_file(mtime_ns=5)}, {"x": A_FILE}) == Differences((), ("x",), ())


def test_of_a_file_that_was_copied_just_after_it_changed_the_content_decides() -> None:
    copied = Copied("file", 0o644, 3, None, "ab" * 32)
    assert differences({"x": a_file()}, {"x": copied}) == Differences((), ("x",), ())


def test_a_file_whose_copy_broke_off_is_sent() -> None:
    assert differences({"x": a_file()}, {"x": Copied("file", 0o644, 3)}) == Differences(("x",), (), ())


def test_a_link_that_leads_elsewhere_is_sent() -> None:
    known = {"l": Copied("link", 0o777, text="a"), "same": Copied("link", 0o777, text="a")}
    items = {"l": Item("link", 0o777, target="b"), "same": Item("link", 0o777, target="a")}
    assert differences(items, known) == Differences(("l",), (), ())


def test_what_is_gone_is_removed() -> None:
    known = {"data": Copied("folder", 0o755), "data/x": A_FILE, "y": A_FILE}
    assert differences({"y": a_file()}, known) == Differences((), (), ("data", "data/x"))


def test_what_was_in_a_folder_that_is_a_file_now_goes_with_the_folder() -> None:
    known = {"data": Copied("folder", 0o755), "data/x": A_FILE}
    items = {"data": a_file()}
    assert differences(items, known) == Differences(("data",), (), ("data/x",))
    assert is_replaced("data/x", items)


def test_an_output_that_is_ignored_is_not_gone() -> None:
    assert differences({}, {"outputs/x": A_FILE, "outputs/y": A_FILE}, ["outputs/x"]).remove == ("outputs/y",)


def test_an_output_that_is_no_longer_ignored_is_sent() -> None:
    assert differences({"x": a_file()}, {"x": Copied("file", 0o644, 3, 10**18)}).send == ("x",)


def test_the_time_of_a_file_that_changed_just_now_proves_nothing() -> None:
    now = 10**18
    assert (settled(now - 10**9, now), settled(now + 1, now)) == (None, None)
    assert settled(now - 3 * 10**9, now) == now - 3 * 10**9
