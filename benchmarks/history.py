"""What run history costs and how soon it shows, beside the same through MLflow with its SQLite store.

    python -m benchmarks.history [--rounds N] [--mlflow-python PATH]

Goals: an empty cell with history on costs at most 5 % or 0.3 ms more, whichever is more; one `logger.log` at most 5
microseconds; a cell that ended is visible to `history list` within 0.5 s.

What is fair:

- Every kernel is a `<project> local` of one interpreter (MLflow's, when there is one), started through the server's
  manager in this process: what the server does with the records is part of what is measured.
- History off and on are the same kernel, switched before each block of cells. MLflow has kernels of its own, with
  history off, and hooks around each cell that record what we do: a run that ends, with the cell's source as a tag.
- Cells of a block follow each other at once ("run all"), so what is left for later falls into the cells that follow.
  Each round shuffles the candidates; before the next block everything is written and both processors rest.
- History off is there twice: what its second row seems to cost is the noise of this run.
- MLflow has its database made and migrated before, its telemetry off, and is shown with SQLite as it sets it up and
  in WAL mode, which is faster. It keeps `synchronous = FULL`, though: it syncs before the cell goes on. Ours hands
  each record to the operating system before the cell goes on, and SQLite's syncs are the server's.
- A cell of MLflow's is in its store when it ends; the time is that of the first look.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager

from benchmarks.measure import goal, report
from benchmarks.tracking import MLFLOW_SETUP, OUR_SETUP, MlflowStore, Notebook, OurStore
from jupyter_workbench.kernels.managers import with_workbench_kernels
from jupyter_workbench.kernels.specs import with_workbench_specs

CELLS, UNCOUNTED_CELLS = 20, 3  # of a block; the first ones come right after the switch
REST_SECONDS = 0.2
LOGS, MLFLOW_LOGS = (100, 1000), (10, 50)  # batches, calls in a batch; then as many calls one by one
OURS_OFF, OFF_AGAIN, OURS_ON = "history off", "history off, again", "history on"
NO_MLFLOW = """
Ours alone: for MLflow beside it make an environment, and name its Python in --mlflow-python:
    python3 -m venv /tmp/mlflow && /tmp/mlflow/bin/pip install mlflow-skinny sqlalchemy alembic ipykernel"""


@dataclass(frozen=True)
class Candidate:
    """One way to have a history of runs, or none; ``off`` leaves the kernel as the next candidate wants it."""

    notebook: Notebook
    on: str
    off: str
    logs: tuple[int, int]


Stores = Mapping[str, OurStore | MlflowStore]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.history")
    parser.add_argument("--rounds", type=int, metavar="N", help="60 by default")
    parser.add_argument("count", type=int, nargs="?", help="the same, as `make benchmarks ARGS=N` says it")
    parser.add_argument(
        "--mlflow-python", metavar="PATH", help="the Python of an environment with MLflow and ipykernel"
    )
    options = parser.parse_args()
    print(f"{os.cpu_count()} processors, Python {platform.python_version()}, load before {os.getloadavg()[0]:.2f}")
    if options.mlflow_python is None:
        print(NO_MLFLOW)
    with tempfile.TemporaryDirectory() as root:
        asyncio.run(_measure(Path(root), options.rounds or options.count or 60, options.mlflow_python))
    print(f"\nload after {os.getloadavg()[0]:.2f}")


async def _measure(root: Path, rounds: int, mlflow_python: str | None) -> None:
    project = _project(root, mlflow_python or sys.executable)
    specs = with_workbench_specs(KernelSpecManager)()
    manager = with_workbench_kernels(AsyncMappingKernelManager)(kernel_spec_manager=specs, root_dir=str(project))
    stores: dict[str, OurStore | MlflowStore] = {OURS_ON: OurStore(project)}
    ours = await Notebook.start(manager, OUR_SETUP)
    off = "%azureml history off"
    candidates = {
        OURS_OFF: Candidate(ours, off, off, LOGS),
        OFF_AGAIN: Candidate(ours, off, off, LOGS),
        OURS_ON: Candidate(ours, "%azureml history on", off, LOGS),
    }
    for name in ("MLflow", "MLflow, WAL") if mlflow_python else ():
        store = stores[name] = MlflowStore(mlflow_python or "", root / f"{name}.db", wal="WAL" in name)
        notebook = await Notebook.start(manager, MLFLOW_SETUP.format(uri=store.uri))
        candidates[name] = Candidate(notebook, "mlflow_on()", "mlflow_off()", MLFLOW_LOGS)
    try:
        await _round_trips(candidates, rounds)
        await _visibility(candidates, stores, max(3, rounds // 12))
        await _logs(candidates, stores, max(3, rounds // 12))
    finally:
        await manager.shutdown_all(now=True)


async def _round_trips(candidates: Mapping[str, Candidate], rounds: int) -> None:
    replies: dict[str, list[list[float]]] = {name: [] for name in candidates}
    idles: dict[str, list[list[float]]] = {name: [] for name in candidates}
    for number in range(rounds + 1):
        for name in _shuffled(candidates, number):
            trips = await _block(candidates[name])
            await asyncio.sleep(REST_SECONDS)
            if number:
                replies[name].append([reply for reply, _ in trips])
                idles[name].append([idle for _, idle in trips])
    for what, blocks in (("reply", replies), ("idle", idles)):
        report(f"empty cell until {what}", {name: [t for block in blocks[name] for t in block] for name in blocks})
        _differences(blocks)


async def _block(candidate: Candidate) -> list[tuple[float, float]]:
    await candidate.notebook.run(candidate.on)
    trips = [await candidate.notebook.run("pass") for _ in range(UNCOUNTED_CELLS + CELLS)]
    await candidate.notebook.run(candidate.off)
    return trips[UNCOUNTED_CELLS:]


def _differences(blocks: Mapping[str, list[list[float]]]) -> None:
    """Print what each candidate costs, block by block beside the same round's cells with history off."""
    medians = {name: [statistics.median(block) for block in blocks[name]] for name in blocks}
    off = statistics.median(medians[OURS_OFF]) * 1e3
    for name in list(medians)[1:]:
        pairs = zip(medians[name], medians[OURS_OFF], strict=True)
        low, cost, high = statistics.quantiles([(on - off) * 1e3 for on, off in pairs], n=4)
        print(f"  {name} costs {cost:+.3f} ms [{low:+.3f} .. {high:+.3f}], {cost / off:+.1%}")
        if name == OURS_ON:
            goal("cost of history on", cost, max(0.3, 0.05 * off), "ms")


