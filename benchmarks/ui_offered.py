"""Part of `benchmarks.ui`: how soon a run configuration that was saved can be picked as a kernel."""

from __future__ import annotations

import asyncio
import statistics
import time
from typing import Any

from benchmarks.measure import goal, goal_faster, report
from benchmarks.ui_pages import Screen
from tests.live.lab import local_project

PROJECT = "myIris"
OURS, DIALOG, ALONE = "in the launcher", "in the dialog Change Kernel", "in the launcher of JupyterLab alone"
GOAL_SECONDS = 2.0
PERIOD_SECONDS = 61.0
"""JupyterLab alone asks so often."""
BOUND_SECONDS = 90.0
"""How long it is waited for."""
CONFIGURATION = "Target: local\nFramework: Python\n"


async def offered(screen: Screen, rounds: int) -> None:
    """Save run configurations, spread over a minute, and see each in two pages of the one server."""
    folder = local_project(screen.root / PROJECT)
    async with screen.context() as with_us, screen.context() as without:
        ours, alone = await with_us.new_page(), await without.new_page()
        await screen.open(alone, ours=False)
        await screen.open(ours)
        notebook = await with_us.new_page()
        await screen.open(notebook)
        await _open_notebook(notebook)
        waits: dict[str, list[asyncio.Task[float]]] = {OURS: [], DIALOG: [], ALONE: []}
        for number in range(rounds):
            name = f"saved{number}"
            (folder / f"{name}.runconfig").write_text(CONFIGURATION)
            saved = time.perf_counter()
            waits[OURS].append(asyncio.create_task(_until_in_launcher(ours, name, saved)))
            waits[DIALOG].append(asyncio.create_task(_until_in_dialog(notebook, name, saved)))
            waits[ALONE].append(asyncio.create_task(_until_in_launcher(alone, name, saved)))
            await asyncio.sleep(PERIOD_SECONDS / rounds)
        seconds = {name: list(await asyncio.gather(*tasks)) for name, tasks in waits.items()}
    report("a saved run configuration until it is offered", seconds, "s")
    for name in (OURS, DIALOG):
        goal(f"{name}, the slowest", max(seconds[name]), GOAL_SECONDS, "s")
    goal_faster("offered, beside JupyterLab alone", *(statistics.median(seconds[name]) for name in (OURS, ALONE)), 1)
    late = sum(one >= BOUND_SECONDS for one in seconds[ALONE])
    print(f"  {late} of {rounds} were not offered by JupyterLab alone within {BOUND_SECONDS:g} s")


async def _open_notebook(page: Any) -> None:
    await page.evaluate(
        "jupyterapp.commands.execute('notebook:create-new', { cwd: '', kernelName: 'python3' }).then(() => null)"
    )
    await page.locator(".jp-NotebookPanel [data-status='idle']").first.wait_for()


async def _until_in_launcher(page: Any, name: str, saved: float) -> float:
    """Return the seconds, or the bound where it is too late."""
    from playwright.async_api import TimeoutError as TooLate

    card = page.locator(f".jp-LauncherCard[title^='{PROJECT} {name}']").first
    try:
        await card.wait_for(timeout=BOUND_SECONDS * 1e3)
    except TooLate:
        return BOUND_SECONDS
    return time.perf_counter() - saved


async def _until_in_dialog(page: Any, name: str, saved: float) -> float:
    """Open the dialog again and again, as somebody who waits for it: what it offers is set when it opens."""
    while time.perf_counter() - saved < BOUND_SECONDS:
        await page.locator(".jp-NotebookPanel .jp-Toolbar-kernelName").click()
        choices = await page.locator(".jp-Dialog select option").all_inner_texts()
        seen = time.perf_counter()
        await page.locator(".jp-Dialog button.jp-mod-reject").click()
        await page.locator(".jp-Dialog").wait_for(state="detached")
        if f"{PROJECT} {name}" in choices:
            return seen - saved
    return BOUND_SECONDS
