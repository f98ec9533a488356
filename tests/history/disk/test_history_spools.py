"""Spools: what a kernel left is read without trusting it."""

from __future__ import annotations

import io
import json
import os
import re
import socket
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from kernel_on_paper import (
    FACTS,
    KERNEL,
    RUN_ID,
    ended,
    everything,
    lines,
    logged,
    opened,
    refuse,
    started,
    values,
    write,
)

from jupyter_workbench.errors import HistoryError
from jupyter_workbench.history.disk import spool as spool_module
from jupyter_workbench.history.disk.spool import KernelFacts, Spool, _whole_lines
from jupyter_workbench.history.intake.sweep import catch_up, settle
from jupyter_workbench.history.location import ProjectData
from jupyter_workbench.history.reading.queries import info
from jupyter_workbench.history.store.store import Store

SPARSE = 1 << 34  # bytes, of which the disk keeps hardly any
NAME_OF_A_STREAM = r"\d{8}T\d{6}-[0-9a-f]{16}"


class Endless(io.BytesIO):
    """A file of zeros that counts what it gives."""

    given = 0

    def read(self, size: int | None = -1, /) -> bytes:
        assert size
        self.given += size
        return bytes(size) if self.given < SPARSE else b""

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        return SPARSE if whence == os.SEEK_END else offset


def test_a_new_spool_is_private_and_tells_the_kernel_its_facts(spool: Spool) -> None:
    assert re.fullmatch(NAME_OF_A_STREAM, spool.stream)
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
        "user": None,
        "environment": None,
        "page": None,
    }
    assert Spool.at(spool.folder) == spool


def test_facts_that_are_no_unicode_are_kept_escaped(data: ProjectData) -> None:
    spool = data.new_spool(replace(FACTS, project_dir="/projects/caf\udce9", tracked_run=False))
    assert spool.facts == replace(FACTS, project_dir="/projects/caf\\udce9", tracked_run=False)
    assert Spool.at(spool.folder) == spool


@pytest.mark.parametrize("text", ["", "{", "[]", '{"project": 7, "tracked_run": "?"}', "[" * 100_000])
def test_facts_that_a_kernel_spoilt_are_empty(spool: Spool, text: str) -> None:
    (spool.folder / "kernel.json").write_text(text)
    assert Spool.at(spool.folder).facts == KernelFacts("", "", "", "", "", "")


def test_a_spool_that_cannot_be_made_says_where(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file in the way")
    with pytest.raises(HistoryError) as caught:
        ProjectData(tmp_path / "data").new_spool(FACTS)
    assert re.sub(NAME_OF_A_STREAM, "STREAM", str(caught.value)) == (
        f"{tmp_path}/data/spools/STREAM: the run history cannot be written (File exists) - make the folder "
        "writable, or name another one in JUPYTER_WORKBENCH_DATA_DIR"
    )


def test_a_kernel_is_alive_exactly_as_long_as_it_holds_the_lock(spool: Spool, living: subprocess.Popen[bytes]) -> None:
    write(spool, lines(opened()))
    assert spool.is_alive()
    living.kill()
    living.wait()
    assert not spool.is_alive()


def test_a_dead_kernel_is_not_alive_because_its_records_name_the_process_that_looks(spool: Spool) -> None:
    write(spool, lines(opened(pid=os.getpid(), host=socket.gethostname())))
    (spool.folder / "lock").touch()
    assert not spool.is_alive()


def test_a_lock_that_a_kernel_made_unreadable_keeps_it_no_more_alive_than_a_link(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    (spool.folder / "lock").touch()
    refuse(monkeypatch, "lock")
    assert not spool.is_alive()


def test_a_kernel_that_asks_for_its_own_history_keeps_its_lock(spool: Spool) -> None:
    ask = (
        "import os, subprocess, sys\n"
        "from pathlib import Path\n"
        "from jupyter_workbench.history.disk.spool import Spool\n"
        + KERNEL.replace("sys.stdin.read()", "").replace('print("locked", flush=True)', "")
        + "print(Spool.at(Path(sys.argv[1])).is_alive())\n"
        "other = 'import sys; from pathlib import Path; from jupyter_workbench.history.disk.spool import Spool;'\n"
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


def test_a_line_without_an_end_is_passed_over_once_however_long_it_is(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool_module, "MAX_RECORD_BYTES", 2_000_000)
    write(spool, lines(opened()))
    os.truncate(spool.folder / "records.jsonl", SPARSE)
    assert list(spool.read(0)) == [(0, lines(opened())), (SPARSE, b"")]
    assert list(spool.read(SPARSE)) == []


def test_of_a_line_without_an_end_no_more_is_read_than_would_tell_that_it_is_too_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(spool_module, "MAX_RECORD_BYTES", 2_000_000)
    endless = Endless()
    assert list(_whole_lines(endless, 0)) == [(SPARSE, b"")]
    assert endless.given < 10_000_000


def test_records_behind_a_line_without_an_end_are_taken_in_and_what_is_missing_is_told(
    spool: Spool, store: Store, data: ProjectData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool_module, "MAX_RECORD_BYTES", 2_000_000)
    write(spool, lines(opened(), started()))
    os.truncate(spool.folder / "records.jsonl", 1 << 30)  # not so much that what follows were above the limit
    catch_up(spool, store)
    write(spool, b"\n" + lines(logged("loss", 1), ended()))
    catch_up(spool, store)
    run = info(data, RUN_ID)
    assert (run["loss"], run["status"]) == (1, "Completed")
    assert run["incomplete"] == "A record of the kernel above 256 MB was left out."
    assert everything(data)["streams"][0][2] == 1


def test_a_run_ends_with_its_kernel_that_left_a_line_without_an_end(
    spool: Spool, store: Store, data: ProjectData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool_module, "MAX_RECORD_BYTES", 2_000_000)
    write(spool, lines(opened(), started()))
    os.truncate(spool.folder / "records.jsonl", SPARSE)
    settle(spool, store, "killed by SIGKILL")
    assert info(data, RUN_ID)["error"] == {"name": "KernelDied", "message": "killed by SIGKILL"}
    assert not spool.folder.exists()


def test_why_a_kernel_died_is_in_its_own_words(spool: Spool) -> None:
    assert spool.start_error() is None
    (spool.folder / "start-error.txt").write_text("No module named 'ipykernel'\n")
    assert spool.start_error() == "No module named 'ipykernel'"
