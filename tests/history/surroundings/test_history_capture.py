"""What surrounds a run is found out beside its records, which wait for nothing; each change is told."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from kernel_on_paper import FACTS, OTHER_RUN, RUN, RUN_ID, ended, lines, opened, started, write

from jupyter_workbench.history.disk.spool import Spool
from jupyter_workbench.history.intake import collector as collector_module
from jupyter_workbench.history.intake.collector import Collector
from jupyter_workbench.history.intake.news import SWEEP, News
from jupyter_workbench.history.location import ProjectData
from jupyter_workbench.history.reading.queries import info, list_runs
from jupyter_workbench.history.store import database
from jupyter_workbench.history.surroundings import capture
from jupyter_workbench.history.surroundings.capture import Packages, Surroundings
from jupyter_workbench.history.surroundings.git_state import GitState

OTHER_ID = "iris_1504832281118"


class Heard:
    """Hears the news."""

    def __init__(self) -> None:
        self.run_ids: list[str] = []
        self.problems: list[tuple[str, str | None]] = []

    def changed(self, project_dir: str, run_ids: Sequence[str]) -> None:
        self.run_ids += run_ids

    def problem(self, project_dir: str, source: str, problem: str | None) -> None:
        self.problems.append((source, problem))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with one commit and one change."""
    project = tmp_path / "iris"
    project.mkdir()
    (project / "train.py").write_text("1\n")
    me = "git -c user.name=Ada -c user.email=ada@example.org"
    subprocess.run(f"git init -q -b main && git add . && {me} commit -qm First", shell=True, cwd=project, check=True)
    (project / "train.py").write_text("2\n")
    return project


@pytest.fixture
def spool(data: ProjectData, project: Path) -> Spool:
    return data.new_spool(replace(FACTS, project_dir=str(project)))


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
async def collect(data: ProjectData, spool: Spool, heard: Heard) -> AsyncIterator[Callable[..., Collector]]:
    """Make a collector that knows these packages."""
    made = []

    def collect(packages: Packages | None = None) -> Collector:
        news = News()
        news.listen(heard)
        made.append(Collector(data, spool, packages, news))
        return made[-1]

    yield collect
    for collector in made:
        await collector.close()


async def two() -> list[str]:
    return ["numpy==2.0", "pandas==3.1"]


async def until(holds: Callable[[], object], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.005)


def push(spool: Spool, data: bytes, offset: int = 0) -> dict[str, object]:
    return {"stream": spool.stream, "offset": offset, "data": data.decode()}


def captured(data: ProjectData, run_id: str = RUN_ID) -> bool:
    is_there = run_id in [run["run_id"] for run in list_runs(data)]
    return is_there and info(data, run_id)["git"]["captured_utc"] is not None


async def test_a_run_knows_its_commit_its_diff_and_its_packages(collect, spool, data, project):
    collect(two).receive(push(spool, lines(opened(), started())))
    await until(lambda: captured(data))
    run = info(data, RUN_ID)
    assert (run["git"]["branch"], run["git"]["dirty"], run["git"]["problem"]) == ("main", True, None)
    assert run["git"]["commit"] == run["properties"]["CommitId"]
    assert run["packages"] == ["numpy==2.0", "pandas==3.1"]


async def test_a_project_without_git_says_so_and_keeps_its_packages(collect, spool, data, project):
    (project / ".git").rename(project / "no-git")
    collect(two).receive(push(spool, lines(opened(), started())))
    await until(lambda: captured(data))
    run = info(data, RUN_ID)
    assert run["git"]["problem"] == "the project is not in a git repository"
    assert run["packages"] == ["numpy==2.0", "pandas==3.1"]


async def test_a_run_is_in_the_store_before_its_surroundings_are_known(collect, spool, data):
    knows = asyncio.Event()

    async def slowly() -> list[str]:
        await knows.wait()
        return ["numpy==2.0"]

    collect(slowly).receive(push(spool, lines(opened(), started(), ended())))
    await until(lambda: list_runs(data) and list_runs(data)[0]["status"] == "Completed")
    assert not captured(data)
    knows.set()
    await until(lambda: captured(data))


