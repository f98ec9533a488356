"""Whoever uses a keyboard alone, sees less, or reads Japanese or French, works with the screen as everybody does."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from .access import violations_in
from .jupyter import Server, until

pytestmark = pytest.mark.live
pytest.importorskip("playwright", reason="playwright is not installed")
from playwright.async_api import TimeoutError as NothingBegan  # noqa: E402 - after the skip
from playwright.async_api import expect  # noqa: E402

from .lab import FORGOTTEN_MS, TRIES, Lab, local_project, write_notebook  # noqa: E402

KERNEL = ("myiris_local", "myIris local")
THEMES = ["JupyterLab Light", "JupyterLab Dark", "JupyterLab Dark High Contrast"]
MOST_STOPS = 60
"""How often somebody has to press Tab at most to reach anything in a view."""

TRAINING = """
%azureml history on
from azureml.logging import get_azureml_logger
logger = get_azureml_logger()
for step in range(5):
    logger.log("loss", 1 / (step + 1), step=step)
logger.log("table", {"name": ["a", "b"], "score": [1, 2]})
logger.upload("report.txt", "all is well")
print("a long line " * 200 + "and many lines" + "\\n" * 100)
"""
FAILING = "%azureml history on\nraise ValueError('a failure that is shown')"

PANEL = {
    "fr_FR": [
        "cette machine",
        "Cible de calcul : en service",
        "Noyau : non connecté",
        "Environnement : rien à préparer",
    ],
    "ja_JP": [
        "このマシン",
        "コンピューティング ターゲット: 稼働中",
        "カーネル: 未接続",
        "環境: 準備不要",
    ],
}
HISTORY = {
    "fr_FR": ["Notebook : indifférent", "Terminée", "1 exécution sélectionnée", "2 exécutions"],
    "ja_JP": ["ノートブック: すべて", "完了", "1 件の実行を選択中", "2 件の実行"],
}
COMMAND = {"fr_FR": "Modifier la cible de calcul", "ja_JP": "コンピューティング ターゲットを編集"}

Setting = Callable[[str, dict[str, Any]], AbstractAsyncContextManager[None]]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root folder of the server: myIris has a broken run configuration, and the runs of `runs` only."""
    folder = tmp_path_factory.mktemp("lab-access")
    home = local_project(folder / "myIris")
    (home / "broken.runconfig").write_text("Target: local\nFramework: Pythn\n")
    local_project(folder / "alone")
    local_project(folder / "badges")
    return folder


@pytest.fixture
async def runs(server: Server, root: Path) -> list[str]:
    """The ids of two runs of myIris, the newest first; made once."""
    path = f"workbench/api/runs?project_dir={quote(str(root / 'myIris'), safe='')}"

    async def ended() -> list[str] | None:
        ids = [run["run_id"] for run in (await server.json("GET", path))["runs"] if run["status"] != "Running"]
        return ids if len(ids) == 2 else None

    if await ended() is None:
        kernel_id = await server.start_kernel(KERNEL[0])
        await server.until_state(kernel_id, "idle", "starting", "running")
        async with server.kernel(kernel_id) as kernel:
            for source in (TRAINING, FAILING):
                await kernel.run(source)
        await server.request("DELETE", f"api/kernels/{kernel_id}")
    return list(await until("both runs have ended", ended))


@pytest.fixture
def setting(server: Server) -> Setting:
    """Set something of JupyterLab for as long as a test runs."""

    @asynccontextmanager
    async def hold(plugin: str, values: dict[str, Any]) -> AsyncIterator[None]:
        path = f"lab/api/settings/{plugin}"
        assert (await server.request("PUT", path, {"raw": json.dumps(values)})).code == 204
        try:
            yield
        finally:
            await server.request("PUT", path, {"raw": "{}"})

    return hold


