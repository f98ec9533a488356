"""Outputs: each content is kept once under its hash, and only if it is what the kernel announced."""

from __future__ import annotations

import errno
import io
import os
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
from kernel_on_paper import (
    FACTS,
    OTHER_RUN,
    RUN_ID,
    age,
    ended,
    leave_blob,
    lines,
    opened,
    refuse,
    saved,
    started,
    write,
)

from jupyter_workbench.history.disk.spool import Spool
from jupyter_workbench.history.intake.sweep import catch_up, settle, sweep
from jupyter_workbench.history.location import ProjectData
from jupyter_workbench.history.reading.queries import info
from jupyter_workbench.history.store import blobs, outputs
from jupyter_workbench.history.store.store import Store


def kept_files(data: ProjectData) -> list[Path]:
    return [path for path in data.blobs.rglob("*") if path.is_file()]


def test_outputs_are_kept_by_their_hash_and_taken_from_the_spool(
    spool: Spool, store: Store, data: ProjectData, living: subprocess.Popen[bytes]
) -> None:
    sha256 = leave_blob(spool, b"model")
    again = saved("outputs/again.pkl", b"model")
    write(spool, lines(opened(), started(), saved("outputs/model.pkl", b"model"), again))
    sweep(data, store)
    kept = data.blobs / sha256[:2] / sha256
    assert kept.read_bytes() == b"model"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o400
    assert list((spool.folder / "blobs").iterdir()) == []
    assert [(output["path"], output["state"]) for output in info(data, RUN_ID)["outputs"]] == [
        ("outputs/again.pkl", "kept"),
        ("outputs/model.pkl", "kept"),
    ]
    assert kept_files(data) == [kept]


def test_a_content_that_is_kept_already_need_not_be_there(spool: Spool, store: Store, data: ProjectData) -> None:
    earlier = data.new_spool(FACTS)
    leave_blob(earlier, b"model")
    write(earlier, lines(opened(), started(OTHER_RUN, id="iris_1"), saved("outputs/m", b"model", run=OTHER_RUN)))
    settle(earlier, store, None)
    write(spool, lines(opened(), started(), saved("outputs/m", b"model")))
    settle(spool, store, None)
    assert info(data, RUN_ID)["outputs"][0]["state"] == "kept"


@pytest.mark.parametrize(
    ("content", "changes", "problem"),
    [
        (b"other", {}, "the kernel announced another content than it left"),
        (b"model and more", {}, "the kernel announced another content than it left"),
        (b"model", {"size": 4}, "the kernel announced another content than it left"),
        (b"model", {"size": 6}, "the kernel announced another content than it left"),
        (None, {}, "the kernel left no content"),
    ],
)
def test_an_output_that_is_not_what_was_announced_is_lost_with_the_reason(
    spool: Spool, store: Store, data: ProjectData, content: bytes | None, changes: dict[str, int], problem: str
) -> None:
    record = saved("outputs/m", b"model", **changes)
    if content is not None:
        (spool.folder / "blobs").mkdir()
        (spool.folder / "blobs" / record["sha256"]).write_bytes(content)
    write(spool, lines(opened(), started(), record))
    settle(spool, store, None)
    run = info(data, RUN_ID)
    assert [(output["state"], output["problem"]) for output in run["outputs"]] == [("lost", problem)]
    assert run["attachments"] == ""
    assert kept_files(data) == []
    assert not spool.folder.exists()


@pytest.mark.parametrize("kind", ["link", "pipe", "folder", "linked folder"])
def test_a_content_that_is_no_regular_file_is_never_opened(
    spool: Spool, store: Store, data: ProjectData, tmp_path: Path, kind: str
) -> None:
    secret = tmp_path / "elsewhere"
    secret.mkdir()
    record = saved("outputs/m", b"secret")
    (secret / record["sha256"]).write_bytes(b"secret")
    blobs = spool.folder / "blobs"
    if kind == "linked folder":
        blobs.symlink_to(secret)
    else:
        blobs.mkdir()
        blob = blobs / record["sha256"]
        {"link": lambda: blob.symlink_to(secret / blob.name), "pipe": lambda: os.mkfifo(blob), "folder": blob.mkdir}[
            kind
        ]()
    write(spool, lines(opened(), started(), record))
    settle(spool, store, None)
    [output] = info(data, RUN_ID)["outputs"]
    assert (output["state"], output["problem"]) == ("lost", "the kernel left no regular file")
    assert (secret / record["sha256"]).exists()


