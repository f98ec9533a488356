"""The run history in JupyterLab: its table, the page of a run, comparisons, and what kernels may write into them."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from textwrap import dedent
from typing import Any
from urllib.parse import quote

import pytest

from benchmarks.history_filled import OurFilled
from jupyter_workbench.history.location import project_data

from .jupyter import Server, until

pytestmark = pytest.mark.live
pytest.importorskip("playwright", reason="playwright is not installed")
from playwright.async_api import expect  # noqa: E402 - after the skip

from .lab import Lab, Stopwatch, local_project, write_notebook  # noqa: E402

KERNEL = ("myiris_local", "myIris local")
MANY = 100_000
TRIES = 3
"""How often a time is taken at most: the best counts, because the machine has other things to do."""

QUICK_SECONDS = 3.0
"""From a click to other rows."""

EVIL_NAME = "<img src=x onerror=window.ran=1>"
"""As much as a file may be called: it has no slash."""

LONGEST_TASK_MS = 300
"""A third of it is seen as a stutter; the rest is for a slow machine."""

EVIL = "<script>window.ran = true</script><img src=x onerror='window.ran = true'>"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, jupyter_of_the_file: None) -> Path:
    """The root folder of the server: `many` has many runs, and the history of `damaged` is no database."""
    folder = tmp_path_factory.mktemp("lab-history")
    for project in ("myIris", "empty", "many", "damaged"):
        local_project(folder / project)
    OurFilled(project_data(folder / "many", None).root, MANY).close()
    project_data(folder / "damaged", None).make()
    project_data(folder / "damaged", None).database.write_bytes(b"no database" * 1000)
    return folder


@pytest.fixture
def fresh() -> str:
    """A word that no test and no earlier try of this one has used."""
    return uuid.uuid4().hex[:8]


async def open_history(lab: Lab, project: Path, *runs: str) -> None:
    """Go to the address of a view."""
    query = f"workbench-project={quote(str(project), safe='')}"
    for number, run in enumerate(runs, start=1):
        query += f"&workbench-run{number if number > 1 else ''}={quote(run, safe='')}"
    await lab.page.goto(f"{workspace_of(lab)}?reset&token={lab.server.token}&{query}")
    await lab.page.locator(".jp-Workbench-history").wait_for()


def workspace_of(lab: Lab) -> str:
    """Return the address of the workspace in which a test opens views."""
    return f"{lab.server.url}lab/workspaces/{re.sub(r'[^a-z]+', '-', lab.name)}"


def kept_as(project: Path, *runs: str) -> str:
    """Return the name under which a workspace keeps that a view is open."""
    parts = ("workbench-history", str(project), *runs)
    return "workbench-history:" + ":".join(quote(part, safe="!*'()") for part in parts)


def saved(lab: Lab, holds: Callable[[dict[str, Any]], bool]) -> AbstractAsyncContextManager[Any]:
    """Wait, at the end of an `async with`, until a workspace was saved in it for which that holds."""

    def is_it(response: Any) -> bool:
        request = response.request
        is_save = request.method == "PUT" and "/api/workspaces/" in request.url
        return is_save and holds(request.post_data_json["data"])

    return lab.page.expect_response(is_it)


def table_rows(lab: Lab):
    return lab.page.locator(".jp-Workbench-runs tbody tr")


async def run_cells(server: Server, *sources: str) -> None:
    """Run cells in a kernel of the project, as runs."""
    kernel_id = await server.start_kernel(KERNEL[0])
    await server.until_state(kernel_id, "idle", "starting", "running")
    async with server.kernel(kernel_id) as kernel:
        for source in ("%azureml history on", *sources):
            await kernel.run(source)
    await server.request("DELETE", f"api/kernels/{kernel_id}")


async def test_a_project_without_runs_says_how_to_begin(lab, root):
    await open_history(lab, root / "empty")
    await expect(lab.page.locator(".jp-Workbench-empty")).to_contain_text("%azureml history on")


async def test_a_run_of_a_cell_is_in_the_table_while_it_runs(lab, root, fresh):
    project = f"live{fresh}"
    local_project(root / project)
    waiting = root / project / "go"
    source = f"%azureml history on\nimport os, time\nwhile not os.path.exists({str(waiting)!r}): time.sleep(0.05)"
    write_notebook(root / project / "live.ipynb", source, (f"{project}_local", f"{project} local"))
    await lab.open(f"{project}/live.ipynb")
    await lab.until_idle()
    await lab.command("Run history")
    await lab.page.locator(".jp-Workbench-empty").wait_for()
    await lab.page.locator(".lm-TabBar-tab", has_text="live.ipynb").click()
    await lab.run_first_cell()
    await lab.page.locator(".lm-TabBar-tab", has_text=f"Runs of {project}").click()
    await expect(table_rows(lab)).to_have_count(1)
    await expect(table_rows(lab).first).to_contain_text("Running")
    await lab.screenshot("running")
    waiting.touch()
    await expect(table_rows(lab).first).to_contain_text("Completed")
    await lab.screenshot("completed")


async def test_a_cell_shows_the_run_that_it_made_until_that_is_turned_off(lab, root, server):
    write_notebook(root / "myIris" / "badge.ipynb", "%azureml history on", KERNEL)
    await lab.open("myIris/badge.ipynb")
    await lab.until_idle()
    await lab.run_first_cell()
    badge = lab.page.locator(".jp-Workbench-badge")
    await expect(badge).to_have_accessible_name(re.compile(r"Run \d+: Completed"))
    await lab.screenshot("badge")
    number = await badge.inner_text()
    settings = "lab/api/settings/jupyter_workbench:cell-badges"
    await badge.click()
    await expect(lab.page.locator(".jp-Workbench-page h1")).to_contain_text(number)
    assert (await server.request("PUT", settings, {"raw": '{"show": false}'})).code == 204
    try:
        await lab.open("myIris/badge.ipynb")
        await lab.until_idle()
        await expect(badge).to_have_count(0)
    finally:
        await server.request("PUT", settings, {"raw": "{}"})


async def test_a_cell_that_asks_which_run_it_is_links_its_page(lab, root):
    write_notebook(root / "myIris" / "link.ipynb", "%azureml history on\n%azureml run", KERNEL)
    await lab.open("myIris/link.ipynb")
    await lab.until_idle()
    await lab.run_first_cell()
    async with lab.page.expect_popup() as opened:
        await lab.page.get_by_role("link", name="open the page of this run").click()
    page = await opened.value
    await expect(page.locator(".jp-Workbench-page h1")).to_contain_text("Run ")
    await page.close()


DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
"""A PNG of one pixel."""

TRAINING = """
import base64
from azureml.logging import get_azureml_logger
logger = get_azureml_logger()
for step in range(20):
    logger.log("loss", {start} / (step + 1), step=step)
