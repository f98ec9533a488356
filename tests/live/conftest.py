"""Projects and servers for the live tests."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .jupyter import Server, running_server
from .lab import Lab, a_browser, a_lab, chromium, name_of, own_jupyter


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
    pytest.importorskip("playwright.async_api", reason="playwright is not installed")
    if chromium() is None:
        pytest.skip("no Chromium on this machine")
    async with a_browser() as browser:
        yield await browser.new_page()


@pytest.fixture(scope="module")
def jupyter_of_the_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The folders of Jupyter that all tests of a file share, because they share a server."""
    with own_jupyter(tmp_path_factory):
        yield


@pytest.fixture(scope="module")
def server(root: Path, jupyter_of_the_file: None) -> Iterator[Server]:
    """One server for all tests of a file, at the `root` that the file has of its own."""
    with running_server(root) as running:
        yield running


@pytest.fixture
async def lab(page: Any, server: Server, request: pytest.FixtureRequest) -> AsyncIterator[Lab]:
    """JupyterLab on that server, nothing opened in it yet."""
    async with a_lab(page, server, name_of(request)) as opened:
        yield opened
