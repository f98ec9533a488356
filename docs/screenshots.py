"""Take the pictures of README.md from a real session: `make screenshots`.

A server on a project that is made here, kernels that train a small model several times, and JupyterLab in Chromium.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import nbformat
from PIL import Image

from tests.live.jupyter import Server, running_server, until
from tests.live.lab import PATIENCE_MS, Lab, a_browser, jupyter_in, local_project

IMAGES = Path(__file__).parent / "images"
WIDTH = 1280
NOTEBOOK_HEIGHT, COMPARISON_HEIGHT = 840, 930
COLOURS = 256
USER = "ada"
"""Whose runs they are, whoever takes the pictures."""

PROJECT, KERNEL = "myIris", ("myiris_local", "myIris local")
FILES = {
    "docker.compute": f"type: localdocker\nbaseDockerImage: {os.environ.get('WORKBENCH_TEST_IMAGE', 'python:3.12')}\n",
    "docker.runconfig": "Target: docker\nFramework: Python\n",
    "docker-spark.runconfig": "Target: docker\nFramework: PySpark\n",
}

TITLE = "# Classifying Iris"
SETUP = """\
from azureml.logging import get_azureml_logger
from sklearn.datasets import load_iris
from sklearn.metrics import ConfusionMatrixDisplay
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
train_x, test_x, train_y, test_y = train_test_split(*load_iris(return_X_y=True), random_state=3)
logger = get_azureml_logger()
%azureml history on"""
TRAINING = """\
rate = {rate}
model = MLPClassifier(16, learning_rate_init=rate, random_state=1)
for epoch in range(40):
    model.partial_fit(train_x, train_y, classes=[0, 1, 2])
    logger.log("loss", model.loss_, step=epoch)
    logger.log("accuracy", model.score(test_x, test_y), step=epoch)
logger.log("learning rate", rate)"""
MATRIX = """\
shown = ConfusionMatrixDisplay.from_estimator(model, test_x, test_y, cmap="Blues", colorbar=False)
shown.figure_.set(figwidth=2.2, figheight=2, layout_engine="tight")
logger.log("confusion matrix", shown.figure_)"""
RATES = (0.003, 0.01)
BEST = 0.03


async def main() -> None:
    """Take all pictures."""
    os.environ["LOGNAME"] = USER
    with tempfile.TemporaryDirectory() as jupyter, tempfile.TemporaryDirectory() as root:
        project = write_project(Path(root))
        with jupyter_in(Path(jupyter)), running_server(Path(root)) as server:
            compared = await train(server, project)
            async with a_page(server) as lab:
                await picture_of_a_notebook(lab)
                await picture_of_a_comparison(lab, project, compared)


def write_project(root: Path) -> Path:
    """Make a project with compute targets of two kinds, and a notebook; return its folder, resolved."""
    project = root.resolve() / PROJECT
    settings = local_project(project)
    for name, text in FILES.items():
        (settings / name).write_text(text)
    cells = [nbformat.v4.new_markdown_cell(TITLE)]
    cells += [nbformat.v4.new_code_cell(source) for source in (SETUP, TRAINING.format(rate=BEST), MATRIX)]
    kernelspec = {"name": KERNEL[0], "display_name": KERNEL[1], "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernelspec}), project / "iris.ipynb")
    return project


async def train(server: Server, project: Path) -> list[str]:
    """Train with each rate in one cell; return the runs, in that order."""
    kernel_id = await server.start_kernel(KERNEL[0])
    await server.until_state(kernel_id, "idle", "starting", "running")
    async with server.kernel(kernel_id) as kernel:
        for source in (SETUP, *(f"{TRAINING.format(rate=rate)}\n{MATRIX}" for rate in (*RATES, BEST))):
            reply = await kernel.run(source)
            assert reply.status == "ok", reply.error
    await server.request("DELETE", f"api/kernels/{kernel_id}")
    asked = f"workbench/api/runs?project_dir={quote(str(project), safe='')}&sort=started&text=rate"

    async def ended() -> list[str] | None:
        runs = [run["run_id"] for run in (await server.json("GET", asked))["runs"] if run["status"] == "Completed"]
        return runs if len(runs) == len(RATES) + 1 else None

    return list(await until("all runs have ended", ended))


@asynccontextmanager
async def a_page(server: Server) -> AsyncIterator[Lab]:
    """Open a page as large as the first picture."""
    async with a_browser() as browser:
        page = await browser.new_page(viewport={"width": WIDTH, "height": NOTEBOOK_HEIGHT})
        page.set_default_timeout(PATIENCE_MS)
        yield Lab(page, server, "screenshots")


async def picture_of_a_notebook(lab: Lab) -> None:
    """Run the notebook, with the panel open beside it."""
    page = lab.page
    await lab.open(f"{PROJECT}/iris.ipynb")
    await lab.until_idle()
    await page.locator(".jp-SideBar [data-id='jp-workbench-panel']").click()
    # JupyterLab asks for the kernel where a cell is run before it knows that it has one.
    await page.add_locator_handler(lab.dialog, lambda dialog: dialog.locator("button.jp-mod-accept").click())
    await lab.run_first_cell()
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.press("Control+Enter")
    await page.locator(".jp-OutputArea-output img").wait_for()
    await page.locator(".jp-Workbench-badge").nth(1).wait_for()
    await lab.until_idle()
    await widen_the_left_bar(page)
    await save(page, "notebook.png")


async def picture_of_a_comparison(lab: Lab, project: Path, runs: list[str]) -> None:
    """Open the address of a comparison."""
    query = f"workbench-project={quote(str(project), safe='')}"
    for number, run in enumerate(runs, start=1):
        query += f"&workbench-run{number if number > 1 else ''}={quote(run, safe='')}"
    page = lab.page
    await page.goto(f"{lab.server.url}lab/workspaces/comparison?token={lab.server.token}&{query}")
    await page.set_viewport_size({"width": WIDTH, "height": COMPARISON_HEIGHT})
    await page.get_by_role("figure", name="Chart of loss").locator("canvas, svg").first.wait_for()
    await page.get_by_role("img", name="confusion matrix of run").last.scroll_into_view_if_needed()  # it is loaded then
    await page.locator(".jp-Workbench-page h1").scroll_into_view_if_needed()
    await page.keyboard.press("Control+b")
    await page.locator("#jp-left-stack").wait_for(state="hidden")
    await save(page, "comparison.png")


async def widen_the_left_bar(page: Any) -> None:
    """Drag its border until nothing in the panel is broken into lines."""
    box = await page.locator("#jp-left-stack").bounding_box()
    x, y = box["x"] + box["width"] + 2, box["y"] + box["height"] / 2
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.mouse.move(x + 30, y, steps=5)
    await page.mouse.up()
    await page.mouse.move(WIDTH, 0)


async def save(page: Any, name: str) -> None:
    """Keep what the page shows, in few colours: the repository holds it."""
    shot = Image.open(BytesIO(await page.screenshot(animations="disabled"))).convert("RGB")
    shot.quantize(COLOURS, dither=Image.Dither.NONE).save(IMAGES / name, optimize=True)


if __name__ == "__main__":
    asyncio.run(main())
