"""What fails while spools are swept: it keeps no run running and no other spool out, and is told."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import pytest
from kernel_on_paper import FACTS, OTHER_RUN, RUN, RUN_ID, THIRD_RUN, ended, lines, opened, refuse, started, write

from jupyter_workbench.errors import HistoryError
from jupyter_workbench.history.disk.spool import Spool
from jupyter_workbench.history.intake.sweep import sweep
from jupyter_workbench.history.location import ProjectData
from jupyter_workbench.history.reading.queries import info, list_runs
from jupyter_workbench.history.store.store import Store


def test_records_that_can_be_read_no_more_keep_no_run_running(
    spool: Spool, store: Store, data: ProjectData, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(spool, lines(opened(), started()))
    store.apply(spool.stream, 0, lines(opened(), started()), FACTS)
    refuse(monkeypatch, "records.jsonl")
    assert sweep(data, store) == 1
    assert info(data, RUN_ID)["error"] == {
        "name": "KernelDied",
        "message": "The kernel's process ended before the cell did.",
    }


def test_what_the_kernel_told_of_its_end_counts_once_its_records_can_be_read_again(
    spool: Spool, store: Store, data: ProjectData, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(spool, lines(opened(), started(), ended()))
    store.apply(spool.stream, 0, lines(opened(), started()), FACTS)
    with monkeypatch.context() as ill:
        refuse(ill, "records.jsonl")
        sweep(data, store)
    assert sweep(data, store) == 0
    assert info(data, RUN_ID)["status"] == "Completed"


def test_a_spool_that_cannot_be_read_is_told_once(
    spool: Spool, store: Store, data: ProjectData, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    write(spool, lines(opened(), started()))
    refuse(monkeypatch, "records.jsonl")
    for _ in range(2):
        sweep(data, store)
    assert caplog.messages == [f"{spool.folder}: these records cannot be read or removed (Permission denied)"]


@pytest.mark.parametrize("bent", ["removed", "link"])
def test_a_kernel_that_takes_its_records_away_keeps_no_run_running(
    spool: Spool, store: Store, data: ProjectData, tmp_path: Path, bent: str
) -> None:
    store.apply(spool.stream, 0, lines(opened(), started()), FACTS)
    if bent == "link":
        (spool.folder / "records.jsonl").symlink_to(tmp_path / "elsewhere")
    assert sweep(data, store) == 0
    assert info(data, RUN_ID)["status"] == "Failed"
    assert not spool.folder.exists()


def test_a_living_kernel_that_took_its_records_away_is_left_alone(
    spool: Spool, store: Store, data: ProjectData, living: subprocess.Popen[bytes]
) -> None:
    store.apply(spool.stream, 0, lines(opened(), started()), FACTS)
    assert sweep(data, store) == 1
    assert info(data, RUN_ID)["status"] == "Running"


def fail_for(monkeypatch: pytest.MonkeyPatch, broken: Spool, error: Exception) -> None:
    apply = Store.apply

    def fail(self: Store, stream: str, *told: Any) -> int:
        if stream == broken.stream:
            raise error
        return apply(self, stream, *told)

    monkeypatch.setattr(Store, "apply", fail)


@pytest.mark.parametrize("error", [HistoryError("history.db: cannot be used (too big)"), RecursionError("too deep")])
def test_a_spool_that_the_store_cannot_take_keeps_no_other_one_out_and_is_told_at_the_end(
    store: Store, data: ProjectData, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    gone, broken, sound = sorted((data.new_spool(FACTS) for _ in range(3)), key=lambda spool: spool.stream)
    for spool, run, run_id in ((broken, RUN, "iris_5"), (sound, OTHER_RUN, "iris_6")):
        write(spool, lines(opened(), started(run, id=run_id)))
    store.apply(gone.stream, 0, lines(opened(), started(THIRD_RUN, id="iris_7")), FACTS)
    shutil.rmtree(gone.folder)
    fail_for(monkeypatch, broken, error)
    with pytest.raises(type(error)) as caught:
        sweep(data, store)
    assert caught.value is error
    assert {run["run_id"]: run["status"] for run in list_runs(data)} == {"iris_6": "Failed", "iris_7": "Failed"}


def test_a_sweep_waits_but_once_for_a_history_that_another_process_has_locked(
    store: Store, data: ProjectData, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        write(data.new_spool(FACTS), lines(opened()))
    tried: list[int] = []
    apply = Store.apply
    monkeypatch.setattr(Store, "apply", lambda *told: (tried.append(1), apply(*told))[1])
    store._connection.execute("PRAGMA busy_timeout = 0")
    with contextlib.closing(sqlite3.connect(data.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(HistoryError) as caught:
            sweep(data, store)
    assert str(caught.value) == (
        f"{data.database}: the run history has been in use by another process for 20 seconds - try again"
    )
    assert len(tried) == 1