logger.log("rates", [0.1, 0.2, float("nan"), 0.4])
logger.log("table", {{"name": ["a", "b"], "score": [1, 2]}})
class Dot:
    def _repr_png_(self):
        return base64.b64decode("{dot}")
logger.log("dot", Dot())
logger.upload("report.txt", "all is well")
print("printed by the cell")
"""


@pytest.fixture
async def trained(server: Server, root: Path) -> list[str]:
    """Two runs that logged values, the older one first, made by the first test that needs them; returns their ids."""
    asked = f"workbench/api/runs?project_dir={quote(str(root / 'myIris'), safe='')}&sort=started&text=rates"

    async def found() -> list[str]:
        ended = [run for run in (await server.json("GET", asked))["runs"] if run["status"] == "Completed"]
        return [run["run_id"] for run in ended]

    if not await found():
        await run_cells(server, *(TRAINING.format(start=start, dot=DOT) for start in (1.0, 2.0)))

    async def both() -> list[str] | None:
        ids = await found()
        return ids if len(ids) == 2 else None

    return list(await until("both runs have ended", both))


async def test_a_run_is_opened_by_the_keyboard_and_shows_what_it_logged(lab, root, trained):
    await open_history(lab, root / "myIris")
    row = lab.page.locator(f"tr[data-run='{trained[1]}']")
    await row.focus()
    await lab.page.keyboard.press("ArrowDown")
    await expect(lab.page.locator(f"tr[data-run='{trained[0]}']")).to_be_focused()
    await lab.page.keyboard.press("ArrowUp")
    await expect(row).to_be_focused()
    await lab.page.keyboard.press("Enter")
    page = lab.page.locator(".jp-Workbench-page")
    for name in ("loss", "rates"):
        chart = page.get_by_role("figure", name=f"Chart of {name}")
        await expect(chart.locator("canvas, svg").first).to_be_visible()
    await expect(page.get_by_role("region", name="table")).to_contain_text("score")
    await expect(page.get_by_role("region", name="Output", exact=True)).to_have_text("printed by the cell")
    await expect(page.locator(".jp-Workbench-source .cm-content")).to_contain_text("get_azureml_logger")
    await expect(page.locator(".jp-Workbench-source span").first).to_be_visible()
    await expect(page.get_by_role("img", name="dot")).to_have_js_property("naturalWidth", 1)
    report = page.locator("tr", has_text="report.txt")
    await report.get_by_role("button", name="Preview").click()
    await expect(page.get_by_role("region", name="report.txt")).to_have_text("all is well")
    async with lab.page.expect_download() as started:
        await report.get_by_role("link", name="Download").click()
    assert (Path(await (await started.value).path())).read_text() == "all is well"
    await lab.screenshot("run")


async def test_an_output_is_promoted_and_the_page_says_where_the_link_is(lab, root, trained, fresh):
    name = f"my report {fresh}"
    await open_history(lab, root / "myIris", trained[1])
    report = lab.page.locator("tr", has_text="report.txt")
    await report.get_by_role("button", name="Promote…").click()
    await expect(lab.dialog.locator("input")).to_have_value("report")
    await lab.dialog.locator("input").fill(name)
    await lab.screenshot("promoting")
    await lab.dialog.get_by_role("button", name="Promote").click()
    said = f"assets/{name}.link is report.txt of the run {trained[1]} from now on."
    await expect(lab.toast(said)).to_be_visible()
    link = root / "myIris" / "assets" / f"{name}.link"
    assert json.loads(link.read_text())["run_id"] == trained[1]
    await report.get_by_role("button", name="Promote…").click()
    await lab.dialog.locator("input").fill(name)
    await lab.dialog.get_by_role("button", name="Promote").click()
    await expect(lab.dialog).to_contain_text(f"assets/{name}.link is there already.")
    await lab.dialog.get_by_role("button", name="Cancel").click()


async def test_a_tag_and_a_note_are_kept(lab, root, trained, fresh):
    tag = f"stage={fresh}"
    await open_history(lab, root / "myIris", trained[0])
    await lab.page.get_by_label("New tag").fill(tag)
    await lab.page.keyboard.press("Enter")
    await expect(lab.page.locator(".jp-Workbench-tag")).to_contain_text(tag)
    await lab.page.get_by_role("textbox", name="Note").fill(f"the best of them: {fresh}")
    await lab.page.get_by_role("button", name="Save note").click()
    await expect(lab.page.get_by_role("button", name="Save note")).to_have_count(0)
    await open_history(lab, root / "myIris")
    await expect(lab.page.locator(f"tr[data-run='{trained[0]}']")).to_contain_text(tag)
    await lab.page.get_by_label("Tag", exact=True).select_option(tag)
    await expect(table_rows(lab)).to_have_count(1)


async def test_two_runs_are_compared(lab, root, trained):
    await open_history(lab, root / "myIris")
    for run in trained:
        await lab.page.locator(f"tr[data-run='{run}'] input").check()
    await lab.page.get_by_role("button", name="Compare").click()
    compared = lab.page.locator(".jp-Workbench-page")
    await expect(compared.get_by_role("row", name="loss (differs)")).to_contain_text("0.05 (20 values)")
    await expect(compared.get_by_role("figure", name="Chart of loss").locator("canvas, svg").first).to_be_visible()
    await expect(compared.locator(".jp-Workbench-removed")).to_contain_text("1.0 / (step + 1)")
    await expect(compared.locator(".jp-Workbench-added")).to_contain_text("2.0 / (step + 1)")
    for image in await compared.get_by_role("img", name=re.compile(r"dot of run \d+")).all():
        await image.scroll_into_view_if_needed()
        await expect(image).to_have_js_property("naturalWidth", 1)
    await expect(compared.get_by_role("img", name=re.compile(r"dot of run \d+"))).to_have_count(2)
    await lab.screenshot("comparison")


async def test_views_are_there_again_after_a_reload(lab, root, trained):
    async with saved(lab, lambda data: kept_as(root / "myIris", *trained) in data):
        await open_history(lab, root / "myIris", *trained)
    await lab.page.wait_for_function("() => !location.search")
    await lab.page.reload()
    await expect(lab.page.locator(".jp-Workbench-page h1")).to_have_text("Comparison of runs")


async def test_columns_that_were_chosen_are_there_again_after_a_reload(lab, root, trained):
    await open_history(lab, root / "myIris")
    await lab.page.get_by_role("button", name="Columns").click()
    await lab.page.get_by_role("group", name="Logged values").get_by_label("loss").wait_for()

    def has_them(data: dict[str, Any]) -> bool:
        columns = (data.get(f"jupyter_workbench:history:{root / 'myIris'}") or {}).get("columns") or []
        return "user" in columns and "metric:loss" not in columns

    async with saved(lab, has_them):
        await lab.page.get_by_role("group", name="Properties").get_by_label("User").check()
        await lab.page.get_by_role("group", name="Logged values").get_by_label("loss").uncheck()
    await expect(lab.page.get_by_role("columnheader", name="loss")).to_have_count(0)
    await lab.page.reload()
    await expect(lab.page.get_by_role("columnheader", name="User")).to_have_count(1)
    await expect(lab.page.get_by_role("columnheader", name="loss")).to_have_count(0)


async def test_a_copied_link_shows_the_same_rows_and_so_does_a_reload(lab, root, trained):
    await open_history(lab, root / "myIris")
    search = lab.page.get_by_label("Search runs")
    await search.fill("rates")
    await lab.page.get_by_label("Status", exact=True).select_option("Completed")
    await lab.page.get_by_role("columnheader", name="Started").get_by_role("button").click()
    await expect(lab.page.locator("[aria-sort=ascending]")).to_have_text(re.compile("Started"))
    await expect(table_rows(lab)).to_have_count(2)
    await lab.page.get_by_role("button", name="Copy link").click()
    await search.fill("")
    await search.press("Control+V")
    link = await search.input_value()

    def has_them(data: dict[str, Any]) -> bool:
        asked = data.get(kept_as(root / "myIris"), {}).get("data", {}).get("search", "")
        return all(part in asked for part in ("-text=rates", "-status=Completed", "-sort=start_time_utc"))

    async with saved(lab, has_them):
        await lab.page.goto(link)
    await expect_the_narrowed_rows(lab, trained)
    await lab.page.wait_for_function("() => !location.search")
    await lab.page.reload()
    await expect_the_narrowed_rows(lab, trained)


async def expect_the_narrowed_rows(lab: Lab, trained: list[str]) -> None:
    await expect(lab.page.get_by_label("Search runs")).to_have_value("rates")
    await expect(lab.page.get_by_label("Status", exact=True)).to_have_value("Completed")
    await expect(table_rows(lab)).to_have_count(len(trained))
    for row, run in zip(await table_rows(lab).all(), trained, strict=True):
        await expect(row).to_have_attribute("data-run", run)


async def test_a_view_that_was_closed_is_gone_after_a_reload(lab, root):
    closed, kept = kept_as(root / "empty"), kept_as(root / "myIris")
    async with saved(lab, lambda data: closed in data):
        await open_history(lab, root / "empty")
    async with saved(lab, lambda data: closed in data and kept in data):
        await lab.page.goto(f"{workspace_of(lab)}?workbench-project={quote(str(root / 'myIris'), safe='')}")
    await lab.page.wait_for_function("() => !location.search")
    tab = lab.page.locator(".lm-TabBar-tab", has_text="Runs of empty")
    async with saved(lab, lambda data: closed not in data and kept in data):
        await tab.locator(".lm-TabBar-tabCloseIcon").click()
    await lab.page.reload()
    await lab.page.locator(".lm-TabBar-tab", has_text="Runs of myIris").wait_for()  # with all else that was open
    await expect(tab).to_have_count(0)


async def test_a_page_shows_what_changed_since_the_run_before_of_the_same_cell(lab, root):
    write_notebook(root / "myIris" / "changed.ipynb", "%azureml history on\n'before'", KERNEL)
    await lab.open("myIris/changed.ipynb")
    await lab.until_idle()
    await lab.run_first_cell()
    badge = lab.page.locator(".jp-Workbench-badge")
    await expect(badge).to_have_accessible_name(re.compile(r"Run \d+: Completed"))
    number = (await badge.inner_text()).removeprefix("Run ")
    await lab.page.locator(".jp-CodeCell .cm-content").first.click()
    await lab.page.keyboard.press("Control+End")
    await lab.page.keyboard.insert_text("\n'after'")
    await lab.page.keyboard.press("Shift+Enter")
    await expect(badge).to_have_accessible_name(re.compile(rf"Run (?!{number}:)\d+: Completed"))
    await badge.click()
    changes = lab.page.get_by_role("region", name=f"Changes since run {number} of this cell")
    await expect(changes.locator(".jp-Workbench-added")).to_have_text(["+'after'\n"])
    await lab.screenshot("changes")


async def test_a_server_that_cannot_read_the_history_is_quoted(lab, root):
    message = "The run history is locked."
    await lab.page.route(
        re.compile(r"/workbench/api/runs\?"),
        lambda route: route.fulfill(status=500, json={"message": message, "reason": "HistoryError"}),
    )
    await open_history(lab, root / "empty")
    await expect(lab.page.get_by_role("alert")).to_contain_text(message)
    assert lab.console
    lab.console.clear()  # this test wanted that answer
    await lab.page.unroute(re.compile(r"/workbench/api/runs\?"))
    await lab.page.get_by_role("button", name="Try again").click()
    await lab.page.locator(".jp-Workbench-empty").wait_for()


@pytest.fixture
async def deleted(lab, root, server, fresh) -> None:
    """A table that shows one run alone, which is in the bin now."""
    await run_cells(server, f"'to be deleted: {fresh}'")
    await open_history(lab, root / "myIris")
    await lab.page.get_by_label("Search runs").fill(fresh)
    await expect(table_rows(lab)).to_have_count(1)
    await table_rows(lab).locator("input").check()
    await lab.page.get_by_role("button", name="Delete").click()
    await lab.page.get_by_text("No run fits the search and the filters.").wait_for()


async def test_a_run_is_deleted_and_brought_back(lab, deleted):
    await lab.toast("is in the bin for 30 days").get_by_role("button", name="Undo").click()
    await expect(table_rows(lab)).to_have_count(1)


async def test_a_run_in_the_bin_is_found_and_taken_out_later(lab, deleted):
    await lab.page.get_by_label("In the bin").check()
    await expect(table_rows(lab)).to_have_count(1)
    await lab.screenshot("bin")
    await table_rows(lab).locator("input").check()
    await lab.page.get_by_role("button", name="Take out of the bin").click()
    await expect(table_rows(lab)).to_have_count(0)
    await lab.page.get_by_label("In the bin").uncheck()
    await expect(table_rows(lab)).to_have_count(1)


async def test_what_a_kernel_writes_is_text_and_runs_nothing(lab, root, server, fresh):
    source = f"""
    evil = {EVIL!r}  # {fresh}
    logger = __import__("azureml.logging").logging.get_azureml_logger()
    logger.log(evil, evil)
    logger.log("list " + evil, [1, 2, 3])
    logger.log("table " + evil, {{evil: [evil]}})
    logger.upload(evil.replace("/", "_") + ".html", evil)
    print(evil)
    raise ValueError(evil)
    """
    await run_cells(server, dedent(source))
    await open_history(lab, root / "myIris")
    await lab.page.get_by_label("Search runs").fill(fresh)
    await expect(table_rows(lab)).to_have_count(1)
    await expect(table_rows(lab)).to_contain_text(EVIL)
    await table_rows(lab).get_by_role("button").click()
    page = lab.page.locator(".jp-Workbench-page")
    await page.locator("h1").wait_for()
    await lab.page.get_by_label("New tag").fill(EVIL)
    await lab.page.keyboard.press("Enter")
    await lab.page.get_by_role("textbox", name="Note").fill(EVIL)
    await lab.page.get_by_role("button", name="Save note").click()
    await expect(page.locator(".jp-Workbench-tag")).to_contain_text("<script>")
    await page.get_by_role("button", name="Preview").click()
    await expect(page.get_by_role("region", name=".html")).to_have_text(EVIL)
    await expect(page.get_by_role("region", name="Output", exact=True)).to_have_text(EVIL)
    await expect(page.get_by_role("region", name="Error", exact=True)).to_contain_text(EVIL)
    await expect(page.locator(".jp-Workbench-chart canvas, .jp-Workbench-chart svg").first).to_be_visible()
    await lab.screenshot("evil")
    assert await lab.page.evaluate("window.ran") is None
    assert await page.locator("script, img[src='x']").count() == 0


async def test_markup_in_the_names_of_files_is_text_at_the_cell_and_in_every_view(lab, root, fresh):
    notebook, experiment = f"{EVIL_NAME}.ipynb", f"{EVIL_NAME}{fresh}"
    source = f"""
    %azureml history on
    get_ipython().run_line_magic("azureml", "experiment " + {experiment!r})
    logger = __import__("azureml.logging").logging.get_azureml_logger()
    logger.log({EVIL!r}, {EVIL!r})
    logger.upload({EVIL_NAME!r} + ".txt", {EVIL!r})
    """
    write_notebook(root / "myIris" / notebook, dedent(source).strip(), KERNEL)
    await lab.open(f"myIris/{notebook}")
    await lab.until_idle()
    badge = lab.page.locator(".jp-Workbench-badge")
    numbers = set()
    for _ in range(2):
        await lab.run_first_cell()
        await expect(badge).to_have_accessible_name(re.compile(r"Run \d+: Completed"))
        await expect(badge).not_to_have_text(re.compile("|".join(numbers) or "^$"))
        numbers.add(await badge.inner_text())
    await badge.click()
    page = lab.page.locator(".jp-Workbench-page")
    await expect(page.get_by_role("table", name="Properties")).to_contain_text(notebook)
    await expect(page.locator("tr", has_text=f"{EVIL_NAME}.txt")).to_be_visible()
    await expect(page.locator(".jp-Workbench-source .cm-content")).to_contain_text(EVIL_NAME)
    await lab.screenshot("evil-page")
    await page.get_by_role("button", name=re.compile("Compare with run")).click()
    compared = lab.page.get_by_role("table", name="Values and properties")
    for text in (EVIL, notebook):
        await expect(compared).to_contain_text(text)
    await lab.screenshot("evil-comparison")
    await open_history(lab, root / "myIris")
    await lab.page.get_by_label("Search runs").fill(experiment)
    await expect(table_rows(lab)).to_have_count(2)
    for text in (EVIL, EVIL_NAME):
        await expect(table_rows(lab).first).to_contain_text(text)
    assert await lab.page.evaluate("window.ran") is None
    assert await lab.page.locator(".jp-Workbench-history").locator("script, img[src='x']").count() == 0


async def test_a_hundred_thousand_runs_are_paged_and_sorted(lab, root):
    async def seconds() -> dict[str, float]:
        took = {}
        await open_history(lab, root / "many")
        pages = lab.page.get_by_role("navigation", name="Pages")
        await expect(pages).to_contain_text("Page 1 of 1000 · 100000 runs")
        await expect(table_rows(lab)).to_have_count(100)
        number = table_rows(lab).first.get_by_role("button")
        await expect(number).to_have_text("100000")
        for button, first in (("Next", "99900"), ("Last", "100"), ("First", "100000")):
            clicked = Stopwatch()
            await pages.get_by_role("button", name=button, exact=True).click()
            await expect(number).to_have_text(first)
            took[button] = clicked.seconds
        header = lab.page.get_by_role("columnheader", name="metric 0")
        for direction in ("descending", "ascending"):
            clicked = Stopwatch()
            await lab.page.get_by_role("button", name="metric 0").click()
            await expect(header).to_have_attribute("aria-sort", direction)
            await expect(table_rows(lab).first).to_contain_text("96.5" if direction == "descending" else "0.5")
            took[direction] = clicked.seconds
        return took

    best = await best_of(seconds, QUICK_SECONDS)
    await lab.screenshot("many")
    assert max(best.values()) <= QUICK_SECONDS, best


async def best_of(measure: Callable[[], Awaitable[dict[str, float]]], enough: float) -> dict[str, float]:
    """Measure again until all were quick enough once, several times at most; return the best of each."""
    best = await measure()
    for _ in range(TRIES - 1):
        if max(best.values()) > enough:
            again = await measure()
            best = {deed: min(took, again[deed]) for deed, took in best.items()}
    return best


async def test_the_page_does_not_stutter_while_a_hundred_thousand_runs_are_paged_filtered_and_sorted(lab, root):
    async def longest_task() -> dict[str, float]:
        await open_history(lab, root / "many")
        pages = lab.page.get_by_role("navigation", name="Pages")
        await expect(table_rows(lab)).to_have_count(100)
        await lab.page.evaluate(
            "window.tasks = [];"
            "window.keep = entries => window.tasks.push(...entries.map(task => task.duration));"
            "window.observer = new PerformanceObserver(list => window.keep(list.getEntries()));"
            "window.observer.observe({ type: 'longtask' })"
        )
        waiting = pages.get_by_text("Loading…")
        for button in ("Next", "Next", "Last", "Previous", "First"):
            await pages.get_by_role("button", name=button, exact=True).click()
            await expect(waiting).to_have_count(0)
        await lab.page.get_by_role("button", name="metric 0").click()
        await expect(waiting).to_have_count(0)
        await lab.page.get_by_label("Status").select_option("Completed")
        await expect(waiting).to_have_count(0)
        await lab.page.locator(".jp-Workbench-tableBox").evaluate("box => box.scrollTo({ top: box.scrollHeight })")
        await table_rows(lab).first.focus()
        for _ in range(5):
            await lab.page.keyboard.press("PageDown")
        await lab.page.evaluate("window.keep(window.observer.takeRecords())")
        return {"longest": max(await lab.page.evaluate("window.tasks"), default=0)}

    best = await best_of(longest_task, LONGEST_TASK_MS)
    assert best["longest"] <= LONGEST_TASK_MS


async def test_a_history_that_cannot_be_written_is_told_and_told_again_after_a_reload(lab, root):
    write_notebook(root / "damaged" / "told.ipynb", "%azureml history on", ("damaged_local", "damaged local"))
    told = lab.toast("The run history of damaged is not up to date")
    await lab.open("damaged/told.ipynb")
    await lab.until_idle()
    await lab.run_first_cell()
    await expect(told).to_be_visible()
    await lab.screenshot("damaged")
    await lab.page.reload()
    await told.get_by_role("button", name="Run history").click()
    await expect(lab.page.locator(".jp-Workbench-error")).to_contain_text("the run history is damaged")

    async def is_said_in_the_console() -> bool:
        return all(any(asked in line for line in lab.console) for asked in ("api/runs?", "api/runs/choices"))

    await until("what the table asked in vain is in the console, too", is_said_in_the_console)
    lab.console.clear()
