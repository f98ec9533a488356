"""Parts of `benchmarks.ui`: how large our screen is, and what it costs a JupyterLab that is being loaded."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from pathlib import Path

from jupyter_core.paths import jupyter_path

from benchmarks.measure import goal, report
from benchmarks.ui_pages import Screen
from jupyter_workbench.screen import NAME
from tests.live.lab import local_project

GOAL_BYTES = 200_000
MOST_OF_ALONE = 1.03
WITH, WITHOUT = "JupyterLab with our screen", "JupyterLab alone"
LOADED = """mine => performance.getEntriesByType('resource')
  .filter(one => one.name.includes('/extensions/jupyter_workbench/') === mine)
  .reduce((sum, one) => [sum[0] + one.transferSize, sum[1] + one.decodedBodySize], [0, 0])"""
"""Bytes on the wire, headers and all, and bytes of the files."""


async def size(screen: Screen) -> None:
    """Open everything of ours in an empty browser, and count what it loads; beside it what JupyterLab loads."""
    project = screen.root / "small"
    local_project(project)
    async with screen.context() as context:
        page = await context.new_page()
        await screen.open(page, query=screen.history_query(project))
        await page.locator(".jp-Workbench-history").wait_for()
        await page.locator(".jp-SideBar [data-id='jp-workbench-panel']").click()
        await page.locator(".jp-Workbench-panel").first.wait_for()
        ours, others = [await page.evaluate(LOADED, mine) for mine in (True, False)]
    print("\nsize of the assets")
    for name, (sent, files) in (("ours", ours), ("JupyterLab's own", others)):
        print(f"  {name:17} {sent / 1e3:9.1f} kB on the wire, {files / 1e3:9.1f} kB of files")
    for name, count in (("loaded by a browser", ours[0]), ("installed on disk", _on_disk())):
        goal(name, count / 1e3, GOAL_BYTES / 1e3, "kB")


def _on_disk() -> int:
    installed = next(path for folder in jupyter_path("labextensions") if (path := Path(folder) / NAME).is_dir())
    return sum(file.stat().st_size for file in installed.rglob("*") if file.is_file())


async def load(screen: Screen, rounds: int) -> None:
    """Load JupyterLab with us and without us, first the one, then the other: in empty browsers, and once more."""
    first: dict[str, list[float]] = {WITHOUT: [], WITH: []}
    again: dict[str, list[float]] = {WITHOUT: [], WITH: []}
    for number in range(rounds + 1):
        for name in (WITH, WITHOUT) if number % 2 else (WITHOUT, WITH):
            async with screen.context() as context:
                page = await context.new_page()
                seconds = [await screen.open(page, ours=name == WITH) for _ in range(2)]
            if number:
                first[name].append(seconds[0])
                again[name].append(seconds[1])
    for what, loaded in (("for the first time", first), ("from the browser's cache", again)):
        report(f"JupyterLab, loaded {what}, until it is ready", loaded)
        _paired(loaded)


def _paired(loaded: Mapping[str, list[float]]) -> None:
    """Compare each round with itself."""
    pairs = list(zip(loaded[WITH], loaded[WITHOUT], strict=True))
    for what, values, unit in (
        ("costs", [(ours - alone) * 1e3 for ours, alone in pairs], "ms"),
        ("ratio", [ours / alone for ours, alone in pairs], "times"),
    ):
        low, median, high = statistics.quantiles(values, n=4) if len(values) > 1 else values * 3
        print(f"  round by round, {what}: {median:.3f} {unit} [{low:.3f} .. {high:.3f}]")
    goal("median ratio", statistics.median(ours / alone for ours, alone in pairs), MOST_OF_ALONE, "times")
