"""What a user of JupyterLab sees, in a real browser."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from .jupyter import Server

pytestmark = pytest.mark.live
pytest.importorskip("playwright", reason="playwright is not installed")
from playwright.async_api import Locator, Page, expect  # noqa: E402 - after the skip

from .lab import Lab  # noqa: E402

PATIENCE_MS = 60_000


@pytest.fixture
def notebook(a_project: Path) -> Path:
    """A notebook with one cell, made for the plain Python kernel."""
    kernelspec = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    book = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("%azureml history show")], metadata={"kernelspec": kernelspec}
    )
    nbformat.write(book, a_project / "iris.ipynb")
    return a_project / "iris.ipynb"


@pytest.fixture
async def lab(notebook: Path, a_server: Server, page: Page) -> Page:
    """JupyterLab with the notebook open."""
    page.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    await page.goto(f"{a_server.url}lab/tree/{notebook.name}?token={a_server.token}")
    await expect(kernel_name(page)).to_have_text("Python 3 (ipykernel)")
    return page


def kernel_name(page: Page) -> Locator:
    return page.locator(".jp-NotebookPanel-toolbar .jp-Toolbar-kernelName")


async def change_kernel(page: Page, display_name: str) -> None:
    await kernel_name(page).click()
    await page.locator(".jp-Dialog select").select_option(label=display_name)
    await page.locator(".jp-Dialog button.jp-mod-accept").click()


async def test_a_run_configuration_is_picked_from_the_kernel_list_and_runs_the_cell(lab, a_server):
    await change_kernel(lab, "myIris local")
    await expect(kernel_name(lab)).to_have_text("myIris local")
    await Lab(lab, a_server, "iris").run_first_cell()
    await expect(lab.locator(".jp-OutputArea-output").first).to_have_text("History logging is disabled\n")


async def test_a_start_that_fails_shows_the_whole_reason_in_the_dialog(lab, a_project):
    (a_project / "aml_config" / "local.runconfig").write_text("Target: nowhere\nTrackedRun: maybe\nFramework: Python\n")
    await change_kernel(lab, "myIris local")
    dialog = lab.locator(".jp-Dialog", has_text="myIris local cannot start:")
    await expect(dialog).to_contain_text("aml_config/local.runconfig:1: Target: ")
    await expect(dialog).to_contain_text("aml_config/local.runconfig:2: TrackedRun: ")
