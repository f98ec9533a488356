"""A Docker target in the panel of JupyterLab: stopped with its kernels, started by a click and by the first cell."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from ..jupyter import running_server
from ..lab import Lab, a_lab, name_of, write_notebook
from ..test_lab_panel import Panel
from .owners import Owner

KERNEL = ("myiris_docker", "myIris docker")


@pytest.fixture
async def lab(page: Page, project: Path, request: pytest.FixtureRequest) -> AsyncIterator[Lab]:
    """A page of a server at the folder above the project."""
    write_notebook(project / "a.ipynb", "import os; print(os.getcwd())", KERNEL)
    with running_server(project.parent) as server:
        async with a_lab(page, server, name_of(request)) as lab:
            yield lab


async def output_of_the_first_cell(lab: Lab, text: str) -> None:
    await expect(lab.page.locator(".jp-OutputArea-output").first).to_have_text(text)


async def stop(panel: Panel) -> None:
    """Stop the compute target with the kernel on it."""
    await panel.choose(panel.item("docker, Docker"), "Stop the compute target")
    await expect(panel.lab.dialog).to_contain_text("1 kernel is shut down. All its variables will be lost.")
    await panel.lab.dialog.get_by_role("button", name="Stop").click()
    await expect(panel.said).to_have_text("docker is stopped: 1 kernel shut down.")
    await panel.item("docker, Docker, Compute target stopped, Kernel not connected").wait_for()


async def test_a_stopped_target_has_no_container_and_is_started_by_the_first_cell(lab, lasting_owner: Owner):
    panel = Panel(lab)
    await lab.open("myIris/a.ipynb")
    await panel.show()
    await panel.item("docker, Docker, Compute target running, Kernel connected, idle").wait_for()
    await stop(panel)
    await lab.screenshot("stopped")
    assert await asyncio.to_thread(lasting_owner.kernels) == []
    await lab.run_first_cell()
    await output_of_the_first_cell(lab, "/azureml-run\n")
    await panel.item("docker, Docker, Compute target running, Kernel connected, idle").wait_for()
    await lab.screenshot("running")
    await panel.choose(panel.item(re.compile(r"^a\.ipynb")), "Shut the kernel down…")
    await lab.dialog.get_by_role("button", name="Shut Down").click()
    await panel.item("docker, Docker, Compute target running, Kernel not connected").wait_for()


async def test_a_stopped_target_is_started_by_a_click_and_stays_so_over_a_reload(lab):
    panel = Panel(lab)
    await lab.open()
    await panel.show()
    await panel.choose(panel.item("docker, Docker, Compute target running"), "Stop the compute target")
    await expect(panel.said).to_have_text("docker is stopped: 0 kernels shut down.")
    await lab.open()
    await panel.show()
    await panel.choose(panel.item("docker, Docker, Compute target stopped"), "Start the compute target")
    await panel.item("docker, Docker, Compute target running").wait_for()
    await expect(panel.said).to_contain_text("myIris docker")
    await panel.choose(panel.item("docker, Docker, Compute target running"), "Details of the compute target")
    for text in ("for a kernel", "free at", "MB on the engine", "packages", "baseDockerImage"):
        await expect(lab.dialog).to_contain_text(text)
    await lab.screenshot("details")
    await lab.dialog.get_by_role("button", name="Close").click()


async def test_a_target_whose_start_fails_has_failed_until_its_files_change(lab, project: Path, base_image: str):
    panel = Panel(lab)
    await lab.open()
    await panel.show()
    compute = project / "aml_config" / "docker.compute"
    text = compute.read_text()
    compute.write_text(text.replace(base_image, "no-such-registry.invalid/nothing:at-all"))
    await panel.item(re.compile("^docker, Python, The image no-such-registry")).wait_for()
    await panel.choose(panel.item("docker, Python"), "Prepare the environment")
    await panel.item("docker, Docker, Compute target failed").wait_for()
    await lab.screenshot("failed")
    compute.write_text(text)
    await panel.item("docker, Docker, Compute target running").wait_for()


async def test_a_package_more_makes_the_environment_another_one_in_the_panel(lab, project: Path):
    panel = Panel(lab)
    await lab.open()
    await panel.show()
    await panel.item(re.compile("^docker, Python, .*Environment prepared")).wait_for()
    packages = project / "aml_config" / "conda_dependencies.yml"
    text = packages.read_text()
    packages.write_text(f"{text}  - pytz\n")
    await panel.item(re.compile("^docker, Python, .*pytz was added.*Environment changed")).wait_for()
    await lab.screenshot("changed")
    packages.write_text(text)
    await panel.item(re.compile("^docker, Python, .*Environment prepared")).wait_for()


async def test_a_target_that_another_page_stops_is_stopped_here_too(lab, page: Page, request):
    panel, other = Panel(lab), await page.context.browser.new_page()
    await lab.open()
    await panel.show()
    await panel.item("docker, Docker, Compute target running").wait_for()
    async with a_lab(other, lab.server, f"{name_of(request)}-other") as other_lab:
        other_panel = Panel(other_lab)
        await other_lab.open()
        await other_panel.show()
        await other_panel.choose(other_panel.item("docker, Docker, Compute target running"), "Stop the compute target")
        await other_panel.item("docker, Docker, Compute target stopped").wait_for()
    await other.close()
    await panel.item("docker, Docker, Compute target stopped").wait_for()
