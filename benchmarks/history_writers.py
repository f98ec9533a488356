"""Part of `benchmarks.history`: several kernels that log at once into one project."""

from __future__ import annotations

import asyncio
import statistics
import time

from benchmarks.history_tracked import LOGS, OURS_ON, Candidate, Tracked, shuffled
from benchmarks.measure import goal_faster, report
from benchmarks.tracking import AnyStore

KERNELS = 4
VALUES = 10 * LOGS[1]  # of each kernel
MLFLOW_VALUES = 50
REST_SECONDS = 1.0  # in which a value that is there twice would come


async def kernels(tracked: Tracked, rounds: int) -> None:
    """Time until every value of every kernel is in the store, and count them."""
    groups = {name: [await tracked.another(name) for _ in range(KERNELS)] for name in tracked.stores}
    for group in groups.values():
        await asyncio.gather(*(kernel.notebook.run(kernel.on) for kernel in group))
    seconds: dict[str, list[float]] = {name: [] for name in groups}
    for number in range(rounds + 1):
        for name in shuffled(groups, number):
            taken = await _together(groups[name], tracked.stores[name], _values(name))
            seconds[name] += [taken / _values(name) / KERNELS] if number else []
    report(f"{KERNELS} kernels log at once: one value, until all of them are in the store", seconds, "us")
    for name in groups:
        print(f"  {name}: {KERNELS} times {_values(name)} values in each round, none lost, none twice")
    medians = [statistics.median(of_one) for of_one in seconds.values()]
    if len(medians) > 1:
        goal_faster("logging of several kernels, beside the faster MLflow", medians[0], min(medians[1:]), 20)


def _values(name: str) -> int:
    return VALUES if name == OURS_ON else MLFLOW_VALUES


async def _together(group: list[Candidate], store: AnyStore, values: int) -> float:
    expected = store.count("metrics") + len(group) * values
    began = time.perf_counter()
    cell = f"for number in range({values}): log('x', number)"
    await asyncio.gather(*(kernel.notebook.run(cell) for kernel in group))
    while store.count("metrics") < expected:
        await asyncio.sleep(0.01)
        assert time.perf_counter() - began < 120, f"{expected - store.count('metrics')} values are lost"
    taken = time.perf_counter() - began
    await asyncio.sleep(REST_SECONDS)
    assert store.count("metrics") == expected, "values are in the store twice"
    return taken
