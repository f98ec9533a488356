"""The collector: what a kernel pushes is visible at once, and nothing that goes wrong reaches the server."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace

import pytest
from kernel_on_paper import (
    FACTS,
    OTHER_STREAM,
    RUN_ID,
    ended,
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
from jupyter_workbench.history.disk.spool import KernelFacts, Spool
from jupyter_workbench.history.intake import collector as collector_module
from jupyter_workbench.history.intake import guarded_store
from jupyter_workbench.history.intake.collector import Collector, _joined, _Piece
from jupyter_workbench.history.intake.news import News
from jupyter_workbench.history.location import ProjectData
from jupyter_workbench.history.reading.queries import info, list_runs
from jupyter_workbench.history.store.store import Store

VISIBLE_SECONDS = 0.5
"""Kept by the best of several: a busy machine is late now and then."""

PUSHES = 3
AT_MOST_SECONDS = 2.0
"""Until any one of them is visible: sooner than a store that failed is tried again."""


@pytest.fixture
async def collector(data: ProjectData, spool: Spool) -> AsyncIterator[Collector]:
    collector = Collector(data, spool)
    yield collector
    await collector.close()


async def until(holds: Callable[[], bool], seconds: float = 20) -> float:
    """Seconds until something holds; other tasks run in the meantime."""
    began = time.perf_counter()
    while not holds():
        assert time.perf_counter() - began < seconds
        await asyncio.sleep(0.005)
    return time.perf_counter() - began


def push(spool: Spool, data: bytes, offset: int = 0) -> dict[str, object]:
    return {"stream": spool.stream, "offset": offset, "data": data.decode()}


async def test_what_is_pushed_is_visible_within_half_a_second(
    collector: Collector, spool: Spool, data: ProjectData
) -> None:
    pushed = lines(opened(), started())
    collector.receive(push(spool, pushed))
    await until(lambda: data.database.exists() and list_runs(data) != [])  # to make the database takes longer
    took = []
    for number in range(1, PUSHES + 1):
        line = lines(logged("loss", number))
        collector.receive(push(spool, line, len(pushed)))
        pushed += line
        took.append(await until(lambda number=number: len(values(data)) == number))
    assert values(data) == [("loss", "1"), ("loss", "2"), ("loss", "3")]
    assert min(took) < VISIBLE_SECONDS, took
    assert max(took) < AT_MOST_SECONDS, took


async def test_a_gap_is_filled_from_the_spool(collector: Collector, spool: Spool, data: ProjectData) -> None:
    missed, pushed = lines(opened(), started(), logged("loss", 1)), lines(logged("loss", 2))
    write(spool, missed + pushed)
    collector.receive(push(spool, pushed, len(missed)))
    await until(lambda: data.database.exists() and list_runs(data) != [])
    assert values(data) == [("loss", "1"), ("loss", "2")]


async def test_a_nudge_makes_it_read_the_spool(collector: Collector, spool: Spool, data: ProjectData) -> None:
    everyone = lines(opened(), started(), *(logged("loss", i) for i in range(1000)))
    write(spool, everyone)
    collector.receive({"stream": spool.stream, "offset": 0, "size": len(everyone)})
    await until(lambda: data.database.exists() and list_runs(data) != [])
    assert len(values(data)) == 1000


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"stream": OTHER_STREAM, "offset": 0, "data": "{}\n"},
        {"stream": None, "offset": None, "data": None},
        [],
        "text",
        None,
    ],
)
async def test_messages_of_others_are_ignored(collector: Collector, data: ProjectData, content: object) -> None:
    collector.receive(content)
    await collector.settle(None)
    assert list_runs(data) == []


@pytest.mark.parametrize("offset", [None, "0", -1, 1 << 70, True, 0.5])
@pytest.mark.parametrize("text", [None, "", 7, "\ud800\n", "{}", "x" * 2_000_000])
async def test_a_strange_message_costs_no_record(
    collector: Collector, spool: Spool, data: ProjectData, offset: object, text: object
) -> None:
    write(spool, lines(opened(), started(), logged("loss", 1)))
    collector.receive({"stream": spool.stream, "offset": offset, "data": text})
    await collector.settle(None)
    assert values(data) == [("loss", "1")]


async def test_many_pieces_at_once_are_taken_in_as_one(
    collector: Collector, spool: Spool, data: ProjectData, monkeypatch: pytest.MonkeyPatch
) -> None:
    applied: list[int] = []
    apply = Store.apply
    monkeypatch.setattr(
        Store,
        "apply",
        lambda self, stream, offset, data, facts: (applied.append(offset), apply(self, stream, offset, data, facts))[1],
    )
    offset = 0
    for record in (opened(), started(), *(logged("loss", i) for i in range(50))):
        collector.receive(push(spool, lines(record), offset))
        offset += len(lines(record))
    await until(lambda: data.database.exists() and list_runs(data) != [])
    assert applied == [0]
    assert len(values(data)) == 50


async def test_settling_takes_in_what_was_never_pushed_and_tells_the_reason(
    collector: Collector, spool: Spool, data: ProjectData
) -> None:
    sha256 = leave_blob(spool, b"model")
    first = lines(opened(), started())
    write(spool, first + lines(logged("loss", 1), saved("outputs/m", b"model")))
    collector.receive(push(spool, first))
    await collector.settle("The kernel died (killed by SIGKILL).")
    run = info(data, RUN_ID)
    assert (run["loss"], run["status"]) == (1, "Failed")
    assert run["error"] == {"name": "KernelDied", "message": "The kernel died (killed by SIGKILL)."}
    assert (data.blobs / sha256[:2] / sha256).read_bytes() == b"model"
    assert not spool.folder.exists()


async def test_an_output_is_kept_while_the_kernel_lives(collector: Collector, spool: Spool, data: ProjectData) -> None:
    leave_blob(spool, b"model")
    pushed = lines(opened(), started(), saved("outputs/m", b"model"), ended())
    collector.receive(push(spool, pushed))
    await until(lambda: data.database.exists() and list_runs(data) != [])
    await until(lambda: info(data, RUN_ID)["outputs"][0]["state"] == "kept")


class Heard:
    """Problems as they are told."""

    def __init__(self) -> None:
        self.problems: list[tuple[str, str | None]] = []

    def changed(self, project_dir: str, run_ids: Sequence[str]) -> None:
        """Hear nothing."""

    def problem(self, project_dir: str, source: str, problem: str | None) -> None:
        self.problems.append((source, problem))


async def take_three_times(collector: Collector, spool: Spool, data: ProjectData, tried: list[int]) -> None:
    """Let the collector write, and look for outputs, until the latter was tried three times."""
    told = lines(opened(), started())
    collector.receive(push(spool, told))
    for turn in range(3):
        await until(lambda: tried != [])
        tried.clear()
        piece = lines(logged("loss", turn))
        collector.receive(push(spool, piece, len(told)))
        told += piece
    await until(lambda: len(values(data)) == 3)


async def test_outputs_that_cannot_be_looked_for_are_told_once_while_records_come_in(
    data: ProjectData, spool: Spool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tried: list[int] = []

    def fail(*_: object, **__: object) -> None:
        tried.append(1)
        raise HistoryError("no room for outputs")

    heard, told = Heard(), News()
    told.listen(heard)
    collector = Collector(data, spool, told=told)
    monkeypatch.setattr(collector_module.outputs, "take", fail)
    await take_three_times(collector, spool, data, tried)
    assert heard.problems == [(f"{spool.stream} outputs", "no room for outputs")]
    assert caplog.messages == [
        f"no room for outputs (what the kernel logs is kept in {spool.folder} and taken in later)"
    ]
    await collector.close()
    assert heard.problems[1:] == [("sweep", "no room for outputs"), (f"{spool.stream} outputs", None)]


async def test_outputs_that_cannot_be_looked_for_close_no_store_in_which_records_are_written(
    collector: Collector, data: ProjectData, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[int] = []
    closed: list[Store] = []
    used: list[Store] = []
    apply, close = Store.apply, Store.close

    def fail(*_: object, **__: object) -> None:
        tried.append(1)
        raise HistoryError("no room for outputs")

    monkeypatch.setattr(Store, "apply", lambda self, *told: (used.append(self), apply(self, *told))[1])
    monkeypatch.setattr(Store, "close", lambda self: (closed.append(self), close(self))[1])
    monkeypatch.setattr(collector_module.outputs, "take", fail)
    await take_three_times(collector, spool, data, tried)
    assert len({id(store) for store in used}) == 1
    assert used[0] not in closed


async def test_a_broken_store_is_told_once_and_tried_again_until_it_works(
    collector: Collector,
    spool: Spool,
    data: ProjectData,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    tried: list[int] = []
    monkeypatch.setattr(guarded_store, "Store", lambda data: (tried.append(1), Store(data))[1])
    monkeypatch.setattr(collector_module, "RETRY_SECONDS", 0.01)
    data.database.write_bytes(b"no database\n" * 1000)
    pushed = lines(opened(), started(), logged("loss", 1))
    write(spool, pushed)
    collector.receive(push(spool, pushed))
    await until(lambda: len(tried) >= 3)
    data.database.unlink()
    await until(lambda: data.database.exists() and list_runs(data) != [])
    assert values(data) == [("loss", "1")]
    assert caplog.messages == [
        f"{data.database}: the run history is damaged (not a database) - `workbench history repair` saves what can "
        f"be read and what still waits in spools (what the kernel logs is kept in {spool.folder} and taken in later)"
    ]


async def test_a_database_that_was_moved_away_after_it_broke_is_not_written_any_more(
    collector: Collector, spool: Spool, data: ProjectData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collector_module, "RETRY_SECONDS", 0.01)
    first, second = lines(opened(), started()), lines(logged("loss", 1))
    write(spool, first + second)
    collector.receive(push(spool, first))
    await until(lambda: data.database.exists() and list_runs(data) != [])
    apply = Store.apply
    failures: list[int] = []

    def fail(self: Store, stream: str, offset: int, data_: bytes, facts: KernelFacts) -> int:
        if failures:
            return apply(self, stream, offset, data_, facts)
        failures.append(offset)
        for path in data.root.glob("history.db*"):
            path.rename(path.with_name("damaged-" + path.name))
        raise HistoryError("the run history is damaged")

    monkeypatch.setattr(Store, "apply", fail)
    collector.receive(push(spool, second, len(first)))
    await until(lambda: failures != [] and data.database.exists() and list_runs(data) != [])
    assert values(data) == [("loss", "1")]


async def test_settling_with_a_broken_store_leaves_the_spool_to_a_sweep(
    collector: Collector, spool: Spool, data: ProjectData, caplog: pytest.LogCaptureFixture
) -> None:
    data.database.write_bytes(b"no database\n" * 1000)
    write(spool, lines(opened(), started()))
    await collector.settle("died")
    assert spool.folder.exists()
    assert len(caplog.messages) == 1


async def test_the_runs_of_a_project_folder_whose_name_is_not_unicode_are_taken_in(data: ProjectData) -> None:
    spool = data.new_spool(replace(FACTS, project_dir="/projects/caf\udce9"))
    collector = Collector(data, spool)
    write(spool, lines(opened(), started(), ended()))
    await collector.settle(None)
    await collector.close()
    assert [run["status"] for run in list_runs(data)] == ["Completed"]


async def test_a_fault_of_our_own_is_logged_once_with_its_traceback_and_stops_nothing(
    collector: Collector,
    spool: Spool,
    data: ProjectData,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    tried: list[int] = []

    def fail(_: ProjectData) -> Store:
        tried.append(1)
        raise KeyError("missing")

    monkeypatch.setattr(collector_module, "RETRY_SECONDS", 0.01)
    pushed = lines(opened(), started(), logged("loss", 1))
    write(spool, pushed)
    with monkeypatch.context() as faulty:
        faulty.setattr(guarded_store, "Store", fail)
        collector.receive(push(spool, pushed))
        await until(lambda: len(tried) >= 3)
    await until(lambda: data.database.exists() and list_runs(data) != [])
    assert values(data) == [("loss", "1")]
    assert caplog.messages == [
        "The run history failed in a way that its authors did not foresee; please report this "
        f"(what the kernel logs is kept in {spool.folder} and taken in later)"
    ]
    assert caplog.records[0].exc_info is not None
    assert caplog.records[0].exc_info[0] is KeyError


async def test_a_fault_while_settling_does_not_reach_the_server(
    collector: Collector, spool: Spool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise KeyError("missing")

    monkeypatch.setattr(collector_module.sweep, "settle", fail)
    await collector.settle("died")
    assert spool.folder.exists()
    assert len(caplog.messages) == 1


async def test_receiving_does_not_wait_for_anything(collector: Collector, spool: Spool) -> None:
    record = push(spool, lines(opened()))
    began = time.perf_counter()
    for _ in range(1000):
        collector.receive(record)
    assert time.perf_counter() - began < 0.5


async def test_a_collector_that_never_heard_anything_closes(data: ProjectData) -> None:
    collector = Collector(data, data.new_spool(FACTS))
    await collector.close()
    assert not data.database.exists()


async def test_a_process_that_ends_does_not_wait_for_a_history_that_is_locked(spool: Spool, data: ProjectData) -> None:
    collector = Collector(data, spool)
    collector.receive(push(spool, lines(opened(), started())))
    await until(lambda: data.database.exists() and list_runs(data) != [])
    await collector.close()
    writers = [thread for thread in threading.enumerate() if thread.name == "run-history"]
    assert writers
    assert all(thread.daemon for thread in writers)


def test_a_flood_of_small_pieces_is_joined_in_no_time() -> None:
    pieces = [_Piece(3 * number, b"{}\n") for number in range(200_000)]
    start = time.process_time()
    assert _joined([*pieces, _Piece(1_000_000, b"[]\n")]) == [(0, b"{}\n" * 200_000), (1_000_000, b"[]\n")]
    assert time.process_time() - start < 1.5  # to copy what is there for each of them takes ten times as long
