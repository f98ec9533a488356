"""What a user of JupyterLab sees of a kernel in a container, in a real browser."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import nbformat
import pytest
from playwright.async_api import Page, expect

from ..jupyter import running_server, until
from ..lab import a_lab, name_of
from ..test_jupyterlab import PATIENCE_MS, change_kernel, kernel_name
from ..test_lab_panel import Panel
from .builds import a_held_package, build_containers, go_on
from .engines import PrivateEngine
from .owners import Owner, client_of
from .projects import build, docker_project


async def test_a_docker_kernel_is_picked_from_the_kernel_list_and_runs_the_cell(
    tmp_path: Path, base_image: str, lasting_engine_environment: dict[str, str], page: Page
):
    project = docker_project(tmp_path / "root" / "myIris", base_image)
    await build(project)
    cell = nbformat.v4.new_code_cell("import os; print(os.getcwd(), os.environ['AZUREML_NATIVE_SHARE_DIRECTORY'])")
    kernelspec = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": kernelspec}), project / "a.ipynb")
    page.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    with running_server(project) as server:
        await page.goto(f"{server.url}lab/tree/a.ipynb?token={server.token}")
        await expect(kernel_name(page)).to_have_text("Python 3 (ipykernel)")
        await change_kernel(page, "myIris docker")
        await expect(kernel_name(page)).to_have_text("myIris docker")
        await page.locator(".jp-Cell .cm-content").first.click()
        await page.keyboard.press("Shift+Enter")
        await expect(page.locator(".jp-OutputArea-output").first).to_have_text("/azureml-run /azureml-share/\n")


async def test_the_log_of_a_start_is_whole_after_a_reload(
    tmp_path: Path, base_image: str, isolated_owner: Owner, page: Page, request: pytest.FixtureRequest
):
    package = a_held_package(tmp_path / "packages").files[0]
    project = docker_project(tmp_path / "root" / "myIris", base_image, conda=f"dependencies:\n- pip:\n  - {package}\n")
    with running_server(project) as server:
        async with a_lab(page, server, name_of(request)) as lab:
            await lab.open()
            body = {"project_dir": str(project), "run_configuration": "docker"}
            await server.json("POST", "workbench/api/preparations", body)
            await lab.toast("Building held").wait_for()
            await lab.open()
            await lab.toast("Building held").get_by_role("button", name="Show log").click()
            log = page.get_by_role("log", name="Start of myIris docker")
            await expect(log).to_contain_text("Resolving packages")
            await expect(log).to_contain_text("   Building held @ file:///")
            (container,) = build_containers(isolated_owner.client, isolated_owner.name)
            go_on(container)
            await expect(log).to_contain_text(" + held==1.0 ")
            await expect(log).to_contain_text("Ready after")
            await lab.screenshot("log")

        async def is_gone() -> bool:
            return not await asyncio.to_thread(isolated_owner.containers)

        await until("the builder, which compiles the rest, is gone", is_gone)


async def test_an_engine_that_stops_in_the_middle_of_a_preparation_is_told_and_prepares_when_it_is_back(
    tmp_path: Path, base_image: str, own_engine: PrivateEngine, page: Page, request: pytest.FixtureRequest
):
    package = a_held_package(tmp_path / "packages").files[0]
    project = docker_project(tmp_path / "root" / "myIris", base_image, conda=f"dependencies:\n- pip:\n  - {package}\n")
    with running_server(project) as server:
        async with a_lab(page, server, name_of(request)) as lab:
            await lab.open()
            panel = Panel(lab)
            await panel.show()
            await panel.choose(panel.item("docker, Python"), "Prepare the environment")
            await lab.toast("Building held").wait_for()
            await asyncio.to_thread(own_engine.stop)

            toast = lab.page.locator(".Toastify__toast--error")
            await expect(toast).to_contain_text("myIris docker")
            await lab.screenshot("engine-stopped")
            await toast.get_by_role("button", name="Show reason").click()
            await expect(lab.dialog.locator(".jp-Workbench-reason")).to_contain_text(
                f"DOCKER_HOST: expected a Docker engine at {own_engine.host}, got no answer (No such file or "
                "directory) - start it, or correct DOCKER_HOST"
            )
            await lab.dialog.get_by_role("button", name="Close").click()
            await panel.item("docker, Docker, Compute target stopped, Kernel not connected").wait_for()
            (told,) = await server.json("GET", "workbench/api/preparations")
            assert told["state"] == "failed"

            await asyncio.to_thread(own_engine.start)
            await panel.choose(panel.item("docker, Python"), "Prepare the environment")
            await lab.toast("Building held").wait_for()
            await expect(toast).to_have_count(0)
            (container,) = build_containers(client_of(own_engine.host), os.environ["LOGNAME"])
            go_on(container)
            await panel.item("docker, Python, Kernel not connected, Environment prepared").wait_for()
            await lab.screenshot("prepared")
