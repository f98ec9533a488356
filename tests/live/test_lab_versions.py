"""The screen in the oldest JupyterLab that it is for, and in Notebook 7, which has room for one document a window."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from .jupyter import Server, running_server

pytestmark = pytest.mark.live
pytest.importorskip("playwright", reason="playwright is not installed")
from playwright.async_api import expect  # noqa: E402 - after the skip

from .lab import Lab, a_lab, local_project, name_of, write_notebook  # noqa: E402

KERNEL = ("myiris_local", "myIris local")
OF_NOTEBOOK = (
    "reading 'schema'",  # its own start, with no extension at all
    'Window name candidate "null" already exists',  # when JupyterLab is opened beside it
)
"""Errors of Notebook 7 itself."""


def python_of(variable: str, what: str) -> str:
    """Return the Python that a variable names."""
    named = os.environ.get(variable)
    if not named:
        pytest.skip(f"{variable} names no Python with {what} and this package (.ci/run makes one)")
    return named


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, jupyter_of_the_file: None) -> Path:
    """The root folder of each server: a run configuration that runs, and one that cannot."""
    folder = tmp_path_factory.mktemp("lab-versions")
    home = local_project(folder / "myIris")
    (home / "broken.runconfig").write_text("Target: nowhere\nFramework: Python\n")
    return folder


@pytest.fixture
def a_notebook(root: Path, request: pytest.FixtureRequest) -> str:
    """A notebook of this test alone, as a path below the root: the server remembers which kernel it had."""
    path = root / "myIris" / f"{name_of(request)[:40]}.ipynb"
    return write_notebook(path, "%azureml history on", KERNEL).relative_to(root).as_posix()


@pytest.fixture(scope="module")
def old_server(root: Path) -> Iterator[Server]:
    """A server of JupyterLab 4.2."""
    with running_server(root, python=python_of("WORKBENCH_TEST_LAB42_PYTHON", "JupyterLab 4.2")) as running:
        yield running


@pytest.fixture
async def old_lab(page: Any, old_server: Server, request: pytest.FixtureRequest) -> AsyncIterator[Lab]:
    """JupyterLab 4.2."""
    async with a_lab(page, old_server, name_of(request)) as opened:
        yield opened


@pytest.fixture(scope="module")
def notebook_server(root: Path) -> Iterator[Server]:
    """A server of Notebook 7."""
    with running_server(root, python=python_of("WORKBENCH_TEST_NOTEBOOK_PYTHON", "Notebook 7")) as running:
        yield running


@pytest.fixture
async def notebook(page: Any, notebook_server: Server, request: pytest.FixtureRequest) -> AsyncIterator[Lab]:
    """A window of Notebook 7."""
    async with a_lab(page, notebook_server, name_of(request)) as opened:
        yield opened
        opened.errors[:] = [one for one in opened.errors if not any(known in one for known in OF_NOTEBOOK)]


async def open_in_notebook(notebook: Lab, path: str) -> None:
    """Open a notebook in its window."""
    await notebook.page.goto(f"{notebook.server.url}notebooks/{path}?token={notebook.server.token}")
    await notebook.page.locator(".jp-NotebookPanel .jp-Cell .cm-content").first.wait_for()
    await notebook.until_idle()


async def start_what_cannot(lab: Lab) -> None:
    """Change to the kernel of the broken run configuration, and see that it is told why it does not start."""
    await lab.change_kernel("myIris broken")
    await lab.dialog.get_by_role("button", name="Open aml_config/broken.runconfig:1").wait_for()
    await lab.toast("myIris broken").get_by_role("button", name="Show reason").wait_for()
    await lab.screenshot("failure")


async def see_the_run(lab: Lab) -> None:
    """See the page of a run, and from there the table."""
    await expect(lab.page.locator(".jp-Workbench-page h1")).to_contain_text("Completed")
    await expect(lab.page.locator(".jp-Workbench-source .cm-content")).to_contain_text("%azureml history on")
    await lab.screenshot("run")
    await lab.page.get_by_role("button", name="All runs").click()
    await lab.page.locator(".jp-Workbench-runs tbody tr", has_text="Completed").first.wait_for()
    await lab.screenshot("table")


async def test_jupyterlab_4_2_has_the_panel_the_reasons_of_failures_and_the_run_history(old_lab, a_notebook):
    await old_lab.open(a_notebook)
    await old_lab.until_idle()
    await old_lab.page.locator(".jp-SideBar [data-id='jp-workbench-panel']").click()
    await old_lab.page.get_by_role("treeitem", name="local, Python, Kernel connected, idle").wait_for()
    await old_lab.run_first_cell()
    await old_lab.page.locator(".jp-Workbench-badge").click()
    await see_the_run(old_lab)
    await old_lab.page.locator(".lm-TabBar-tab", has_text=".ipynb").click()
    await start_what_cannot(old_lab)
    await old_lab.dialog.get_by_role("button", name="Open aml_config/broken.runconfig:1").press("Enter")
    await expect(old_lab.page.locator(".jp-FileEditor .cm-content")).to_contain_text("Target: nowhere")


async def test_notebook_has_the_panel_beside_the_notebook(notebook, a_notebook):
    await open_in_notebook(notebook, a_notebook)
    await notebook.page.get_by_role("menuitem", name="View").click()
    await notebook.page.get_by_role("menuitem", name="Show Workbench").click()
    await notebook.page.get_by_role("treeitem", name="local, Python, Kernel connected, idle").wait_for()
    await notebook.screenshot("panel")


async def test_notebook_tells_why_a_kernel_does_not_start(notebook, a_notebook):
    await open_in_notebook(notebook, a_notebook)
    await start_what_cannot(notebook)


async def test_notebook_opens_a_run_in_a_window_of_its_own(notebook, a_notebook, request):
    await open_in_notebook(notebook, a_notebook)
    await notebook.run_first_cell()
    async with notebook.page.expect_popup() as opened:
        await notebook.page.locator(".jp-Workbench-badge").click()
    async with a_lab(await opened.value, notebook.server, f"{name_of(request)}-window") as window:
        await see_the_run(window)


async def test_the_list_of_files_of_notebook_leads_to_the_run_history_and_shows_the_panel(notebook, request):
    await notebook.page.goto(f"{notebook.server.url}tree?token={notebook.server.token}")
    await notebook.page.get_by_role("menuitem", name="View").click()
    await notebook.page.get_by_role("menuitem", name="Show Workbench").click()
    await notebook.page.get_by_role("treeitem", name="myIris", exact=True).wait_for()
    await notebook.screenshot("panel")
    await notebook.page.get_by_role("menuitem", name="View").click()
    async with notebook.page.expect_popup() as opened:
        await notebook.page.get_by_role("menuitem", name="Run history").click()
    async with a_lab(await opened.value, notebook.server, f"{name_of(request)}-window") as window:
        await window.page.get_by_role("navigation", name="Pages").wait_for()
