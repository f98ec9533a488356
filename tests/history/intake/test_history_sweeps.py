"""Sweeping and settling: all that a kernel left comes into the store, whatever became of the kernel."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kernel_on_paper import (
    FACTS,
    MORNING,
    OTHER_RUN,
    RUN,
    RUN_ID,
    STREAM,
    age,
    ended,
    everything,
    leave_blob,
    lines,
    logged,
    opened,
    saved,
    started,
    values,
    write,
)

import jupyter_workbench
from jupyter_workbench.history.disk.spool import Spool
from jupyter_workbench.history.intake.sweep import settle, sweep
from jupyter_workbench.history.location import ProjectData
from jupyter_workbench.history.reading.queries import info, list_runs
from jupyter_workbench.history.store.store import Store


def test_a_sweep_takes_in_what_a_dead_kernel_left_and_removes_its_spool(
    spool: Spool, store: Store, data: ProjectData
) -> None:
    write(spool, lines(opened(), started(), logged("loss", 1)) + b'{"e":"log","t":15')
    assert sweep(data, store) == 0
    [run] = list_runs(data)
    assert (run["loss"], run["status"]) == (1, "Failed")
    assert run["error"] == {"name": "KernelDied", "message": "The kernel's process ended before the cell did."}
    assert run["duration"] == "0:00:01.000000"  # to its last sign of life
    assert not spool.folder.exists()


def test_a_sweep_takes_in_what_a_living_kernel_wrote_and_leaves_it_alone(
    spool: Spool, store: Store, data: ProjectData, living: subprocess.Popen[bytes]
) -> None:
    write(spool, lines(opened(), started(), logged("loss", 1)))
    assert sweep(data, store) == 1
    [run] = list_runs(data)
    assert (run["loss"], run["status"]) == (1, "Running")
    write(spool, lines(ended()))
    assert sweep(data, store) == 1
    assert list_runs(data)[0]["status"] == "Completed"


def test_a_kernel_that_died_before_its_first_record_keeps_its_folder_for_a_day(
    spool: Spool, store: Store, data: ProjectData
) -> None:
    age(spool.folder, 23 * 3600)
    assert sweep(data, store) == 1
    age(spool.folder, 3600)
    assert sweep(data, store) == 0
    assert not spool.folder.exists()


def test_settling_after_a_sweep_took_the_spool_changes_nothing(spool: Spool, store: Store, data: ProjectData) -> None:
    leave_blob(spool, b"model")
    write(spool, lines(opened(), started(), saved("outputs/m", b"model")))
    sweep(data, store)
    before = everything(data)
    settle(spool, store, "killed by SIGKILL")
    assert everything(data) == before


def test_a_sweep_leaves_the_streams_alone_that_a_collector_follows(
    spool: Spool, store: Store, data: ProjectData
) -> None:
    write(spool, lines(opened(), started()))
    assert sweep(data, store, skip={spool.stream}) == 1
    assert list_runs(data) == []
    settle(spool, store, "killed by SIGKILL")
    assert list_runs(data)[0]["error"] == {"name": "KernelDied", "message": "killed by SIGKILL"}


def test_a_followed_stream_whose_spool_was_removed_is_not_closed_by_a_sweep(
    spool: Spool, store: Store, data: ProjectData
) -> None:
    store.apply(spool.stream, 0, lines(opened(), started()), FACTS)
    shutil.rmtree(spool.folder)
    assert sweep(data, store, skip={spool.stream}) == 0
    assert list_runs(data)[0]["status"] == "Running"


def test_settling_does_not_close_a_stream_whose_process_still_lives(
    spool: Spool, store: Store, data: ProjectData, living: subprocess.Popen[bytes]
) -> None:
    write(spool, lines(opened(), started()))
    settle(spool, store, "the kernel died")
    assert list_runs(data)[0]["status"] == "Running"
    living.kill()
    living.wait()
    settle(spool, store, "the kernel died")
    assert list_runs(data)[0]["error"] == {"name": "KernelDied", "message": "the kernel died"}


def test_linked_folders_and_strange_names_are_ignored(store: Store, data: ProjectData, tmp_path: Path) -> None:
    foreign = tmp_path / STREAM
    foreign.mkdir()
    (foreign / "records.jsonl").write_bytes(lines(opened(), started()))
    data.spools.mkdir()
    (data.spools / foreign.name).symlink_to(foreign)
    shutil.copytree(foreign, data.spools / "notes")
    (data.spools / "20260102T030405-0123456789abcde0").write_text("a file")
    assert sweep(data, store) == 0
    assert list_runs(data) == []
    assert (data.spools / "notes" / "records.jsonl").exists()
    assert (foreign / "records.jsonl").exists()


def test_a_run_whose_spool_was_removed_by_hand_does_not_run_for_ever(
    spool: Spool, store: Store, data: ProjectData
) -> None:
    store.apply(spool.stream, 0, lines(opened(), started()), FACTS)
    shutil.rmtree(spool.folder)
    sweep(data, store)
    assert list_runs(data)[0]["error"] == {
        "name": "KernelDied",
        "message": "The records of the kernel were removed before the cell ended.",
    }


def test_a_spool_that_cannot_be_read_does_not_keep_others_out(
    store: Store, data: ProjectData, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broken, sound = sorted((data.new_spool(FACTS) for _ in range(2)), key=lambda spool: spool.stream)
    for spool, run in ((broken, RUN), (sound, OTHER_RUN)):
        write(spool, lines(opened(), started(run)))
    read = Spool.read

    def fail(self: Spool, offset: int) -> Iterator[tuple[int, bytes]]:
        if self.stream == broken.stream:
            raise OSError(5, "Input/output error")
        return read(self, offset)

    monkeypatch.setattr(Spool, "read", fail)
    assert sweep(data, store) == 1
    assert [run["status"] for run in list_runs(data)] == ["Failed"]
    assert caplog.messages == [f"{broken.folder}: these records cannot be read or removed (Input/output error)"]


def test_the_clock_may_jump_back_during_a_run(spool: Spool, store: Store, data: ProjectData) -> None:
    write(spool, lines(opened(), started(), logged("loss", 1, t=MORNING - 3600)))
    settle(spool, store, None)
    [run] = list_runs(data)
    assert run["duration"] == "0:00:00.000000"
    assert run["end_time_utc"] == run["start_time_utc"]


@pytest.fixture
def unfetched(spool: Spool) -> Path:
    """The mark of a spool whose kernel is in a container, which nobody has looked for since its server died."""
    mark = spool.folder / "unfetched"
    mark.touch()
    os.utime(mark, (0, 0))
    return mark


def test_a_run_whose_last_records_are_still_in_a_container_is_not_ended_by_a_sweep(
    spool: Spool, store: Store, data: ProjectData, unfetched: Path
) -> None:
    write(spool, lines(opened(), started(), logged("loss", 1), saved("outputs/m", b"model")))
    assert sweep(data, store) == 1
    [run] = list_runs(data)
    assert (run["loss"], run["status"]) == (1, "Running")
    leave_blob(spool, b"model")
    write(spool, lines(logged("loss", 2), ended()))
    unfetched.unlink()
    assert sweep(data, store) == 0
    assert info(data, RUN_ID)["status"] == "Completed"
    assert values(data) == [("loss", "1"), ("loss", "2")]
    assert [output["state"] for output in info(data, RUN_ID)["outputs"]] == ["kept"]
    assert not spool.folder.exists()


def test_a_container_is_waited_for_a_day_from_the_moment_on_at_which_its_server_is_missed(
    spool: Spool, store: Store, data: ProjectData, unfetched: Path
) -> None:
    write(spool, lines(opened(), started()))
    age(spool.folder, 7 * 24 * 3600)
    assert sweep(data, store) == 1
    age(unfetched, 23 * 3600)
    assert sweep(data, store) == 1
    age(unfetched, 3600)
    assert sweep(data, store) == 0
    assert list_runs(data)[0]["error"] == {
        "name": "KernelDied",
        "message": "The kernel's process ended before the cell did.",
    }


def test_a_server_that_lives_is_not_missed(
    spool: Spool, store: Store, data: ProjectData, unfetched: Path, living: subprocess.Popen[bytes]
) -> None:
    write(spool, lines(opened(), started()))
    sweep(data, store)
    assert unfetched.stat().st_mtime == 0


def test_a_container_all_of_whose_records_are_still_in_it_is_waited_for_however_old_its_spool_is(
    spool: Spool, store: Store, data: ProjectData, unfetched: Path
) -> None:
    store.apply(spool.stream, 0, lines(opened(), started()), FACTS)
    age(spool.folder, 7 * 24 * 3600)
    assert sweep(data, store) == 1
    assert list_runs(data)[0]["status"] == "Running"


def test_settling_ends_a_run_whose_last_records_are_still_in_a_container_and_keeps_its_spool_for_them(
    spool: Spool, store: Store, data: ProjectData, unfetched: Path
) -> None:
    write(spool, lines(opened(), started(), logged("loss", 1)))
    settle(spool, store, "the Docker engine went away")
    sweep(data, store)
    assert list_runs(data)[0]["error"] == {"name": "KernelDied", "message": "the Docker engine went away"}
    write(spool, lines(logged("loss", 2)))
    unfetched.unlink()
    assert sweep(data, store) == 0
    assert values(data) == [("loss", "1"), ("loss", "2")]
    assert list_runs(data)[0]["error"] == {"name": "KernelDied", "message": "the Docker engine went away"}


def test_a_mark_that_a_kernel_has_made_into_a_link_changes_nothing_elsewhere(
    spool: Spool, store: Store, data: ProjectData, tmp_path: Path
) -> None:
    mine = tmp_path / "mine"
    mine.touch()
    os.utime(mine, (0, 0))
    (spool.folder / "unfetched").symlink_to(mine)
    os.utime(spool.folder / "unfetched", (0, 0), follow_symlinks=False)
    write(spool, lines(opened(), started()))
    assert sweep(data, store) == 1
    assert mine.stat().st_mtime == 0


# A kernel that ends at once, and what it forked: that writes to the spool when it is told to, and ends.
FORKING = """
import os, sys
sys.path.insert(0, sys.argv[1])
from workbench_kernel.spool import Spool
spool = Spool(sys.argv[2])
if os.fork():
    os._exit(0)
