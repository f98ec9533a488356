"""What a user of JupyterLab sees, in a real browser."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import pytest

from .jupyter import Server

pytestmark = pytest.mark.live
pytest.importorskip("playwright", reason="pytest-playwright is not installed")
from playwright.sync_api import Page, expect  # noqa: E402 - after the skip

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 60_000


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    """Use the system's own Chromium: nothing is downloaded."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    return {"executable_path": chromium, "args": FLAGS}


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
def lab(notebook: Path, a_server: Server, page: Page) -> Page:
    """JupyterLab with the notebook open."""
    page.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    page.goto(f"{a_server.url}lab/tree/{notebook.name}?token={a_server.token}")
    expect(kernel_name(page)).to_have_text("Python 3 (ipykernel)")
    return page


def kernel_name(page: Page):
    return page.locator(".jp-NotebookPanel-toolbar .jp-Toolbar-kernelName")


def change_kernel(page: Page, display_name: str) -> None:
    kernel_name(page).click()
    page.locator(".jp-Dialog select").select_option(label=display_name)
    page.locator(".jp-Dialog button.jp-mod-accept").click()


def test_a_run_configuration_is_picked_from_the_kernel_list_and_runs_the_cell(lab):
    change_kernel(lab, "myIris local")
    expect(kernel_name(lab)).to_have_text("myIris local")
    lab.locator(".jp-Cell .cm-content").first.click()
    lab.keyboard.press("Shift+Enter")
    expect(lab.locator(".jp-OutputArea-output").first).to_have_text("History logging is disabled\n")


def test_a_start_that_fails_shows_the_whole_reason_in_the_dialog(lab, a_project):
    (a_project / "aml_config" / "local.runconfig").write_text("Target: nowhere\nTrackedRun: maybe\nFramework: Python\n")
    change_kernel(lab, "myIris local")
    dialog = lab.locator(".jp-Dialog", has_text="myIris local cannot start:")
    expect(dialog).to_contain_text("aml_config/local.runconfig:1: Target: ")
    expect(dialog).to_contain_text("aml_config/local.runconfig:2: TrackedRun: ")
