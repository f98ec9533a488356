"""A container whose files are not those of this machine: what others see of its kernel, and when it is removed."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from container_on_paper import STREAM, Engine

from jupyter_workbench.targets.base import KernelProcess
from jupyter_workbench.targets.docker.engines.engine import EngineError
from jupyter_workbench.targets.docker.running import met, process_files
from jupyter_workbench.targets.docker.running.containers import Container
from jupyter_workbench.targets.progress import quiet

IS_LOCKED = """
import fcntl, sys
with open(sys.argv[1]) as lock:
    try:
        fcntl.lockf(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        print("locked")
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of the kernel on this machine."""
    folder = tmp_path / "spools" / STREAM
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def engine(folder: Path) -> Engine:
    """An engine that sees no folder of this machine."""
    engine = Engine(folder)
    engine.has("records.jsonl", b'{"e":"open"}\n')
    return engine


def a_container(engine: Engine, folder: Path, *, sees_folders: bool = False) -> Container:
    place: Any = SimpleNamespace(
        engine=engine,
        sees_folders=sees_folders,
        project_volume=None,
        built=None,
        variables={},
        ca_bundle=None,
        user="0:0",
        compute=SimpleNamespace(network=None, memory=None),
        name_of=lambda _: "kernel",
        settings=lambda _, is_gated: {},
    )
    return Container(place, KernelProcess("kernel-1", (), {"transport": "tcp"}, folder), _id="1")


def an_end(error: Exception | None = None) -> asyncio.Future[str | None]:
    end: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
    if error is None:
        end.set_result("it was stopped")
    else:
        end.set_exception(error)
    return end


@pytest.fixture
async def created(engine: Engine, folder: Path, short_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Container:
    """A container that has not started."""
    monkeypatch.setattr(tempfile, "tempdir", str(short_folder))
    monkeypatch.setattr(process_files, "write_kernel_files", lambda *_: None)
    container = a_container(engine, folder)
    await container.create(quiet)
    return container


async def test_what_an_engine_that_went_away_still_has_is_not_removed(engine: Engine, folder: Path):
    container = a_container(engine, folder)
    (folder / "unfetched").touch()
    await container._follow(an_end(EngineError("no answer")))
    assert container.why() == "the Docker engine went away: no answer"
    assert engine.has_container
    assert (folder / "unfetched").exists()


async def test_the_next_start_looks_for_what_an_engine_that_went_away_still_has(
    engine: Engine, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(met, "_met", set())
    assert met.is_new(engine.id)
    await a_container(engine, folder)._follow(an_end(EngineError("no answer")))
    assert met.is_new(engine.id)


async def test_a_container_whose_files_are_those_of_this_machine_is_removed_when_its_engine_is_back(
    engine: Engine, folder: Path
):
    await a_container(engine, folder, sees_folders=True)._follow(an_end(EngineError("no answer")))
    assert engine.did == ["removed"]


async def test_a_container_that_somebody_removed_is_not_waited_for(
    engine: Engine, folder: Path, caplog: pytest.LogCaptureFixture
):
    engine.has_container = False
    (folder / "unfetched").touch()
    await a_container(engine, folder)._follow(an_end())
    assert not (folder / "unfetched").exists()
    assert caplog.messages == ["The container kernel was removed, with whatever was not brought in from it."]


async def test_a_kernel_that_did_not_start_leaves_nothing_that_is_waited_for(created: Container, folder: Path):
    assert (folder / "unfetched").exists()
    await created.discard()
    assert not (folder / "unfetched").exists()


async def test_other_processes_see_that_a_kernel_lives_whose_lock_is_in_its_container(created: Container, folder: Path):
    look = [sys.executable, "-c", IS_LOCKED, str(folder / "lock")]
    assert subprocess.run(look, stdout=subprocess.PIPE, check=True).stdout == b"locked\n"
    await created.discard()
    assert subprocess.run(look, stdout=subprocess.PIPE, check=True).stdout == b""


async def test_all_is_here_when_the_end_of_a_kernel_is_told(engine: Engine, folder: Path):
    container = a_container(engine, folder)
    (folder / "unfetched").touch()

    async def here_at_the_end() -> list[str]:
        await container.wait()
        return sorted(file.name for file in folder.iterdir())

    looking = asyncio.create_task(here_at_the_end())
    await container._follow(an_end())
    assert await looking == ["blobs", "records.jsonl"]
    assert engine.did == ["read records.jsonl", "removed"]
