"""Containers that a killed server left: none is removed before this machine has what is written in it."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path

import pytest
from archives_on_paper import an_entry
from container_on_paper import STREAM, Engine

from jupyter_workbench.targets.docker.engines.engine import EngineError
from jupyter_workbench.targets.docker.running import leftovers, met, tidying

RECORDS = b'{"e":"open"}\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of the kernel on this machine."""
    folder = tmp_path / "spools" / STREAM
    folder.mkdir(parents=True)
    (folder / "unfetched").touch()
    return folder


@pytest.fixture
def engine(folder: Path) -> Engine:
    """An engine with the container, in which something is written."""
    engine = Engine(folder)
    engine.has("kernel.json", b"{}")
    engine.has("blobs/abc", b"weights")
    engine.has("records.jsonl", RECORDS)
    return engine


async def test_a_container_stays_when_what_is_written_in_it_cannot_be_saved(engine: Engine, folder: Path):
    (folder / "unfetched").unlink()
    folder.rmdir()
    folder.write_text("a file where the folder should be")
    assert await leftovers.remove_leftovers(engine) == ()
    assert engine.has_container


async def test_a_container_whose_engine_goes_away_meanwhile_is_still_waited_for(engine: Engine, folder: Path):
    engine.when_stopped = lambda: setattr(engine, "is_away", True)
    with pytest.raises(EngineError, match="the engine is away"):
        await leftovers.remove_leftovers(engine)
    assert engine.has_container
    assert (folder / "unfetched").exists()


async def test_a_try_that_fails_does_not_have_the_run_history_wait_anew(engine: Engine, folder: Path):
    os.utime(folder / "unfetched", (1, 1))
    engine.when_stopped = lambda: (folder / "records.jsonl").mkdir()
    assert await leftovers.remove_leftovers(engine) == ()
    assert (folder / "unfetched").stat().st_mtime == 1


async def test_the_next_start_tries_again_when_the_engine_went_away_meanwhile(
    engine: Engine, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(met, "_met", set())
    engine.when_stopped = lambda: setattr(engine, "is_away", True)
    assert met.is_new(engine.id)
    await tidying._tidy(engine)
    assert met.is_new(engine.id)
    assert caplog.messages == ["Containers that nobody owns stay until the next start: the engine is away"]


async def test_a_container_that_is_gone_meanwhile_is_not_waited_for(engine: Engine, folder: Path):
    engine.when_stopped = lambda: setattr(engine, "has_container", False)
    assert await leftovers.remove_leftovers(engine) == ()
    assert not folder.exists()


async def test_a_kernel_that_made_a_link_of_its_records_does_not_stay_for_ever(engine: Engine, folder: Path):
    engine.files["records.jsonl"] = an_entry("records.jsonl", tarfile.SYMTYPE, linkname="/etc/passwd")
    assert await leftovers.remove_leftovers(engine) == ("kernel",)
    assert not (folder / "records.jsonl").exists()


async def test_a_kernel_is_ended_before_its_records_are_read_and_is_removed_after_that(engine: Engine, folder: Path):
    engine.when_stopped = lambda: engine.has("records.jsonl", RECORDS + b'{"e":"log"}\n')
    assert await leftovers.remove_leftovers(engine) == ("kernel",)
    assert (engine.did[0], engine.did[-1]) == ("stopped", "removed")
    assert (folder / "records.jsonl").read_bytes() == RECORDS + b'{"e":"log"}\n'
    assert (folder / "blobs" / "abc").read_bytes() == b"weights"
    assert not (folder / "unfetched").exists()


async def test_a_folder_that_no_sweep_could_wait_for_is_made_again(engine: Engine, folder: Path):
    (folder / "unfetched").unlink()
    folder.rmdir()
    assert await leftovers.remove_leftovers(engine) == ("kernel",)
    assert sorted(file.name for file in folder.iterdir()) == ["blobs", "kernel.json", "records.jsonl"]
    assert folder.stat().st_mode & 0o777 == 0o700


async def test_while_they_are_read_records_count_as_being_in_the_container(engine: Engine, folder: Path):
    marked = []
    get_archive = engine.get_archive
    engine.get_archive = lambda *told: (marked.append((folder / "unfetched").exists()), get_archive(*told))[1]  # type: ignore[method-assign]
    (folder / "unfetched").unlink()
    await leftovers.remove_leftovers(engine)
    assert set(marked) == {True}


async def test_a_history_that_was_removed_is_not_made_again(engine: Engine, folder: Path):
    (folder / "unfetched").unlink()
    folder.rmdir()
    folder.parent.rmdir()
    assert await leftovers.remove_leftovers(engine) == ("kernel",)
    assert not folder.parent.exists()


@pytest.mark.parametrize("name", ["..", "notes"])
async def test_a_container_cannot_name_another_folder_than_that_of_a_kernel(tmp_path: Path, name: str):
    (tmp_path / "spools").mkdir()
    engine = Engine(tmp_path / "spools" / name)
    engine.has("records.jsonl", RECORDS)
    await leftovers.remove_leftovers(engine)
    assert list(tmp_path.rglob("*")) == [tmp_path / "spools"]
