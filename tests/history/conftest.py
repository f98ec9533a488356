"""A project's data folder that no test shares with another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from kernel_on_paper import FACTS

from jupyter_workbench.history.location import ProjectData
from jupyter_workbench.history.spool import Spool
from jupyter_workbench.history.store import Store


@pytest.fixture
def data(tmp_path: Path) -> ProjectData:
    return ProjectData(tmp_path / "data")


@pytest.fixture
def spool(data: ProjectData) -> Spool:
    return data.new_spool(FACTS)


@pytest.fixture
def store(data: ProjectData) -> Iterator[Store]:
    store = Store(data)
    yield store
    store.close()
