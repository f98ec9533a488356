"""Part of `benchmarks.ui`: how soon the rows of a long run history are painted, beside MLflow's own pages."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from benchmarks.history_filled import MlflowFilled, OurFilled
from benchmarks.measure import Candidate, goal, goal_faster, report, take_turns
from benchmarks.mlflow_process import MlflowProcess
from benchmarks.ui_pages import RUN_ROWS, Screen
from jupyter_workbench.history.location import project_data
from tests.live.lab import local_project
from tests.live.tracking_server import tracking_server

MLFLOW_ROWS = ".ag-row a"
MLFLOW_RUNS = "#/experiments/1/runs"
GOAL_MS = 500
TIMES_FASTER = 1
ROUTE = "/workbench/api/runs?"
ANSWERED = "route => performance.getEntriesByType('resource').find(one => one.name.includes(route)).responseEnd"
"""When the first answer of a route had come whole."""


async def history(screen: Screen, rounds: int, runs: int, mlflow_python: str | None) -> None:
    """Open the history as a page of its own, and in a page that is open already."""
    project = screen.root / "many"
    local_project(project)
    began = time.perf_counter()
    OurFilled(project_data(project, None).root, runs).close()
    async with AsyncExitStack() as stack:
        mlflow = mlflow_python and await stack.enter_async_context(_mlflow(screen, runs, mlflow_python))
        print(f"\n{runs} runs: made in {time.perf_counter() - began:.1f} s")
        query = screen.history_query(project)
        ours = await stack.enter_async_context(screen.context(_paint_of(RUN_ROWS)))
        paints: list[Paint] = []

        async def whole_page() -> float:
            paints.append(await _our_page(screen, ours, query))
            return paints[-1].painted

        pages: dict[str, Candidate] = {"ours, JupyterLab and all": whole_page}
        opened: dict[str, Candidate] = {"ours": await _in_open_page(stack, screen, str(project))}
        if mlflow:
            pages["MLflow"] = mlflow.whole_page
            opened["MLflow"] = mlflow.in_open_page
        whole, inside = await take_turns(pages, rounds), await take_turns(opened, rounds)
    answered = {"ours": [one.after_answer for one in paints[1:]]}
    report(f"the newest of {runs} runs: from the answer of the route until they are painted", answered)
    goal("painted after the answer", statistics.median(answered["ours"]) * 1e3, GOAL_MS, "ms")
    for title, seconds in (("an address until its runs are painted", whole), ("the same in an open page", inside)):
        report(title, seconds)
        if "MLflow" in seconds:
            goal_faster("beside MLflow", *(statistics.median(one) for one in seconds.values()), TIMES_FASTER)


@dataclass(frozen=True)
class Paint:
    """Seconds since the navigation until the rows were painted, and of these the ones after the route's answer."""

    painted: float
    after_answer: float


def _paint_of(rows: str) -> str:
    """Return the script that has the time of the first rows of a page."""
    return f"window.rowsPainted = painted({json.dumps(rows)});"


async def _our_page(screen: Screen, context: Any, query: str) -> Paint:
    page = await context.new_page()
    await screen.open(page, query=query)
    painted = await page.evaluate("rowsPainted") / 1e3
    answered = await page.evaluate(ANSWERED, ROUTE) / 1e3
    await page.close()
    return Paint(painted, painted - answered)


async def _in_open_page(stack: AsyncExitStack, screen: Screen, project: str) -> Candidate:
    """Return what opens the table by its command, in a JupyterLab that is there already, and closes it."""
    page = await (await stack.enter_async_context(screen.context())).new_page()
    await screen.open(page)

    async def once() -> float:
        milliseconds = await page.evaluate(
            """async ([project, rows]) => {
              const began = performance.now();
              void jupyterapp.commands.execute('jupyter-workbench:open-history', { project });
              const painted_at = await painted(rows);
              jupyterapp.shell.currentWidget.dispose();
              return painted_at - began;
            }""",
            [project, RUN_ROWS],
        )
        return float(milliseconds) / 1e3

    return once


class MlflowPages:
    """MLflow's own server and pages."""

    def __init__(self, uri: str, context: Any, page: Any) -> None:
        self._uri, self._context, self._page = uri, context, page

    async def whole_page(self) -> float:
        """Load the address of the runs."""
        page = await self._context.new_page()
        await page.goto(f"{self._uri}/{MLFLOW_RUNS}", wait_until="commit")
        painted = await page.evaluate("rowsPainted") / 1e3
        await page.close()
        return float(painted)

    async def in_open_page(self) -> float:
        """Go from its list of experiments to the runs, and back."""
        milliseconds = await self._page.evaluate(
            """async ([runs, rows]) => {
              const began = performance.now();
              location.hash = runs;
              return await painted(rows) - began;
            }""",
            [MLFLOW_RUNS, MLFLOW_ROWS],
        )
        await self._page.evaluate("() => { location.hash = '#/experiments'; }")
        await self._page.locator(MLFLOW_ROWS).first.wait_for(state="detached")
        return float(milliseconds) / 1e3


@asynccontextmanager
async def _mlflow(screen: Screen, runs: int, python: str) -> AsyncIterator[MlflowPages]:
    with tracking_server(python, screen.root.parent / "mlflow") as server:
        with MlflowProcess(python) as process:
            MlflowFilled(process, python, server.folder / "mlflow.db", runs)
        async with screen.context(_paint_of(MLFLOW_ROWS)) as context, screen.context() as lasting:
            page = await lasting.new_page()
            await page.goto(f"{server.uri}/#/experiments")
            yield MlflowPages(server.uri, context, page)
