"""A project's data folder that no test shares with another, its store, and a spool with or without a living kernel."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from kernel_on_paper import FACTS, KERNEL

from jupyter_workbench.history.disk.spool import Spool
from jupyter_workbench.history.location import ProjectData
from jupyter_workbench.history.store.store import Store


@pytest.fixture
def data(tmp_path: Path) -> ProjectData:
    return ProjectData(tmp_path / "data")


@pytest.fixture
def spool(data: ProjectData) -> Spool:
    return data.new_spool(FACTS)


@pytest.fixture
def living(spool: Spool) -> Iterator[subprocess.Popen[bytes]]:
    """A process that holds the lock of the spool."""
    command = [sys.executable, "-c", KERNEL, str(spool.folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"locked\n"
        yield process
        process.kill()


@pytest.fixture
def store(data: ProjectData) -> Iterator[Store]:
    store = Store(data)
    yield store
    store.close()
