"""Removing a spool whose records are in the store: whole, from nowhere else, and whoever else does it."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from kernel_on_paper import RUN_ID, STREAM, ended, leave_blob, lines, opened, saved, started, write

from jupyter_workbench.history.disk.spool import Spool
from jupyter_workbench.history.intake.sweep import settle, sweep
from jupyter_workbench.history.location import ProjectData
from jupyter_workbench.history.reading.queries import info, list_runs
from jupyter_workbench.history.store.store import Store


def test_a_spool_that_a_sweep_removed_was_ready_and_one_without_records_was_not(
    spool: Spool, store: Store, data: ProjectData
) -> None:
    assert not spool.was_ready()
    write(spool, lines(opened(), started()))
    assert spool.was_ready()
    sweep(data, store)
    assert not spool.folder.exists()
    assert spool.was_ready()


def test_a_removal_that_is_killed_midway_leaves_no_half_of_a_spool_and_the_next_sweep_ends_it(
    spool: Spool, store: Store, data: ProjectData, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(spool, lines(opened(), started(), ended()))

    def killed(folder: Path, **_: object) -> None:
        (folder / "records.jsonl").unlink()
        raise KeyboardInterrupt

    with monkeypatch.context() as deadly:
        deadly.setattr(shutil, "rmtree", killed)
        with pytest.raises(KeyboardInterrupt):
            sweep(data, store)
    assert [path.name for path in data.spools.iterdir()] == [f".{spool.stream}.removed"]
    assert spool.was_ready()
    assert sweep(data, store) == 0
    assert list(data.spools.iterdir()) == []
    assert [run["status"] for run in list_runs(data)] == ["Completed"]


def test_what_is_left_of_a_removal_and_cannot_be_removed_is_told_and_keeps_no_spool_out(
    spool: Spool, store: Store, data: ProjectData, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    leftover = data.spools / f".{STREAM}.removed"
    leftover.mkdir()
    write(spool, lines(opened(), started(), ended()))
    rmtree = shutil.rmtree

    def fail(folder: Path, **options: Any) -> None:
        if folder == leftover:
            raise PermissionError(13, "Permission denied")
        rmtree(folder, **options)

    monkeypatch.setattr(shutil, "rmtree", fail)
    assert sweep(data, store) == 0
    assert list(data.spools.iterdir()) == [leftover]
    assert caplog.messages == [f"{leftover}: these records cannot be read or removed (Permission denied)"]


def test_another_sweep_that_removes_the_same_files_is_no_failure(
    spool: Spool, store: Store, data: ProjectData, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_blob(spool, b"model")
    write(spool, lines(opened(), started(), ended()))
    rmtree = shutil.rmtree

    def after_another(folder: Path, **options: Any) -> None:
        scan = os.scandir

        def stale(path: Any) -> Any:
            """Tell of a file that is gone before it is removed."""
            entries = list(scan(path))
            monkeypatch.setattr(os, "scandir", scan)
            (folder / "records.jsonl").unlink()
            return contextlib.nullcontext(iter(entries))

        monkeypatch.setattr(os, "scandir", stale)
        rmtree(folder, **options)

    monkeypatch.setattr(shutil, "rmtree", after_another)
    settle(spool, store, None)
    assert list(data.spools.iterdir()) == []


def test_settling_removes_a_spool_without_records_at_once(spool: Spool, store: Store) -> None:
    settle(spool, store, None)
    assert not spool.folder.exists()


def test_removing_a_spool_follows_no_link_out_of_it(
    spool: Spool, store: Store, data: ProjectData, tmp_path: Path
) -> None:
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "file").write_text("mine")
    (spool.folder / "blobs").symlink_to(tmp_path / "precious")
    write(spool, lines(opened(), started(), saved("outputs/x", b"mine")))
    assert sweep(data, store) == 0
    assert (tmp_path / "precious" / "file").read_text() == "mine"
    assert info(data, RUN_ID)["outputs"][0]["problem"] == "the kernel left no regular file"
