"""What the screen in JupyterLab does for its users, and what it costs, in a real Chromium with a real server.

    python -m benchmarks.ui [--rounds N] [--only PART]... [--runs N] [--mlflow-python PATH]

Goals: a saved run configuration is offered as a kernel within 2 s; the newest of 100,000 runs are painted within 500 ms
of the route's answer, and before MLflow's pages have theirs; the assets are at most 200 kB; JupyterLab is ready at most
1.03 times later than without us.

What is fair:

- JupyterLab alone is the same server process, with everything that it has but our screen (see `benchmarks.ui_pages`).
- offered: one file is seen by two launchers at once, one with us. JupyterLab alone asks every 61 s; files are saved
  all through that time, so that none of the moments is favoured. The dialog shows what it knew when it was opened,
  therefore it is opened again and again there, which is part of its time.
- history: both stores hold as many runs, copied by SQL from one that the tool itself made (see
  `benchmarks.history_filled`); both browsers have the files of the pages in their cache, and windows of one size; each
  tool shows its first page of runs, as it is set up. Painted is the first row, after the frame that it is drawn in.
  Ours has to load all of JupyterLab for an address; in an open page both begin where they are used: ours at its
  command, MLflow's at its list of experiments.
- load: rounds of which every other one begins with us. Ready is when JupyterLab has activated all plugins and laid out
  its widgets. Ratios are those of the two pages of one round.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import tempfile
from pathlib import Path

from benchmarks.ui_history import history
from benchmarks.ui_load import load, size
from benchmarks.ui_offered import offered
from benchmarks.ui_pages import a_screen

PARTS = ("offered", "history", "size", "load")
NO_MLFLOW = """
Ours alone: for MLflow's pages beside it make an environment, and name its Python in --mlflow-python:
    python3 -m venv /tmp/mlflow-ui && /tmp/mlflow-ui/bin/pip install mlflow"""


def main() -> None:
    """Measure and print."""
    options = _options()
    print(f"{os.cpu_count()} processors, Python {platform.python_version()}, load before {os.getloadavg()[0]:.2f}")
    if options.mlflow_python is None and "history" in options.only:
        print(NO_MLFLOW)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve() / "root"
        root.mkdir()
        asyncio.run(_measure(root, options))
    print(f"\nload after {os.getloadavg()[0]:.2f}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ui")
    parser.add_argument("--rounds", type=int, metavar="N", help="20 by default")
    parser.add_argument("count", type=int, nargs="?", help="the same, as `make benchmarks ARGS=N` says it")
    parser.add_argument("--only", action="append", choices=PARTS, metavar="PART", help=f"one of {', '.join(PARTS)}")
    parser.add_argument("--runs", type=int, default=100_000, metavar="N", help="runs in the history")
    parser.add_argument("--mlflow-python", metavar="PATH", help="the Python of an environment with the whole of MLflow")
    options = parser.parse_args()
    options.only = options.only or PARTS
    options.rounds = options.rounds or options.count or 20
    return options


async def _measure(root: Path, options: argparse.Namespace) -> None:
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    async with a_screen(root) as screen:
        if "offered" in options.only:
            await offered(screen, options.rounds)
        if "history" in options.only:
            await history(screen, options.rounds, options.runs, options.mlflow_python)
        if "size" in options.only:
            await size(screen)
        if "load" in options.only:
            await load(screen, options.rounds)


if __name__ == "__main__":
    main()