async def test_there_is_one_look_for_all_runs_that_began_meanwhile(collect, spool, data, monkeypatch):
    looks = []
    may_look = asyncio.Event()
    look = Surroundings.look

    async def counted(self: Surroundings) -> object:
        looks.append(1)
        await may_look.wait()
        return await look(self)

    monkeypatch.setattr(Surroundings, "look", counted)
    collector = collect()
    first = lines(opened(), started())
    collector.receive(push(spool, first))
    await until(lambda: looks)
    offset = len(first)
    for number in range(3):
        record = lines(started(f"{number}" * 32, id=f"iris_{number + 1}"))
        collector.receive(push(spool, record, offset))
        offset += len(record)
    await until(lambda: len(list_runs(data)) == 4)
    may_look.set()
    await until(lambda: all(captured(data, f"iris_{number + 1}") for number in range(3)) and captured(data))
    assert len(looks) == 2


async def test_cells_that_follow_each_other_at_once_share_a_look(collect, spool, data, monkeypatch):
    looks = []
    look = Surroundings.look

    async def counted(self: Surroundings) -> object:
        looks.append(1)
        return await look(self)

    monkeypatch.setattr(Surroundings, "look", counted)
    monkeypatch.setattr(capture, "SECONDS_BETWEEN", 3600)
    collector = collect()
    offset = 0
    for records in (lines(opened(), started()), *(lines(started(f"{n}" * 32, id=f"iris_{n}")) for n in range(1, 4))):
        write(spool, records)
        collector.receive(push(spool, records, offset))
        offset += len(records)
        await until(lambda offset=offset: list_runs(data) and captured(data))
    await collector.settle(None)
    await collector.close()
    assert all(captured(data, f"iris_{number}") for number in range(1, 4))
    assert len(looks) == 2


async def test_a_slow_repository_is_rested_from_four_times_as_long_as_it_took(data, project, monkeypatch):
    now, pauses = [1000.0], []

    def slowly(project: Path, stop: object) -> GitState:
        now[0] += 30
        return GitState()

    async def wait_for(event: Coroutine[object, object, object], seconds: float) -> None:
        event.close()
        pauses.append(seconds)
        raise asyncio.TimeoutError

    monkeypatch.setattr(capture, "git_state", slowly)
    monkeypatch.setattr(capture, "time", SimpleNamespace(time=time.time, monotonic=lambda: now[0]))
    surroundings = Surroundings(project)
    await surroundings.rest()
    await surroundings.look()
    with monkeypatch.context() as patched:
        patched.setattr(asyncio, "wait_for", wait_for)
        await surroundings.rest()
    now[0] += 120
    await surroundings.rest()
    assert pauses == [120]


async def test_a_later_run_does_not_change_what_an_earlier_one_knows(collect, spool, data, project):
    collector = collect()
    first = lines(opened(), started(), ended())
    collector.receive(push(spool, first))
    await until(lambda: captured(data))
    before = info(data, RUN_ID)["git"]
    (project / "train.py").write_text("1\n")
    collector.receive(push(spool, lines(started(OTHER_RUN, id=OTHER_ID)), len(first)))
    await until(lambda: captured(data, OTHER_ID))
    assert info(data, RUN_ID)["git"] == before
    assert info(data, OTHER_ID)["git"]["dirty"] is False


async def test_a_run_that_is_first_heard_of_when_its_kernel_has_ended_is_looked_at_too(collect, spool, data):
    collector = collect(two)
    write(spool, lines(opened(), started(), ended()))
    await collector.settle(None)
    await collector.close()
    assert captured(data)


