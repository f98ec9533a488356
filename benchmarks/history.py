"""What run history costs and how soon it shows, beside the same through MLflow with its SQLite store.

    python -m benchmarks.history [--rounds N] [--only PART]... [--runs N] [--points N] [--mlflow-python PATH]

Goals: a tracked empty cell at most 0.3 ms more; `logger.log` at most 5 microseconds, and 20 times faster than MLflow's;
a cell that ended, and a value in one that goes on, visible within 0.5 s; the newest 100 of 100,000 runs with their
metrics in less than 20 ms, 5 times faster than MLflow.

What is fair where kernels run (cells, visible, logs, whole-run, kernels):

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
- Two moments count: `log` returned (what it was called for then survives a kill, on both sides), and the value or run
  is seen in the store by a query of another connection. MLflow's calls return at the second one; ours at the first.
- A whole run of MLflow's is made by its client in a warm process, without a kernel: call by call as `logger.log` is
  used, and with `log_batch`, its fastest way. Ours beside it are its records through `Store.apply`, and a cell from the
  request on. The CPU time of a cell is that of kernel and server (this process) beyond an empty cell's, history off.
- Kernels that log at once are compared by the time of one value: ours log more of them, or it could not be measured.

What is fair where many runs are read (listing, comparing, series):

- Both stores hold as many runs, copied by SQL from one that the tool itself made (see `benchmarks.history_filled`).
- Both answer in a process that is warm, with objects of Python. MLflow keeps its connection; ours opens one for each
  question, as the server does. Ours also counts all runs that fit, which MLflow cannot.
- Flat objects (`queries.list_runs`) hold all values of a series; pages (`overview`), and MLflow, only the last ones.
- MLflow's client has no down-sampling: its series come from the function that its server calls for the charts of its
  pages, without the server. It takes evenly spaced rows; ours keeps the least and the greatest of each stretch.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import tempfile
from collections.abc import Collection
from pathlib import Path

from benchmarks.history_cells import cells, logs
from benchmarks.history_reading import Filled, comparing, listing, series
from benchmarks.history_tracked import Tracked
from benchmarks.history_visible import visible
from benchmarks.history_whole_run import whole_run
from benchmarks.history_writers import kernels

# Part -> (what it does, how many of the rounds it takes part in: one of so many).
IN_KERNELS = {
    "cells": (cells, 1), "visible": (visible, 12), "logs": (logs, 12), "whole-run": (whole_run, 6),
    "kernels": (kernels, 12),
}  # fmt: skip
# The order matters: a list is measured before there are long series in its runs.
AMONG_MANY_RUNS = {"listing": (listing, 2), "comparing": (comparing, 6), "series": (series, 6)}
LEAST_ROUNDS = 3
NO_MLFLOW = """
Ours alone: for MLflow beside it make an environment, and name its Python in --mlflow-python:
    python3 -m venv /tmp/mlflow && /tmp/mlflow/bin/pip install mlflow-skinny sqlalchemy alembic ipykernel"""


def main() -> None:
    """Measure and print."""
    options = _options()
    print(f"{os.cpu_count()} processors, Python {platform.python_version()}, load before {os.getloadavg()[0]:.2f}")
    if options.mlflow_python is None:
        print(NO_MLFLOW)
    with tempfile.TemporaryDirectory() as root:
        asyncio.run(_measure(Path(root), options))
    print(f"\nload after {os.getloadavg()[0]:.2f}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.history")
    parser.add_argument("--rounds", type=int, metavar="N", help="60 by default; long parts take fewer, 3 at least")
    parser.add_argument("count", type=int, nargs="?", help="the same, as `make benchmarks ARGS=N` says it")
    parts = (*IN_KERNELS, *AMONG_MANY_RUNS)
    parser.add_argument("--only", action="append", choices=parts, metavar="PART", help=f"one of {', '.join(parts)}")
    parser.add_argument("--runs", type=int, default=100_000, metavar="N", help="runs to list and compare among")
    parser.add_argument("--points", type=int, default=1_000_000, metavar="N", help="values of the long series")
    parser.add_argument(
        "--mlflow-python", metavar="PATH", help="the Python of an environment with MLflow and ipykernel"
    )
    options = parser.parse_args()
    options.only = options.only or parts
    options.rounds = options.rounds or options.count or 60
    return options


async def _measure(root: Path, options: argparse.Namespace) -> None:
    os.environ["JUPYTER_WORKBENCH_DATA_DIR"] = str(root / "data")
    os.environ["IPYTHONDIR"] = str(root / "ipython")
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    if chosen := _chosen(IN_KERNELS, options.only):
        tracked = Tracked(root, options.mlflow_python)
        try:
            await tracked.start()
            for name in chosen:
                part, share = IN_KERNELS[name]
                await part(tracked, _rounds(options.rounds, share))
        finally:
            await tracked.stop()
    if chosen := _chosen(AMONG_MANY_RUNS, options.only):
        filled = Filled(root, options.runs, options.points, options.mlflow_python)
        try:
            for name in chosen:
                part_of_many, share = AMONG_MANY_RUNS[name]
                await part_of_many(filled, _rounds(options.rounds, share))
        finally:
            filled.close()


def _chosen(parts: Collection[str], only: Collection[str]) -> list[str]:
    return [name for name in parts if name in only]


def _rounds(rounds: int, share: int) -> int:
    return rounds if share == 1 else max(LEAST_ROUNDS, rounds // share)


if __name__ == "__main__":
    main()
