from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from typing import Any

import pytest
from jupyter_events import EventLogger
from runs_here import BAD, BINNED, GOOD, RUNNING, write_runs

from jupyter_workbench.history.intake.news import SWEEP, news
from jupyter_workbench.history.location import project_data
from jupyter_workbench.history.upkeep import editing
from jupyter_workbench.server import catch_up, run_events
from jupyter_workbench.server.pace import SECONDS_BETWEEN
from jupyter_workbench.server.run_events import HISTORY_PROBLEM, RUNS_CHANGED, RunEvents

LOCKED = "history.db: the run history has been in use by another process for 20 seconds - try again"


class Told:
    """What front ends hear."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []

    async def hear(self, logger: EventLogger, schema_id: str, data: dict) -> None:
        self.events.append((schema_id.split("/")[-2], data))

    async def until(self, count: int) -> list[tuple[str, dict[str, Any]]]:
        deadline = time.monotonic() + 20
        while len(self.events) < count:
            assert time.monotonic() < deadline, self.events
            await asyncio.sleep(0.01)
        return self.events


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
async def events(told: Told) -> RunEvents:
    logger = EventLogger()
    events = RunEvents(logger, asyncio.get_running_loop())
    for schema_id in (RUNS_CHANGED, HISTORY_PROBLEM):
        logger.add_listener(schema_id=schema_id, listener=told.hear)
    return events


def changed(project_dir: str, *run_ids: str) -> tuple[str, dict[str, Any]]:
    return ("runs_changed", {"project_dir": project_dir, "run_ids": list(run_ids)})


async def test_the_first_change_is_told_at_once_and_later_ones_together(events, told):
    for run_id in ("iris_1", "iris_2", "iris_3", "iris_2"):
        events.changed("/iris", [run_id])
        await asyncio.sleep(0)
    assert await told.until(2) == [changed("/iris", "iris_1"), changed("/iris", "iris_2", "iris_3")]


async def test_no_more_than_four_are_told_in_a_second_and_none_is_missing(events, told):
    began = time.monotonic()
    for number in range(200):
        events.changed("/iris", [f"iris_{number}"])
        await asyncio.sleep(0.005)

    def ids() -> set[str]:
        return {run_id for _, data in told.events for run_id in data["run_ids"]}

    while len(ids()) < 200:
        await asyncio.sleep(0.01)
    assert len(told.events) <= (time.monotonic() - began) / SECONDS_BETWEEN + 2


async def test_projects_do_not_wait_for_each_other(events, told):
    for project in ("/iris", "/churn", "/taxi"):
        events.changed(project, ["run_1"])
    assert await told.until(3) == [changed(project, "run_1") for project in ("/iris", "/churn", "/taxi")]


async def test_more_runs_than_an_event_holds_are_told_as_any(events, told, monkeypatch):
    monkeypatch.setattr(run_events, "MOST_IDS", 2)
    events.changed("/iris", ["iris_1", "iris_2", "iris_3"])
    assert await told.until(1) == [("runs_changed", {"project_dir": "/iris", "run_ids": None})]


async def test_a_thread_may_tell_too(events, told):
    thread = threading.Thread(target=events.changed, args=("/iris", ["iris_1"]))
    thread.start()
    thread.join()
    assert await told.until(1) == [changed("/iris", "iris_1")]


async def test_a_problem_is_told_once_and_its_end_once_however_many_have_it(events, told):
    for source in ("stream 1", "stream 2", SWEEP):
        events.problem("/iris", source, LOCKED)
    for source in (SWEEP, "stream 2", "stream 1", "stream 1"):
        events.problem("/iris", source, None)
    events.changed("/iris", ["iris_1"])
    assert await told.until(3) == [
        ("history_problem", {"project_dir": "/iris", "problem": LOCKED}),
        ("history_problem", {"project_dir": "/iris", "problem": None}),
        changed("/iris", "iris_1"),
    ]


async def test_a_history_that_was_never_ill_is_not_said_to_be_well(events, told):
    events.problem("/iris", SWEEP, None)
    events.changed("/iris", ["iris_1"])
    assert await told.until(1) == [changed("/iris", "iris_1")]


async def test_after_the_server_has_stopped_nobody_is_told(told):
    loop = asyncio.new_event_loop()
    events = RunEvents(EventLogger(), loop)
    loop.close()
    events.changed("/iris", ["iris_1"])
    assert told.events == []


async def test_a_server_tells_what_happens_in_the_histories_of_its_process(an_api, my_iris, told):
    an_api.app.event_logger.add_listener(schema_id=RUNS_CHANGED, listener=told.hear)
    news.changed(str(my_iris), ["iris_1"])
    assert await told.until(1) == [changed(str(my_iris), "iris_1")]


async def test_a_history_that_a_sweep_cannot_write_is_told_until_it_can(an_api, my_iris, told, monkeypatch):
    monkeypatch.setattr("jupyter_workbench.history.store.database.BUSY_TIMEOUT_SECONDS", 0.05)
    an_api.app.event_logger.add_listener(schema_id=HISTORY_PROBLEM, listener=told.hear)
    discovery = an_api.app.kernel_spec_manager.discovery
    data = project_data(my_iris, None)
    (data.spools / "20260102T030405-0123456789abcdef").mkdir(parents=True)
    other = sqlite3.connect(data.database)
    other.execute("BEGIN EXCLUSIVE")
    logged: dict[str, str] = {}
    for _ in range(2):
        await asyncio.to_thread(catch_up._look, discovery, an_api.app.log, logged)
    [(_, first)] = await told.until(1)
    assert (await an_api.get("projects")).body[0]["history_problem"] == first["problem"]
    other.rollback()
    other.close()
    await asyncio.to_thread(catch_up._look, discovery, an_api.app.log, logged)
    (_, ill), (_, well) = await told.until(2)
    assert "has been in use by another process" in ill["problem"]
    assert well == {"project_dir": str(my_iris), "problem": None}
    assert (await an_api.get("projects")).body[0]["history_problem"] is None
    assert logged == {}


async def test_what_others_do_to_a_run_is_told_too(an_api, my_iris, its_runs, told):
    """A command in a terminal, say."""
    an_api.app.event_logger.add_listener(schema_id=RUNS_CHANGED, listener=told.hear)
    discovery, seen = an_api.app.kernel_spec_manager.discovery, {}
    await asyncio.to_thread(catch_up._tell_changes, discovery, seen)  # what is there already is no news
    editing.set_note(its_runs, GOOD, "good")
    await asyncio.to_thread(catch_up._tell_changes, discovery, seen)
    await asyncio.to_thread(catch_up._tell_changes, discovery, seen)
    editing.set_note(its_runs, BAD, "better")
    await asyncio.to_thread(catch_up._tell_changes, discovery, seen)
    assert await told.until(2) == [changed(str(my_iris), GOOD), changed(str(my_iris), BAD)]


async def test_the_first_runs_of_a_project_are_told_too(an_api, my_iris, told):
    an_api.app.event_logger.add_listener(schema_id=RUNS_CHANGED, listener=told.hear)
    discovery, seen = an_api.app.kernel_spec_manager.discovery, {}
    await asyncio.to_thread(catch_up._tell_changes, discovery, seen)
    write_runs(my_iris)
    await asyncio.to_thread(catch_up._tell_changes, discovery, seen)
    ((_, data),) = await told.until(1)
    assert set(data["run_ids"]) == {GOOD, BAD, RUNNING, BINNED}


async def test_a_history_that_cannot_be_read_is_told_by_others(an_api, my_iris, its_runs, told):
    its_runs.database.write_bytes(b"no database" * 100)
    seen: dict[str, int] = {}
    await asyncio.to_thread(catch_up._tell_changes, an_api.app.kernel_spec_manager.discovery, seen)
    assert seen == {}
