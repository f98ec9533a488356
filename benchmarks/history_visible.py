"""Part of `benchmarks.history`: how soon others see what happened, a cell that ended and a value that was logged."""

from __future__ import annotations

import asyncio
import os
import random
import statistics
import subprocess
import time

from benchmarks.history_tracked import OURS_ON, Candidate, Tracked
from benchmarks.measure import goal, report
from benchmarks.tracking import AnyStore, Notebook

POLL_SECONDS = 0.002
PERIOD_SECONDS = (
    0.25  # in which kernels push what they have: a pause at random, or each round would meet one moment of it
)
# A value is the time of its call: the clock is that of all processes. The cell goes on meanwhile, as training does.
LOGGED_VALUES = 6
LOGGING = f"""
from random import random
from time import perf_counter, sleep
for _ in range({LOGGED_VALUES}):
    log("logged", perf_counter())
    sleep({PERIOD_SECONDS} * (1.1 + random()))
"""


async def visible(tracked: Tracked, rounds: int) -> None:
    """Time from the end of a cell, and from the call of `log` within one, until it can be seen."""
    for name in tracked.stores:
        await tracked.candidates[name].notebook.run(tracked.candidates[name].on)
        await asyncio.sleep(1)
    await _ended_cells(tracked, rounds)
    await _logged_values(tracked, rounds)
    for name in tracked.stores:
        await tracked.candidates[name].notebook.run(tracked.candidates[name].off)


async def pause() -> None:
    """Rest for a part of the period, so that the next cell begins anywhere in it."""
    await asyncio.sleep(PERIOD_SECONDS * random.random())


async def _ended_cells(tracked: Tracked, rounds: int) -> None:
    seconds: dict[str, list[float]] = {}
    for number in range(rounds + 1):
        for name, store in tracked.stores.items():
            notebook = tracked.candidates[name].notebook
            ways = {f"{name}: in the store": await _until_stored(notebook, store)}
            for shown, command in store.commands.items():
                ways[f"{name}: `{shown}`"] = await _until_listed(notebook, store, command)
            for way, taken in ways.items() if number else ():
                seconds.setdefault(way, []).append(taken)
    report("a cell that ended is visible", seconds)
    print(f"  runs in the stores: {', '.join(str(store.count('runs')) for store in tracked.stores.values())}")
    for way in list(seconds)[:2]:
        goal(way, statistics.median(seconds[way]), 0.5, "s")


async def _until_stored(notebook: Notebook, store: AnyStore) -> float:
    await pause()
    before = store.newest()
    await notebook.run("pass")
    ended = time.perf_counter()
    while store.newest() in (before, None):  # noqa: ASYNC110 - the store is looked at as any other process would
        await asyncio.sleep(POLL_SECONDS)
    return time.perf_counter() - ended


async def _until_listed(notebook: Notebook, store: AnyStore, command: tuple[str, ...]) -> float:
    await pause()
    before = store.newest()
    await notebook.run("pass")
    ended = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        *command, env=os.environ | store.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    listed, _ = await process.communicate()
    taken = time.perf_counter() - ended
    newest = store.newest()
    assert newest not in (before, None)
    assert str(newest).encode() in listed, f"{command} does not show the cell"
    return taken


async def _logged_values(tracked: Tracked, rounds: int) -> None:
    seconds: dict[str, list[float]] = {name: [] for name in tracked.stores}
    for number in range(rounds + 1):
        for name, store in tracked.stores.items():
            taken = await _while_it_runs(tracked.candidates[name], store)
            seconds[name] += taken if number else []
    report("a value logged in a cell that goes on is in the store, from the call of `log`", seconds)
    goal("a logged value", statistics.median(seconds[OURS_ON]), 0.5, "s")


async def _while_it_runs(candidate: Candidate, store: AnyStore) -> list[float]:
    taken: list[float] = []
    seen = time.perf_counter()
    cell = asyncio.create_task(candidate.notebook.run(LOGGING))
    while not cell.done():
        value = store.newest_value()
        if value is not None and value > seen:
            seen = value
            taken.append(time.perf_counter() - value)
        await asyncio.sleep(POLL_SECONDS)
    await cell
    assert len(taken) > 1, "no value was seen while the cell ran"
    return taken