async def show_panel(lab: Lab) -> Any:
    """Click on its icon; return its tree."""
    await lab.page.locator(".jp-SideBar [data-id='jp-workbench-panel']").click()
    tree = lab.page.locator(".jp-Workbench-tree")
    await tree.wait_for()
    return tree


async def open_view(lab: Lab, project: Path, *runs: str) -> Any:
    """Go to the address of a view of the run history, and return it."""
    query = "".join(
        f"&workbench-run{number if number > 1 else ''}={quote(run, safe='')}"
        for number, run in enumerate(runs, start=1)
    )
    await lab.open()
    address = f"{lab.server.url}lab?token={lab.server.token}&workbench-project={quote(str(project), safe='')}{query}"
    await lab.page.goto(address)
    view = lab.page.locator(".jp-Workbench-history:visible")
    await view.wait_for()
    return view


async def tab_to(lab: Lab, selector: str) -> None:
    """Press Tab until the element has the focus."""
    reached = f"document.activeElement?.matches({json.dumps(selector)}) ?? false"
    for _ in range(MOST_STOPS):
        if await lab.page.evaluate(reached):
            return
        await lab.page.keyboard.press("Tab")
    raise AssertionError(f"{selector} was not reached by the key Tab")


async def run_by_keys(lab: Lab, number: int) -> None:
    """Run the cell of that number, which has the cursor; again, as `run_first_cell` does. Then the next is selected."""
    begun = lab.page.locator(".jp-CodeCell .jp-InputPrompt").nth(number).filter(has_not_text="[ ]:")
    for _ in range(TRIES):
        await lab.page.keyboard.press("Shift+Enter")
        await lab.page.keyboard.press("Escape")
        with suppress(NothingBegan):
            await begun.wait_for(timeout=FORGOTTEN_MS)
            return
        await lab.page.keyboard.press("ArrowUp")
    raise AssertionError("JupyterLab did not run the cell")


async def test_a_barrier_is_told_with_its_rule_and_its_element_but_not_those_of_others(page):
    await page.set_content(
        "<main><button></button><div class='jp-Workbench-panel'><img src='data:,'>"
        "<p style='color: #999; background: #888'>unreadable</p></div></main>"
    )
    image, colour = sorted(await violations_in(page), reverse=True)
    assert image.startswith('image-alt (critical): Images must have alternative text\n  <img src="data:,">\n  Fix any')
    assert colour.startswith("color-contrast (serious): ")
    assert "insufficient color contrast of 1.24" in colour


@pytest.mark.timeout(600)  # JupyterLab is loaded nine times
@pytest.mark.parametrize("theme", THEMES)
async def test_every_view_can_be_read_in_every_theme(lab, root, runs, setting, theme):
    async with setting("@jupyterlab/apputils-extension:themes", {"theme": theme}):
        book = f"{theme.split()[-1]}.ipynb"
        write_notebook(root / "badges" / book, "%azureml history on", ("badges_local", "badges local"))
        await lab.open(f"badges/{book}")
        await expect(lab.page.locator("body")).to_have_attribute("data-jp-theme-name", theme)
        await show_panel(lab)
        await lab.until_idle()
        await lab.run_first_cell()
        await lab.page.locator(".jp-Workbench-badge").wait_for()
        await lab.screenshot("panel-and-badge")
        await lab.change_kernel("myIris broken")
        await lab.dialog.locator(".jp-Workbench-places").wait_for()
        await lab.toast("myIris broken").wait_for()
        await lab.screenshot("dialog-and-toast")
        view = await open_view(lab, root / "myIris")
        await view.locator("tr", has_text="Failed").wait_for()
        await view.locator("tbody input").first.check()
        await view.get_by_role("button", name="Columns").click()
        await lab.screenshot("table")
        view = await open_view(lab, root / "myIris", runs[0])
        await view.get_by_role("region", name="Error", exact=True).wait_for()
        await lab.screenshot("run-that-failed")
        view = await open_view(lab, root / "myIris", runs[1])
        await view.get_by_role("figure", name="Chart of loss").locator("canvas, svg").first.wait_for()
        await lab.screenshot("run")
        view = await open_view(lab, root / "myIris", *runs)
        await view.locator(".jp-Workbench-added").first.wait_for()
        await lab.screenshot("comparison")


