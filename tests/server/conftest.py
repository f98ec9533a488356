"""A real server in this process, on a root folder with one project; what it prepares is up to each test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from runs_here import write_runs
from server_here import Api, a_running_server

from jupyter_workbench.history.location import ProjectData
from jupyter_workbench.server import catch_up, extension
from jupyter_workbench.targets.progress import Report

LOCAL = {
    "local.compute": "type: local\n",
    "local.runconfig": "Target: local\nFramework: Python\n",
}


@dataclass
class Preparing:
    """A preparation that does what the test says, when it says so."""

    report: Report
    upgrade: bool
    outcome: asyncio.Future[str]


class Workshop:
    """Stands for `prepare_environment`: keeps what was begun."""

    def __init__(self) -> None:
        self.begun: list[Preparing] = []

    async def prepare(self, project_dir: Path, name: str, environment: Any, report: Report, *, upgrade: bool) -> str:
        preparing = Preparing(report, upgrade, asyncio.get_running_loop().create_future())
        self.begun.append(preparing)
        return await preparing.outcome


@pytest.fixture
def a_workshop(monkeypatch: pytest.MonkeyPatch) -> Workshop:
    """What this server prepares with."""
    workshop = Workshop()
    monkeypatch.setattr(extension, "prepare_environment", workshop.prepare)
    return workshop


@pytest.fixture
def write_project(tmp_path: Path) -> Callable[..., Path]:
    """Write a project below the root folder of the server from the files of its `aml_config/`."""

    def write(name: str, files: dict[str, str]) -> Path:
        folder = tmp_path / "root" / name / "aml_config"
        folder.mkdir(parents=True)
        for file, text in files.items():
            (folder / file).write_text(text)
        return folder.parent

    return write


@pytest.fixture
def my_iris(write_project: Callable[..., Path]) -> Path:
    """A project with one local run configuration."""
    return write_project("myIris", LOCAL)


@pytest.fixture
def no_catching_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the thread that would outlive the test."""
    monkeypatch.setattr(catch_up, "start", lambda *_: None)


@pytest.fixture
async def an_api(my_iris: Path, a_workshop: Workshop, no_catching_up: None) -> AsyncIterator[Api]:
    """A server that shows `my_iris` and prepares in `a_workshop`."""
    async with a_running_server(my_iris.parent) as api:
        yield api


@pytest.fixture
def its_runs(my_iris: Path) -> ProjectData:
    """Four runs of `my_iris`, see `runs_here`."""
    return write_runs(my_iris)