print("forked", flush=True)
spool.append(sys.stdin.buffer.readline())
print("written", flush=True)
sys.stdin.read()
"""


def test_what_a_forked_child_logs_after_its_kernel_ended_is_not_lost(
    spool: Spool, store: Store, data: ProjectData
) -> None:
    inkernel = Path(jupyter_workbench.__file__).parent / "inkernel"
    write(spool, lines(opened(), started()))
    command = [sys.executable, "-c", FORKING, str(inkernel), str(spool.folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as kernel:
        assert kernel.stdin is not None
        assert kernel.stdout is not None
        assert kernel.stdout.readline() == b"forked\n"
        kernel.wait()
        assert sweep(data, store) == 1
        assert info(data, RUN_ID)["status"] == "Failed"
        kernel.stdin.write(lines(logged("late", 1)))
        kernel.stdin.flush()
        assert kernel.stdout.readline() == b"written\n"
        assert sweep(data, store) == 1
        assert values(data) == [("late", "1")]
        kernel.stdin.close()
    with (spool.folder / "records.jsonl").open() as records:
        fcntl.flock(records, fcntl.LOCK_EX)  # waits until the child has ended
    assert sweep(data, store) == 0
    assert not spool.folder.exists()


def test_a_database_that_is_moved_away_while_a_spool_is_read_costs_no_record(
    spool: Spool, store: Store, data: ProjectData, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = 20_000  # more than one piece
    write(spool, lines(opened(), started(), *(logged("loss", i) for i in range(count)), ended()))
    apply = store.apply

    def apply_and_move_away(*told: Any) -> int:
        monkeypatch.undo()
        reached = apply(*told)
        for file in data.root.glob("history.db*"):
            file.rename(data.root / f"old-{file.name}")
        return reached

    monkeypatch.setattr(store, "apply", apply_and_move_away)
    sweep(data, store)
    sweep(data, store)
    assert values(data) == [("loss", str(i)) for i in range(count)]
    assert info(data, RUN_ID)["status"] == "Completed"
