"""The store under several processes at once, and under kill -9."""

from __future__ import annotations

import multiprocessing
import sqlite3
import subprocess
import sys
from multiprocessing.synchronize import Barrier
from pathlib import Path

from kernel_on_paper import FACTS, RUN, STREAM, ended, everything, lines, logged, opened, started, values, write

from jupyter_workbench.history.disk.spool import Spool
from jupyter_workbench.history.intake.sweep import sweep
from jupyter_workbench.history.location import ProjectData
from jupyter_workbench.history.reading.queries import list_runs
from jupyter_workbench.history.store.store import Store

PROCESSES = 8
ROUNDS = 20
KILLS = 20
_spawned = multiprocessing.get_context("spawn")


def write_a_fresh_store(root: Path, me: int, ready: Barrier) -> None:
    """Each round opens a store that no one has opened before, at the same moment as all others."""
    for turn in range(ROUNDS):
        ready.wait()
        store = Store(ProjectData(root / str(turn)))
        stream, run = f"20260102T030405-{me:016x}", f"{me:032x}"
        store.apply(stream, 0, lines(opened(), started(run), logged("who", me, run=run), ended(run)), FACTS)
        store.close()


def sweep_together(root: Path, ready: Barrier) -> None:
    for turn in range(ROUNDS):
        data = ProjectData(root / str(turn))
        ready.wait()
        store = Store(data)
        sweep(data, store)
        store.close()


def at_once(count: int, work: object, *arguments: object) -> list[int | None]:
    """Exit codes of ``count`` processes that do the same work."""
    processes = [_spawned.Process(target=work, args=(*arguments,)) for _ in range(count)]  # type: ignore[arg-type]
    return finished(processes)


def finished(processes: list[multiprocessing.process.BaseProcess]) -> list[int | None]:
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    return [process.exitcode for process in processes]


def test_eight_processes_open_and_write_a_fresh_store_at_once(tmp_path: Path) -> None:
    ready = _spawned.Barrier(PROCESSES)
    processes = [_spawned.Process(target=write_a_fresh_store, args=(tmp_path, me, ready)) for me in range(PROCESSES)]
    assert finished(processes) == [0] * PROCESSES
    for turn in range(ROUNDS):
        runs = list_runs(ProjectData(tmp_path / str(turn)))
        assert sorted(run["who"] for run in runs) == list(range(PROCESSES))
        assert sorted(run["run_number"] for run in runs) == list(range(1, PROCESSES + 1))
        assert len({run["run_id"] for run in runs}) == PROCESSES


def test_sweeps_of_several_processes_at_once_lose_and_double_nothing(tmp_path: Path) -> None:
    everyone = lines(opened(), started(), *(logged("loss", i) for i in range(500)))
    for turn in range(ROUNDS):
        for _ in range(3):
            write(ProjectData(tmp_path / str(turn)).new_spool(FACTS), everyone.replace(RUN.encode(), b"%032x" % turn))
    ready = _spawned.Barrier(4)
    assert at_once(4, sweep_together, tmp_path, ready) == [0] * 4
    for turn in range(ROUNDS):
        data = ProjectData(tmp_path / str(turn))
        assert values(data, f"{turn:032x}") == [("loss", str(i)) for i in range(500)]
        assert list(data.spools.iterdir()) == []


# Applies the spool of its argument piece by piece, and tells each piece: the reader knows when to kill.
APPLY_IN_A_LOOP = """
import sys
from pathlib import Path
from jupyter_workbench.history.location import ProjectData
from jupyter_workbench.history.disk.spool import Spool
from jupyter_workbench.history.store.store import Store
spool = Spool.at(Path(sys.argv[1]))
store = Store(ProjectData(spool.folder.parent.parent))
while True:
    offset = store.offset(spool.stream)
    piece = (spool.folder / "records.jsonl").read_bytes()[offset : offset + 3000]
    store.apply(spool.stream, offset, piece, spool.facts)
    print(offset, flush=True)
"""


def test_a_process_that_is_killed_while_it_applies_leaves_offset_and_rows_in_agreement(
    spool: Spool, data: ProjectData
) -> None:
    head = lines(opened(), started())
    logs = [lines(logged("loss", i)) for i in range(5000)]
    write(spool, head + b"".join(logs))
    for kill in range(KILLS):
        command = [sys.executable, "-c", APPLY_IN_A_LOOP, str(spool.folder)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            for _ in range(kill % 5 + 1):
                process.stdout.readline()
            process.kill()
        reached = everything(data)["streams"][0][1]
        applied = values(data)
        assert len(head) + sum(len(line) for line in logs[: len(applied)]) == reached
        assert applied == [("loss", str(i)) for i in range(len(applied))]
    store = Store(data)
    sweep(data, store)
    store.close()
    assert values(data) == [("loss", str(i)) for i in range(5000)]


def test_a_thread_that_reads_while_another_writes_sees_whole_pieces(data: ProjectData) -> None:
    import threading

    store = Store(data)
    first = lines(opened(), started())
    pairs = [lines(logged("x", i), logged("y", i)) for i in range(300)]

    def write_all() -> None:
        offset = store.apply(STREAM, 0, first, FACTS)
        for pair in pairs:
            offset = store.apply(STREAM, offset, pair, FACTS)

    writer = threading.Thread(target=write_all)
    writer.start()
    while writer.is_alive():
        connection = sqlite3.connect(data.database)
        counts = dict(connection.execute("SELECT name, count(*) FROM metrics GROUP BY name"))
        connection.close()
        assert counts.get("x") == counts.get("y")
    writer.join()
    store.close()
    assert len(values(data)) == 600