async def test_packages_are_not_waited_for_when_the_kernel_has_ended(collect, spool, data, monkeypatch):
    monkeypatch.setattr(collector_module, "CAPTURE_SECONDS", 2 * capture.PACKAGES_SECONDS)  # so that it ends no wait

    async def never() -> list[str]:
        await asyncio.Event().wait()
        raise AssertionError

    collector = collect(never)
    write(spool, lines(opened(), started(), ended()))
    await collector.settle(None)
    await asyncio.wait_for(collector.close(), capture.PACKAGES_SECONDS / 2)
    run = info(data, RUN_ID)
    assert (run["git"]["branch"], run["packages"]) == ("main", [])


async def test_a_git_that_does_not_answer_holds_up_the_end_for_a_while_only(collect, spool, data, project, monkeypatch):
    monkeypatch.setattr(collector_module, "CAPTURE_SECONDS", 3)  # the branch may take longer on a busy machine
    os.mkfifo(project / ".gitignore")
    collector = collect()
    write(spool, lines(opened(), started(), ended()))
    await collector.settle(None)
    await asyncio.wait_for(collector.close(), collector_module.CAPTURE_SECONDS + 4)
    git = info(data, RUN_ID)["git"]
    assert (git["problem"], git["branch"]) == ("the kernel ended before git had answered", "main")


async def test_packages_that_cannot_be_listed_take_nothing_else_away(collect, spool, data, caplog):
    async def fail() -> list[str]:
        raise KeyError("name")

    collect(fail).receive(push(spool, lines(opened(), started())))
    await until(lambda: captured(data))
    assert info(data, RUN_ID)["git"]["branch"] == "main"
    assert caplog.messages == ["The packages of a kernel could not be listed; please report this"]


async def test_every_change_of_a_run_is_told_by_its_id(collect, spool, data, heard):
    collector = collect()
    first = lines(opened(), started())
    collector.receive(push(spool, first))
    await until(lambda: heard.run_ids == [RUN_ID] * 2)  # it began, and its surroundings are known
    collector.receive(push(spool, lines(ended(RUN)), len(first)))
    await until(lambda: heard.run_ids == [RUN_ID] * 3)
    assert heard.problems == []


async def test_a_history_that_is_locked_is_a_problem_until_it_is_not(collect, spool, data, heard, monkeypatch):
    monkeypatch.setattr(database, "BUSY_TIMEOUT_SECONDS", 0.05)
    monkeypatch.setattr(collector_module, "RETRY_SECONDS", 0.02)
    collector = collect()
    write(spool, records := lines(opened(), started()))
    list_runs(data)
    data.make()
    other = sqlite3.connect(data.database)
    other.execute("BEGIN EXCLUSIVE")
    collector.receive(push(spool, records))
    await until(lambda: heard.problems)
    await asyncio.sleep(0)
    other.rollback()
    other.close()
    await until(lambda: heard.run_ids)
    (source, problem), well = heard.problems
    assert source == spool.stream
    assert problem.startswith(f"{data.database}: the run history has been in use by another process")
    assert well == (spool.stream, None)


async def test_a_kernel_that_ends_while_its_history_is_broken_leaves_the_problem_to_the_sweep(
    collect, spool, data, heard
):
    data.make()
    data.database.write_bytes(b"no database\n" * 1000)
    collector = collect()
    write(spool, lines(opened(), started()))
    await collector.settle("died")
    await collector.close()
    assert [(source, problem is None) for source, problem in heard.problems] == [
        (spool.stream, False),
        (SWEEP, False),
        (spool.stream, True),
    ]


def test_a_listener_that_fails_keeps_no_other_from_hearing(heard, caplog):
    class Deaf:
        def changed(self, project_dir: str, run_ids: Sequence[str]) -> None:
            raise KeyError(project_dir)

    news = News()
    news.listen(Deaf())
    forget = news.listen(heard)
    news.changed("/iris", [RUN_ID])
    news.changed("/iris", [])
    forget()
    news.changed("/iris", [OTHER_ID])
    assert heard.run_ids == [RUN_ID]
    assert caplog.messages == ["News of the run history were not told"] * 2
