"""What JupyterLab shows of kernels that are prepared, that are slow, and that do not start."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from .jupyter import Server, running_server, until

pytestmark = pytest.mark.live
pytest.importorskip("playwright", reason="playwright is not installed")
from playwright.async_api import Page, expect  # noqa: E402 - after the skip

from .lab import Lab, a_lab, local_project, name_of, write_notebook  # noqa: E402

SLOW = """#!/bin/sh
case "$1" in -c) while [ ! -e {go} ]; do sleep 0.1; done; echo 3 12 True;; *) exec {python} "$@";; esac
"""
BROKEN = "Target: nowhere\nTrackedRun: maybe\nFramework: Python\n"
WHICH_KERNEL = "'one of a project' if get_ipython().find_line_magic('azureml') else 'another'"
ODD = "Target: '<img src=x onerror=alert(1)>'\nFramework: Python\n"


@dataclass
class Root:
    """The root folder of the server, with a project whose Python answers when told to."""

    folder: Path
    go: Path

    def slow_again(self) -> None:
        """Let the next start wait, even though the server knows this Python: it has changed."""
        self.go.unlink(missing_ok=True)
        python = self.go.with_name("slow")
        python.write_text(
            python.read_text() + "#\n" if python.exists() else SLOW.format(go=self.go, python=sys.executable)
        )
        python.chmod(0o755)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Root:
    """Its project has a run configuration that is slow, one that is not, and one that cannot start."""
    folder = tmp_path_factory.mktemp("lab-starting")
    made = Root(folder, folder / "go")
    made.slow_again()
    home = local_project(folder / "myIris")
    (home / "slow.compute").write_text(f"type: local\npythonLocation: {folder / 'slow'}\n")
    (home / "slow.runconfig").write_text("Target: slow\nFramework: Python\n")
    (home / "broken.runconfig").write_text(BROKEN)
    (home / "odd.runconfig").write_text(ODD)
    return made


@pytest.fixture(scope="module")
def server(root: Root, jupyter_of_the_file: None) -> Iterator[Server]:
    """One server for all tests of this file, at the folder of that root."""
    with running_server(root.folder) as running:
        yield running


@pytest.fixture
async def lab(page: Page, server: Server, request: pytest.FixtureRequest, root: Root) -> AsyncIterator[Lab]:
    """A page of it, with a notebook of this test on the plain Python kernel."""
    root.slow_again()
    notebook = write_notebook(root.folder / "myIris" / f"{name_of(request)[:40]}.ipynb", WHICH_KERNEL)
    async with a_lab(page, server, name_of(request)) as opened:
        await opened.open(f"myIris/{notebook.name}")
        await opened.until_idle()
        yield opened
        root.go.touch()
    for kernel in await server.json("GET", "api/kernels"):
        await server.request("DELETE", f"api/kernels/{kernel['id']}")


async def test_a_slow_start_tells_how_long_it_takes_and_goes_away_when_the_kernel_is_there(lab, root):
    await lab.change_kernel("myIris slow")
    toast = lab.toast("myIris slow: ")
    await expect(toast).to_contain_text(" s)")
    await lab.screenshot("toast")
    root.go.touch()
    await toast.wait_for(state="detached")
    await expect(lab.kernel_name).to_have_text("myIris slow")


async def test_a_cell_that_is_run_meanwhile_runs_on_the_new_kernel(lab, root):
    await lab.run_first_cell()
    output = lab.page.locator(".jp-OutputArea-output").first
    await expect(output).to_have_text("'another'")
    await lab.change_kernel("myIris slow")
    await lab.toast("myIris slow: ").wait_for()
    await expect(lab.kernel_name).to_have_text("myIris slow")
    await lab.run_first_cell()
    root.go.touch()
    await expect(output).to_have_text("'one of a project'")


async def test_a_slow_start_can_be_cancelled(lab, server):
    await lab.change_kernel("myIris slow")
    toast = lab.toast("myIris slow: ")
    await toast.get_by_role("button", name="Cancel").click()
    await toast.wait_for(state="detached")

    async def gone() -> bool:
        return all(kernel["name"] != "myiris_slow" for kernel in await server.json("GET", "api/kernels"))

    await until("the kernel is gone", gone)
    await expect(lab.kernel_name).to_have_text("No Kernel")
    await lab.screenshot("cancelled")


async def test_the_log_of_a_start_grows_until_it_ends(lab, root):
    await lab.change_kernel("myIris slow")
    toast = lab.toast("myIris slow: ")
    await toast.get_by_role("button", name="Show log").click()
    log = lab.page.get_by_role("log", name="Start of myIris slow")
    await expect(log).to_be_visible()
    await lab.screenshot("log")
    root.go.touch()
    await expect(log).to_contain_text("Ready after")


async def test_a_failure_leads_to_the_line_of_the_file_from_the_dialog(lab):
    await lab.change_kernel("myIris broken")
    dialog = lab.page.locator(".jp-Dialog", has_text="myIris broken cannot start:")
    await dialog.get_by_role("button", name="Open aml_config/broken.runconfig:2").click()
    await dialog.wait_for(state="detached")
    await shown_at(lab, "broken.runconfig", 2)
    await lab.screenshot("opened")


async def test_a_failure_leads_to_the_line_of_the_file_from_the_notification(lab):
    await lab.change_kernel("myIris broken")
    dialog = lab.page.locator(".jp-Dialog", has_text="myIris broken cannot start:")
    await dialog.locator(".jp-Workbench-places").wait_for()
    await lab.screenshot("dialog")
    await dialog.get_by_role("button", name="Ok", exact=True).click()
    toast = lab.toast("myIris broken cannot start:")
    await toast.get_by_role("button", name="Show reason").click()
    reason = lab.page.locator(".jp-Dialog .jp-Workbench-reason")
    await expect(reason).to_contain_text("aml_config/broken.runconfig:1: Target: ")
    await expect(reason).to_contain_text("aml_config/broken.runconfig:2: TrackedRun: ")
    await lab.screenshot("reason")
    await reason.get_by_text("aml_config/broken.runconfig:1", exact=True).click()
    await shown_at(lab, "broken.runconfig", 1)


async def test_markup_in_a_reason_is_text(lab):
    await lab.change_kernel("myIris odd")
    toast = lab.toast("myIris odd cannot start:")
    await lab.dialog.get_by_role("button", name="Ok", exact=True).click()
    await toast.get_by_role("button", name="Show reason").click()
    reason = lab.page.locator(".jp-Dialog .jp-Workbench-reason")
    await expect(reason).to_contain_text("<img src=x onerror=alert(1)>")
    assert await reason.locator("img").count() == 0


async def shown_at(lab: Lab, name: str, line: int) -> None:
    """Wait until a file is open in front, with the cursor at a line."""
    await expect(lab.page.locator("#jp-main-dock-panel .jp-mod-current")).to_have_text(name)
    await expect(lab.page.locator(".jp-FileEditor .cm-content")).to_be_focused()
    await lab.page.get_by_role("button", name=f"Ln {line}, Col 1").wait_for()