def test_a_blobs_folder_that_is_swapped_for_ours_does_not_cost_a_kept_output(
    spool: Spool, store: Store, data: ProjectData
) -> None:
    sha256 = leave_blob(spool, b"model")
    write(spool, lines(opened(), started(), saved("outputs/m", b"model"), ended()))
    sweep(data, store)
    hostile = data.new_spool(FACTS)
    (hostile.folder / "blobs").symlink_to(data.blobs / sha256[:2])
    write(hostile, lines(opened(), started(OTHER_RUN), saved("outputs/m", b"model", run=OTHER_RUN)))
    sweep(data, store)
    assert (data.blobs / sha256[:2] / sha256).read_bytes() == b"model"


def test_a_missing_content_of_a_living_kernel_is_waited_for(
    spool: Spool, store: Store, data: ProjectData, living: subprocess.Popen[bytes]
) -> None:
    write(spool, lines(opened(), started(), saved("outputs/m", b"model")))
    sweep(data, store)
    assert info(data, RUN_ID)["outputs"][0]["state"] == "waiting"
    leave_blob(spool, b"model")
    sweep(data, store)
    assert info(data, RUN_ID)["outputs"][0]["state"] == "kept"


def test_a_path_that_is_saved_again_holds_the_newer_content(spool: Spool, store: Store, data: ProjectData) -> None:
    leave_blob(spool, b"old")
    newer = leave_blob(spool, b"newer")
    write(spool, lines(opened(), started(), saved("outputs/m", b"old"), saved("outputs/m", b"newer")))
    settle(spool, store, None)
    [output] = info(data, RUN_ID)["outputs"]
    assert (output["sha256"], output["size"], output["state"]) == (newer, 5, "kept")


