"""Spools: what a kernel left is read without trusting it; sweeps bring all of it into the store, then remove it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from kernel_on_paper import (
    FACTS,
    MORNING,
    OTHER_RUN,
    RUN,
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

from jupyter_workbench.errors import HistoryError
from jupyter_workbench.history import outputs
from jupyter_workbench.history import spool as spool_module
from jupyter_workbench.history.location import ProjectData, project_data
from jupyter_workbench.history.queries import info, list_runs
from jupyter_workbench.history.spool import KernelFacts, Spool
from jupyter_workbench.history.store import Store
from jupyter_workbench.history.sweep import settle, sweep

# Holds the spool's lock as a kernel does, says so, and lives until its input ends.
KERNEL = """
import fcntl, os, sys
lock = os.open(sys.argv[1] + "/lock", os.O_RDWR | os.O_CREAT, 0o600)
fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
print("locked", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def living(spool: Spool) -> Iterator[subprocess.Popen[bytes]]:
    """A process that holds the lock of the spool."""
    command = [sys.executable, "-c", KERNEL, str(spool.folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"locked\n"
        yield process
        process.kill()


def age(folder: Path, seconds: float) -> None:
    then = folder.stat().st_mtime - seconds
    os.utime(folder, (then, then))


def test_a_new_spool_is_private_and_tells_the_kernel_its_facts(spool: Spool) -> None:
    assert re.fullmatch(r"\d{8}T\d{6}-[0-9a-f]{16}", spool.stream)
    assert stat.S_IMODE(spool.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((spool.folder / "kernel.json").stat().st_mode) == 0o600
    assert json.loads((spool.folder / "kernel.json").read_text()) == {
        "version": 1,
        "stream": spool.stream,
        "project": "iris",
        "project_dir": "/projects/iris",
        "run_configuration": "local",
        "target": "local",
        "target_type": "local",
        "framework": "Python",
        "tracked_run": True,
        "kernel_id": "kernel-1",
        "notice": None,
        "notebook": None,
    }
    assert Spool.at(spool.folder) == spool


def test_facts_that_are_no_unicode_are_kept_escaped(data: ProjectData) -> None:
    spool = data.new_spool(replace(FACTS, project_dir="/projects/caf\udce9", tracked_run=False))
    assert spool.facts == replace(FACTS, project_dir="/projects/caf\\udce9", tracked_run=False)
    assert Spool.at(spool.folder) == spool


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
        content = os.open(tmp_path / "model", os.O_RDONLY)
        outputs.keep(data, content, hashlib.sha256(b"model").hexdigest(), 5)
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


@pytest.mark.parametrize("text", ["", "{", "[]", '{"project": 7, "tracked_run": "?"}', "[" * 100_000])
def test_facts_that_a_kernel_spoilt_are_empty(spool: Spool, text: str) -> None:
    (spool.folder / "kernel.json").write_text(text)
    assert Spool.at(spool.folder).facts == KernelFacts("", "", "", "", "", "")


def test_a_spool_that_cannot_be_made_says_where(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file in the way")
    with pytest.raises(HistoryError) as caught:
        ProjectData(tmp_path / "data").new_spool(FACTS)
    assert re.sub(r"\d{8}T\d{6}-[0-9a-f]{16}", "STREAM", str(caught.value)) == (
        f"{tmp_path}/data/spools/STREAM: the run history cannot be written (File exists) - make the folder "
        "writable, or name another one in JUPYTER_WORKBENCH_DATA_DIR"
    )


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


def test_a_kernel_is_alive_exactly_as_long_as_it_holds_the_lock(spool: Spool, living: subprocess.Popen[bytes]) -> None:
    write(spool, lines(opened()))
    assert spool.is_alive()
    living.kill()
    living.wait()
    assert not spool.is_alive()


def test_a_kernel_that_asks_for_its_own_history_keeps_its_lock(spool: Spool) -> None:
    ask = (
        "import json, os, socket, subprocess, sys\n"
        "from pathlib import Path\n"
        "from jupyter_workbench.history.spool import Spool\n"
        + KERNEL.replace("sys.stdin.read()", "").replace('print("locked", flush=True)', "")
        + "record = {'e': 'open', 't': 1.0, 'pid': os.getpid(), 'host': socket.gethostname()}\n"
        "Path(sys.argv[1], 'records.jsonl').write_text(json.dumps(record) + '\\n')\n"
        "print(Spool.at(Path(sys.argv[1])).is_alive())\n"
        "other = 'import sys; from pathlib import Path; from jupyter_workbench.history.spool import Spool;'\n"
        "other += 'print(Spool.at(Path(sys.argv[1])).is_alive())'\n"
        "sys.stdout.flush()\n"
        "subprocess.run([sys.executable, '-c', other, sys.argv[1]], check=True)\n"
    )
    answer = subprocess.run([sys.executable, "-c", ask, str(spool.folder)], capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["True", "True"]


def test_records_that_are_a_link_or_a_pipe_are_not_read(spool: Spool, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(lines(opened()))
    (spool.folder / "records.jsonl").symlink_to(tmp_path / "secret")
    assert list(spool.read(0)) == []
    assert not spool.was_ready()
    (spool.folder / "records.jsonl").unlink()
    os.mkfifo(spool.folder / "records.jsonl")
    assert list(spool.read(0)) == []


def test_reading_gives_whole_lines_however_long_they_are(spool: Spool) -> None:
    long = lines(logged("v", "x" * 3_000_000))
    write(spool, lines(opened()) + long + lines(ended()) + b'{"torn')
    pieces = list(spool.read(0))
    assert b"".join(piece for _, piece in pieces) == lines(opened()) + long + lines(ended())
    assert [offset for offset, _ in pieces] == [0, *(len(pieces[0][1]) for _ in pieces[1:2])]
    assert all(piece.endswith(b"\n") for _, piece in pieces)


def test_a_line_beyond_the_limit_is_passed_over_and_counted(
    spool: Spool, store: Store, data: ProjectData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool_module, "MAX_RECORD_BYTES", 2_000_000)
    endless = lines(logged("v", "x" * 5_000_000))
    before, after = lines(opened(), started()), lines(logged("loss", 1), ended())
    write(spool, before + endless + after + endless)
    settle(spool, store, None)
    assert values(data) == [("loss", "1")]
    assert everything(data)["streams"][0][1:3] == (len(before + endless + after + endless), 2)


def test_why_a_kernel_died_is_in_its_own_words(spool: Spool) -> None:
    assert spool.start_error() is None
    (spool.folder / "start-error.txt").write_text("No module named 'ipykernel'\n")
    assert spool.start_error() == "No module named 'ipykernel'"


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
    leftover = data.spools / ".20260102T030405-0123456789abcdef.removed"
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


def test_settling_removes_a_spool_without_records_at_once(spool: Spool, store: Store) -> None:
    settle(spool, store, None)
    assert not spool.folder.exists()


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
    foreign = tmp_path / "20260102T030405-0123456789abcdef"
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


def test_removing_a_spool_follows_no_link_out_of_it(
    spool: Spool, store: Store, data: ProjectData, tmp_path: Path
) -> None:
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "file").write_text("mine")
    (spool.folder / "blobs").symlink_to(tmp_path / "precious")
    write(spool, lines(opened(), started(), saved("outputs/x", b"mine")))
    assert sweep(data, store) == 0
    assert (tmp_path / "precious" / "file").read_text() == "mine"
    assert info(data, "iris_1504832281117")["outputs"][0]["problem"] == "the kernel left no regular file"


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
    assert [(output["path"], output["state"]) for output in info(data, "iris_1504832281117")["outputs"]] == [
        ("outputs/again.pkl", "kept"),
        ("outputs/model.pkl", "kept"),
    ]
    assert [path for path in data.blobs.rglob("*") if path.is_file()] == [kept]


def test_a_content_that_is_kept_already_need_not_be_there(spool: Spool, store: Store, data: ProjectData) -> None:
    earlier = data.new_spool(FACTS)
    leave_blob(earlier, b"model")
    write(earlier, lines(opened(), started(OTHER_RUN, id="iris_1"), saved("outputs/m", b"model", run=OTHER_RUN)))
    settle(earlier, store, None)
    write(spool, lines(opened(), started(), saved("outputs/m", b"model")))
    settle(spool, store, None)
    assert info(data, "iris_1504832281117")["outputs"][0]["state"] == "kept"


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
    run = info(data, "iris_1504832281117")
    assert [(output["state"], output["problem"]) for output in run["outputs"]] == [("lost", problem)]
    assert run["attachments"] == ""
    assert [path for path in data.blobs.rglob("*") if path.is_file()] == []
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
    [output] = info(data, "iris_1504832281117")["outputs"]
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
    assert info(data, "iris_1504832281117")["outputs"][0]["state"] == "waiting"
    leave_blob(spool, b"model")
    sweep(data, store)
    assert info(data, "iris_1504832281117")["outputs"][0]["state"] == "kept"


def test_a_path_that_is_saved_again_holds_the_newer_content(spool: Spool, store: Store, data: ProjectData) -> None:
    leave_blob(spool, b"old")
    newer = leave_blob(spool, b"newer")
    write(spool, lines(opened(), started(), saved("outputs/m", b"old"), saved("outputs/m", b"newer")))
    settle(spool, store, None)
    [output] = info(data, "iris_1504832281117")["outputs"]
    assert (output["sha256"], output["size"], output["state"]) == (newer, 5, "kept")


def test_an_output_that_finds_no_room_waits_in_its_spool(
    spool: Spool, store: Store, data: ProjectData, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_blob(spool, b"model")
    write(spool, lines(opened(), started(), saved("outputs/m", b"model")))
    with monkeypatch.context() as full:
        full.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        with pytest.raises(HistoryError) as caught:
            sweep(data, store)
    assert str(caught.value) == (
        f"{data.blobs}: an output cannot be kept (No space left on device) - it waits in {spool.folder}"
    )
    assert [path for path in data.blobs.rglob("*") if path.is_file()] == []
    assert sweep(data, store) == 0
    assert info(data, "iris_1504832281117")["outputs"][0]["state"] == "kept"


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
    monkeypatch.setattr("jupyter_workbench.history.beneath._CAN_REFUSE_LINKS", False)
    leave_blob(spool, b"model")
    record = saved("outputs/linked", b"secret")
    (tmp_path / "secret").write_bytes(b"secret")
    (spool.folder / "blobs" / record["sha256"]).symlink_to(tmp_path / "secret")
    write(spool, lines(opened(), started(), record, saved("outputs/m", b"model")))
    assert sweep(data, store) == 0
    states = {output["path"]: output["state"] for output in info(data, "iris_1504832281117")["outputs"]}
    assert states == {"outputs/linked": "lost", "outputs/m": "kept"}


def test_a_blob_is_named_by_its_hash(data: ProjectData) -> None:
    assert outputs.blob_path(data.blobs, "ab" * 32) == data.blobs / "ab" / ("ab" * 32)


def test_the_clock_may_jump_back_during_a_run(spool: Spool, store: Store, data: ProjectData) -> None:
    write(spool, lines(opened(), started(), logged("loss", 1, t=MORNING - 3600)))
    settle(spool, store, None)
    [run] = list_runs(data)
    assert run["duration"] == "0:00:00.000000"
    assert run["end_time_utc"] == run["start_time_utc"]
