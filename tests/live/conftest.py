"""Projects and servers for the live tests."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .jupyter import Server, running_server

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
"""Of Chromium."""


@pytest.fixture
def write_project(tmp_path: Path) -> Callable[..., Path]:
    """Write a project with one local run configuration; keyword arguments name more files of `aml_config/`."""

    def write(folder: str = "myIris", **files: str) -> Path:
        project = tmp_path / "root" / folder
        (project / "aml_config").mkdir(parents=True)
        defaults = {
            "local.compute": f"type: local\nnativeSharedDirectory: {tmp_path / 'share'}\n",
            "local.runconfig": "ArgumentVector:\n- $file\nTarget: local\nFramework: Python\n",
        }
        for name, text in (defaults | {name.replace("__", "."): text for name, text in files.items()}).items():
            (project / "aml_config" / name).write_text(text)
        return project

    return write


@pytest.fixture
def a_project(write_project: Callable[..., Path]) -> Path:
    """A project called myIris."""
    return write_project()


@pytest.fixture
def a_server(a_project: Path) -> Iterator[Server]:
    """A server at the home of `a_project`."""
    with running_server(a_project) as server:
        yield server


@pytest.fixture
def history() -> Callable[..., Any]:
    """Run `workbench history ... -o json` in a project and return what it prints."""

    def run(project: Path, *arguments: str) -> Any:
        command = [sys.executable, "-m", "jupyter_workbench.cli", "history", *arguments, "-o", "json"]
        done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


@pytest.fixture
async def page() -> AsyncIterator[Any]:
    """A page of the system's own Chromium: nothing is downloaded."""
    browsers = pytest.importorskip("playwright.async_api", reason="playwright is not installed")
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    async with browsers.async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield await browser.new_page()
        await browser.close()
