"""Part of `benchmarks.history`: a whole run into the store: its start, 10 metrics, 3 tags, its end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial

from benchmarks.history_tracked import OURS_OFF, OURS_ON, Candidate, Tracked
from benchmarks.history_visible import POLL_SECONDS, pause
from benchmarks.measure import report, take_turns
from benchmarks.mlflow_process import MlflowProcess
from benchmarks.our_records import METRICS, TAGS, OneStream
from benchmarks.tracking import AnyStore, MlflowStore

APPLY, CELL = "ours: Store.apply", "ours: a cell, until it is seen in the store"
MLFLOW_WAYS = {"run by calls": "call by call", "run in a batch": "log_batch"}
CELLS = 20  # of a block whose CPU time is taken
WHOLE_RUN = (
    f"for name, value in {METRICS!r}.items(): log(name, value)\n"
    f"%azureml tag {' '.join(f'{key}={value}' for key, value in TAGS.items())}"
)

Way = Callable[[], Awaitable[tuple[float, float]]]  # seconds, CPU seconds


async def whole_run(tracked: Tracked, rounds: int) -> None:
    """Time and CPU of a run on each way into a store."""
    cpu: dict[str, list[float]] = {}
    with OneStream(tracked.project.with_name("applied")) as stream:
        ways: dict[str, Way] = {APPLY: partial(_applied, stream), CELL: partial(_cell, tracked)}
        if tracked.mlflow_python is None:
            seconds = await _measured(ways, cpu, rounds)
        else:
            with MlflowProcess(tracked.mlflow_python) as mlflow:
                seconds = await _measured(ways | _mlflow_ways(mlflow, tracked), cpu, rounds)
    report("a whole run is in the store", seconds)
    report("a whole run, CPU time (of a cell: beyond an empty one with history off; kernel and server)", cpu)


async def _measured(ways: dict[str, Way], cpu: dict[str, list[float]], rounds: int) -> dict[str, list[float]]:
    async def once(name: str) -> float:
        seconds, spent = await ways[name]()
        cpu.setdefault(name, []).append(spent)
        return seconds

    seconds = await take_turns({name: partial(once, name) for name in ways}, rounds)
    for spent in cpu.values():
        del spent[0]  # the warm-up's
    return seconds


async def _applied(stream: OneStream) -> tuple[float, float]:
    lines = stream.run()
    began, cpu = time.perf_counter(), time.process_time()
    stream.apply(lines)
    return time.perf_counter() - began, time.process_time() - cpu


async def _cell(tracked: Tracked) -> tuple[float, float]:
    candidate, store = tracked.candidates[OURS_ON], tracked.stores[OURS_ON]
    await candidate.notebook.run(candidate.on)
    await _all_stored(store)
    seconds = await _until_stored(candidate, store)
    on = await _cpu_of_a_cell(candidate, store, WHOLE_RUN)
    off = tracked.candidates[OURS_OFF]
    await off.notebook.run(off.off)
    return seconds, on - await _cpu_of_a_cell(off, store, "pass")


async def _until_stored(candidate: Candidate, store: AnyStore) -> float:
    await pause()
    before, expected = store.newest(), store.count("metrics") + len(METRICS)
    began = time.perf_counter()
    await candidate.notebook.run(WHOLE_RUN)
    while store.newest() in (before, None):  # noqa: ASYNC110 - the store is looked at as any other process would
        await asyncio.sleep(POLL_SECONDS)
    taken = time.perf_counter() - began
    assert store.count("metrics") == expected, "the run has ended, but its metrics are not there"
    return taken


async def _cpu_of_a_cell(candidate: Candidate, store: AnyStore, cell: str) -> float:
    """Kernel and server, until everything is in the store; this process is the server."""
    kernel, server = await candidate.notebook.value("process_time()"), time.process_time()
    for _ in range(CELLS):
        await candidate.notebook.run(cell)
    await _all_stored(store)
    kernel = await candidate.notebook.value("process_time()") - kernel
    return float(kernel + time.process_time() - server) / CELLS


async def _all_stored(store: AnyStore) -> None:
    """Wait until nothing is on its way."""
    await asyncio.sleep(0.5)
    while store.newest() is None:  # noqa: ASYNC110
        await asyncio.sleep(0.1)


def _mlflow_ways(mlflow: MlflowProcess, tracked: Tracked) -> dict[str, Way]:
    return {
        f"{name}: {shown}": partial(_mlflow_run, mlflow, call, store.uri)
        for name, store in tracked.stores.items()
        if isinstance(store, MlflowStore)
        for call, shown in MLFLOW_WAYS.items()
    }


async def _mlflow_run(mlflow: MlflowProcess, call: str, uri: str) -> tuple[float, float]:
    answer = mlflow.call(call, uri, metrics=METRICS, tags=TAGS)
    return answer.seconds, answer.cpu