async def test_a_chart_takes_the_colours_of_the_theme_that_is_switched_to(lab, root, runs, setting):
    async with setting("@jupyterlab/apputils-extension:themes", {"theme": THEMES[0]}):
        view = await open_view(lab, root / "myIris", runs[1])
        chart = view.get_by_role("figure", name="Chart of loss").locator("canvas")
        await chart.wait_for()
        light = await chart.evaluate("chart => chart.toDataURL()")
        await lab.command("Use Theme: JupyterLab Dark")
        await expect(lab.page.locator("body")).to_have_attribute("data-jp-theme-light", "false")

        async def is_another() -> bool:
            return bool(await chart.evaluate("(chart, light) => chart.toDataURL() !== light", light))

        await until("the chart is drawn in other colours", is_another)
        await lab.screenshot("dark")


async def test_from_the_panel_to_a_comparison_with_the_keyboard_alone(lab, root):
    await lab.open()
    page, press = lab.page, lab.page.keyboard.press
    await page.get_by_role("tab", name="Workbench").wait_for()
    await lab.command("Show Workbench")
    await expect(page.get_by_role("treeitem", name="alone", exact=True)).to_be_focused()
    for key in ("ArrowDown", "ArrowDown"):
        await press(key)
    await expect(page.locator(":focus")).to_have_attribute(
        "aria-label", re.compile("^local, Python, Kernel not connected")
    )
    await press("Enter")
    await expect(lab.kernel_name).to_have_text("alone local")
    await lab.until_idle()
    badges = page.locator(".jp-Workbench-badge")
    for number, source in enumerate(("%azureml history on", "'the second run'")):
        await press("Enter")
        await page.keyboard.type(source)
        await run_by_keys(lab, number)
        await expect(badges).to_have_count(number + 1)
    await lab.command("Run history")
    await page.locator(".jp-Workbench-run").nth(1).wait_for()
    await tab_to(lab, "tr.jp-Workbench-run")
    await press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Completed")
    await tab_to(lab, ".jp-Workbench-button")
    await expect(page.locator(":focus")).to_have_text("All runs")
    await press("Enter")
    await tab_to(lab, "tr.jp-Workbench-run")
    for key in ("Space", "ArrowDown", "Space"):
        await press(key)
    await expect(page.get_by_text("2 runs selected")).to_be_visible()
    await press("Shift+Tab")  # out of the rows, to what stands before them
    compare = page.get_by_role("button", name="Compare", exact=True)
    for _ in range(MOST_STOPS):
        if await compare.evaluate("button => button === document.activeElement"):
            break
        await press("Shift+Tab")
    await press("Enter")
    await expect(page.get_by_role("heading", level=1, name="Comparison of runs")).to_be_visible()
    await lab.screenshot("comparison")


@pytest.mark.parametrize("language", ["fr_FR", "ja_JP"])
async def test_the_screen_speaks_the_language_of_jupyterlab(lab, root, runs, setting, language):
    pytest.importorskip(f"jupyterlab_language_pack_{language}", reason="the language pack is not installed")
    async with setting("@jupyterlab/translation-extension:plugin", {"locale": language}):
        await lab.open()
        tree = await show_panel(lab)
        for text in PANEL[language]:
            await expect(tree).to_contain_text(text)
        await tree.locator(".jp-mod-configuration .jp-Workbench-more").last.click()
        await expect(lab.page.locator(".lm-Menu")).to_contain_text(COMMAND[language])
        await lab.screenshot("panel")
        view = await open_view(lab, root / "myIris")
        await view.locator("tbody input").first.check()
        for text in HISTORY[language]:
            await expect(view).to_contain_text(text)
        await lab.screenshot("history")
