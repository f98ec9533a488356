"""Engines on paper, for what needs no real one."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from docker_on_paper import Engine, running

from jupyter_workbench.targets.docker.engines import engine as engines


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """Return a folder whose path leaves room for the name of a socket, which has 107 characters at most."""
    folder = Path(tempfile.mkdtemp(prefix="docker-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def an_engine(short_folder: Path) -> Iterator[Engine]:
    """Run an engine that answers the first questions."""
    with running(short_folder / "docker.sock") as engine:
        yield engine


@pytest.fixture(autouse=True)
async def no_kept_engines() -> AsyncIterator[None]:
    """Close the connections that the test made."""
    yield
    await asyncio.gather(*(engine.close() for engine in tuple(engines._kept.values())))