async def _visibility(candidates: Mapping[str, Candidate], stores: Stores, rounds: int) -> None:
    seconds: dict[str, list[float]] = {}
    for name in stores:
        await candidates[name].notebook.run(candidates[name].on)
        await asyncio.sleep(1)
    for number in range(rounds + 1):
        for name, store in stores.items():
            notebook = candidates[name].notebook
            ways = {f"{name}: in the store": await _until_stored(notebook, store)}
            for shown, command in store.commands.items():
                ways[f"{name}: `{shown}`"] = await _until_listed(notebook, store, command)
            for way, taken in ways.items() if number else ():
                seconds.setdefault(way, []).append(taken)
    for name in stores:
        await candidates[name].notebook.run(candidates[name].off)
    report("a cell that ended is visible", seconds)
    print(f"  runs in the stores: {', '.join(str(store.count('runs')) for store in stores.values())}")
    for way in list(seconds)[:2]:
        goal(way, statistics.median(seconds[way]), 0.5, "s")


async def _until_stored(notebook: Notebook, store: OurStore | MlflowStore) -> float:
    before = store.newest()
    await notebook.run("pass")
    ended = time.perf_counter()
    while store.newest() in (before, None):  # noqa: ASYNC110 - the store is looked at as any other process would
        await asyncio.sleep(0.002)
    return time.perf_counter() - ended


async def _until_listed(notebook: Notebook, store: OurStore | MlflowStore, command: tuple[str, ...]) -> float:
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


async def _logs(candidates: Mapping[str, Candidate], stores: Stores, rounds: int) -> None:
    means: dict[str, list[float]] = {name: [] for name in stores}
    slowest: dict[str, list[float]] = {name: [] for name in stores}
    for number in range(rounds + 1):
        for name in _shuffled(stores, number):
            candidate, expected = candidates[name], stores[name].count("metrics") + 2 * math.prod(candidates[name].logs)
            await candidate.notebook.run(candidate.on)
            batches, p99 = await candidate.notebook.value("timed({}, {})".format(*candidate.logs))
            await candidate.notebook.run(candidate.off)
            while stores[name].count("metrics") < expected:  # noqa: ASYNC110 - what is left must not slow the next one
                await asyncio.sleep(0.1)
            if number:
                means[name] += batches
                slowest[name].append(p99)
    report("one value logged: means of batches", means, "us")
    goal("one logger.log", statistics.median(means[OURS_ON]) * 1e6, 5, "microseconds")
    report("one value logged: 99th percentile of single calls, a round each", slowest, "us")


def _shuffled(names: Iterable[str], number: int) -> list[str]:
    """Return the names in an order that belongs to the round: none always follows the same one."""
    ordered = list(names)
    return random.Random(number).sample(ordered, len(ordered))


def _project(root: Path, python: str) -> Path:
    os.environ["JUPYTER_WORKBENCH_DATA_DIR"] = str(root / "data")
    os.environ["IPYTHONDIR"] = str(root / "ipython")
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    configuration = root / "myIris" / "aml_config"
    configuration.mkdir(parents=True)
    (configuration / "local.compute").write_text(
        f"type: local\npythonLocation: {python}\nnativeSharedDirectory: {root / 'share'}\n"
    )
    (configuration / "local.runconfig").write_text("ArgumentVector:\n- $file\nTarget: local\nFramework: Python\n")
    os.chdir(configuration.parent)
    return configuration.parent


if __name__ == "__main__":
    main()