def test_the_older_content_of_a_path_that_is_saved_again_takes_no_room(
    data: ProjectData, spool: Spool, living: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_WORKBENCH_MAX_OUTPUTS", "20")
    store = Store(data)
    write(spool, lines(opened(), started()))
    for number in range(5):
        leave_blob(spool, b"checkpoint %d" % number)
        write(spool, lines(saved("outputs/m", b"checkpoint %d" % number)))
        sweep(data, store)
    store.close()
    assert [path.read_bytes() for path in kept_files(data)] == [b"checkpoint 4"]
    assert info(data, RUN_ID)["outputs"][0]["state"] == "kept"


def test_the_older_content_of_a_path_stays_for_a_run_that_has_it_too(
    spool: Spool, store: Store, data: ProjectData, living: subprocess.Popen[bytes]
) -> None:
    leave_blob(spool, b"model")
    both = saved("outputs/m", b"model"), saved("outputs/copy", b"model")
    write(spool, lines(opened(), started(), *both))
    sweep(data, store)
    leave_blob(spool, b"better")
    write(spool, lines(saved("outputs/m", b"better")))
    sweep(data, store)
    assert sorted(path.read_bytes() for path in kept_files(data)) == [b"better", b"model"]


def test_a_content_that_was_replaced_while_it_was_copied_is_removed_again(
    spool: Spool, store: Store, data: ProjectData, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = blobs.keep

    def keep_late(*told: Any) -> None:
        monkeypatch.undo()
        keep(*told)
        leave_blob(spool, b"newer")
        write(spool, lines(saved("outputs/m", b"newer"), ended()))
        catch_up(spool, store)
        blobs.remove_unused(data)
        keep(told[0], io.BytesIO(b"older"), *told[2:])  # as if this were the moment at which it arrived

    leave_blob(spool, b"older")
    write(spool, lines(opened(), started(), saved("outputs/m", b"older")))
    monkeypatch.setattr(outputs, "keep", keep_late)
    sweep(data, store)
    sweep(data, store)
    assert [path.read_bytes() for path in kept_files(data)] == [b"newer"]
    assert info(data, RUN_ID)["outputs"][0]["state"] == "kept"


def test_an_output_that_finds_no_room_waits_in_its_spool(
    spool: Spool, store: Store, data: ProjectData, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_blob(spool, b"model")
    write(spool, lines(opened(), started(), saved("outputs/m", b"model")))
    with monkeypatch.context() as full:
        full.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        assert sweep(data, store) == 1
    [output] = info(data, RUN_ID)["outputs"]
    assert (output["state"], output["problem"]) == (
        "waiting",
        f"it cannot be kept (No space left on device) and waits in {spool.folder}",
    )
    assert kept_files(data) == []
    assert sweep(data, store) == 0
    assert info(data, RUN_ID)["outputs"][0]["state"] == "kept"


def test_an_output_that_cannot_be_read_keeps_no_run_running(
    spool: Spool, store: Store, data: ProjectData, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha256 = leave_blob(spool, b"model")
    write(spool, lines(opened(), started(), saved("outputs/m", b"model")))
    refuse(monkeypatch, sha256)
    assert sweep(data, store) == 1
    run = info(data, RUN_ID)
    assert run["status"] == "Failed"
    [output] = run["outputs"]
    assert (output["state"], output["problem"]) == (
        "waiting",
        f"it cannot be kept (Permission denied) and waits in {spool.folder}",
    )


@pytest.mark.parametrize("error", [errno.EACCES, errno.EIO, errno.EDQUOT])
def test_an_output_that_cannot_be_read_keeps_no_other_one_out(
    spool: Spool, store: Store, data: ProjectData, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    unreadable = leave_blob(spool, b"unreadable")
    both = saved("outputs/a", b"unreadable"), saved("outputs/b", b"model")
    leave_blob(spool, b"model")
    write(spool, lines(opened(), started(), *both))
    refuse(monkeypatch, unreadable, error)
    sweep(data, store)
    assert [output["state"] for output in info(data, RUN_ID)["outputs"]] == ["waiting", "kept"]


def test_what_is_not_the_announced_content_is_removed_from_the_spool(
    spool: Spool, store: Store, data: ProjectData, living: subprocess.Popen[bytes]
) -> None:
    announced = saved("outputs/m", b"model")
    leave_blob(spool, b"model")
    (spool.folder / "blobs" / announced["sha256"]).write_bytes(b"other")
    write(spool, lines(opened(), started(), announced))
    sweep(data, store)
    assert info(data, RUN_ID)["outputs"][0]["state"] == "lost"
    assert list((spool.folder / "blobs").iterdir()) == []


def test_halves_of_copies_are_removed_after_a_day(store: Store, data: ProjectData) -> None:
    data.blobs.mkdir()
    old, young = data.blobs / "incoming-old", data.blobs / "incoming-young"
    for half in (old, young):
        half.write_bytes(b"half")
    age(old, 25 * 3600)
    sweep(data, store)
    assert not old.exists()
    assert young.exists()


def test_without_no_follow_a_link_is_refused_by_a_look(
    spool: Spool, store: Store, data: ProjectData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_workbench.history.disk.beneath._CAN_REFUSE_LINKS", False)
    leave_blob(spool, b"model")
    record = saved("outputs/linked", b"secret")
    (tmp_path / "secret").write_bytes(b"secret")
    (spool.folder / "blobs" / record["sha256"]).symlink_to(tmp_path / "secret")
    write(spool, lines(opened(), started(), record, saved("outputs/m", b"model")))
    assert sweep(data, store) == 0
    states = {output["path"]: output["state"] for output in info(data, RUN_ID)["outputs"]}
    assert states == {"outputs/linked": "lost", "outputs/m": "kept"}


def test_a_blob_is_named_by_its_hash(data: ProjectData) -> None:
    assert blobs.blob_path(data.blobs, "ab" * 32) == data.blobs / "ab" / ("ab" * 32)
