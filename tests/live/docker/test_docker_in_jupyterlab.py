"""What a user of JupyterLab sees of a kernel in a container, in a real browser."""

from __future__ import annotations

from pathlib import Path

import nbformat
from playwright.async_api import Page, expect

from ..jupyter import running_server
from ..test_jupyterlab import PATIENCE_MS, change_kernel, kernel_name
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
