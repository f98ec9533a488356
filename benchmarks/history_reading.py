"""Parts of `benchmarks.history`: lists of runs, comparisons of runs, and long series, of many runs."""

from __future__ import annotations

import statistics
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from benchmarks.history_filled import SERIES, MlflowFilled, OurFilled
from benchmarks.measure import goal, goal_faster, report, take_turns
from benchmarks.mlflow_process import MlflowProcess
from benchmarks.our_records import METRICS
from jupyter_workbench.history.reading import overview, queries
from jupyter_workbench.history.reading import series as long_series

LISTED = 100
SAMPLED = 1000  # points of a chart
COMPARED_POINTS = 1000  # of the series of each run


class Filled:
    """Both stores with their runs in them; MLflow's only where there is one."""

    def __init__(self, root: Path, runs: int, points: int, mlflow_python: str | None) -> None:
        self.runs, self.points = runs, points
        self._open = ExitStack()
        began = time.perf_counter()
        self.ours = OurFilled(root / "filled", runs)
        self._open.callback(self.ours.close)
        self.mlflow: MlflowFilled | None = None
        if mlflow_python is not None:
            self.process = self._open.enter_context(MlflowProcess(mlflow_python))
            self.mlflow = MlflowFilled(self.process, mlflow_python, root / "filled.db", runs)
        print(f"\n{runs} runs with {len(METRICS)} metrics each: made in {time.perf_counter() - began:.1f} s")

    def close(self) -> None:
        """End MLflow's process and let our file go."""
        self._open.close()

    async def beside_mlflow(
        self, title: str, ours: dict[str, Callable[[], object]], call: str, rounds: int, **arguments: object
    ) -> dict[str, list[float]]:
        """Take turns with what MLflow's process does; print and return the seconds of each."""
        candidates = {name: partial(_timed, work) for name, work in ours.items()}
        if self.mlflow is not None:
            candidates["MLflow"] = partial(_asked, self.process, call, self.mlflow.uri, arguments)
        seconds = await take_turns(candidates, rounds)
        report(title, seconds)
        return seconds


async def listing(filled: Filled, rounds: int) -> None:
    """List the newest runs: as pages of them are shown, and as the flat objects of `workbench history list`."""
    data = filled.ours.data
    page = overview.overview(data, limit=LISTED)
    assert (page.total, len(page.runs), len(page.runs[0]["metrics"])) == (filled.runs, LISTED, len(METRICS))
    if filled.mlflow is not None:
        answer = filled.process.call("listing", filled.mlflow.uri, limit=LISTED)
        assert answer.value == [LISTED, LISTED * len(METRICS)]
    ours: dict[str, Callable[[], object]] = {
        "overview.overview": lambda: overview.overview(data, limit=LISTED),
        "queries.list_runs": lambda: queries.list_runs(data, limit=LISTED),
    }
    title = f"the newest {LISTED} of {filled.runs} runs with their metrics"
    seconds = await filled.beside_mlflow(title, ours, "listing", rounds, limit=LISTED)
    _goals("listing", seconds, 20, 5)


async def comparing(filled: Filled, rounds: int) -> None:
    """Compare the newest runs: all their metrics, and one series of each."""
    data = filled.ours.data
    filled.ours.add_series(LISTED, COMPARED_POINTS)
    arguments = {"limit": LISTED, "name": SERIES, "points": SAMPLED}
    if filled.mlflow is not None:
        filled.mlflow.add_series(LISTED, COMPARED_POINTS)
        answer = filled.process.call("comparing", filled.mlflow.uri, **arguments)
        assert answer.value == [LISTED * (len(METRICS) + 1), LISTED * min(SAMPLED, COMPARED_POINTS)]

    def compare() -> int:
        runs = overview.overview(data, limit=LISTED).runs
        return sum(len(long_series.series(data, run["run_id"], SERIES, SAMPLED)["points"]) for run in runs)

    assert compare() == LISTED * COMPARED_POINTS
    title = f"comparing {LISTED} runs: all metrics, and a series of {COMPARED_POINTS} values of each"
    await filled.beside_mlflow(title, {"overview and series": compare}, "comparing", rounds, **arguments)


async def series(filled: Filled, rounds: int) -> None:
    """Get a long series in few points."""
    data, run = filled.ours.data, filled.ours.add_long_series(filled.points)
    found = long_series.series(data, run, SERIES, SAMPLED)
    assert found["count"] == filled.points
    assert len(found["points"]) <= SAMPLED + 2
    arguments: dict[str, object] = {"name": SERIES, "points": SAMPLED}
    if filled.mlflow is not None:
        arguments["run"] = filled.mlflow.add_long_series(filled.points)
        answer = filled.process.call("series", filled.mlflow.uri, **arguments)
        assert answer.value == min(SAMPLED, filled.points)
    ours: dict[str, Callable[[], object]] = {"series.series": lambda: long_series.series(data, run, SERIES, SAMPLED)}
    await filled.beside_mlflow(f"{filled.points} values in {SAMPLED} points", ours, "series", rounds, **arguments)


def _goals(what: str, seconds: dict[str, list[float]], limit_ms: float, times: float) -> None:
    """Print them for the first of the candidates."""
    medians = {name: statistics.median(of_one) for name, of_one in seconds.items()}
    ours = next(iter(medians.values()))
    goal(what, ours * 1e3, limit_ms, "ms")
    if "MLflow" in medians:
        goal_faster(f"{what}, beside MLflow", ours, medians["MLflow"], times)


async def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


async def _asked(process: MlflowProcess, call: str, uri: str, arguments: dict[str, object]) -> float:
    return process.call(call, uri, **arguments).seconds


Part = Callable[[Filled, int], Awaitable[None]]
