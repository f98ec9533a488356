from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from jupyter_workbench.config.entries import Entry
from jupyter_workbench.config.project import Project
from jupyter_workbench.errors import ConfigurationError, TargetError
from jupyter_workbench.server import preparations as module
from jupyter_workbench.server.preparations import BusyPreparation, NoSuchPreparation, Preparation, Preparations
from jupyter_workbench.targets.progress import Progress

PULLING = Progress("image", "Pulling debian:bookworm", 3, 12, "bytes")
NOTHING_YET = {"step": None, "message": None, "done": None, "total": None, "unit": None}


def a_project(name: str = "myIris") -> Project:
    entries = (Entry("docker", "aml_config/docker.runconfig"), Entry("gpu", "aml_config/gpu.runconfig"))
    return Project(name, Path("/home/you") / name, None, entries, ())


@pytest.fixture
def heard() -> list[tuple[str, str, Any]]:
    return []


@pytest.fixture
def some_preparations(a_workshop, heard) -> Preparations:
    def told(preparation: Preparation) -> None:
        heard.append((preparation.run_configuration, preparation.state, preparation.progress))

    return Preparations(a_workshop.prepare, told)


async def begun(preparations: Preparations, name: str = "docker", *, upgrade: bool = False) -> Preparation:
    preparation = preparations.start(a_project(), name, upgrade=upgrade)
    await asyncio.sleep(0)  # its task begins
    return preparation


async def test_a_run_configuration_that_does_not_exist_is_not_prepared(some_preparations):
    with pytest.raises(ConfigurationError) as refused:
        some_preparations.start(a_project(), "dokcer", upgrade=False)
    assert str(refused.value) == "expected a run configuration of myIris, got dokcer - write docker or gpu"
    assert some_preparations.all() == []


async def test_an_upgrade_does_not_join_a_preparation_that_does_not_upgrade(some_preparations):
    running = await begun(some_preparations)
    with pytest.raises(BusyPreparation) as refused:
        some_preparations.start(a_project(), "docker", upgrade=True)
    assert str(refused.value) == (
        f"myIris docker is being prepared without an upgrade - wait until that has ended, or cancel it: "
        f"DELETE /workbench/api/preparations/{running.id}"
    )


async def test_an_unknown_id_is_refused(some_preparations):
    with pytest.raises(NoSuchPreparation) as refused:
        some_preparations.of("abc")
    assert str(refused.value) == (
        "expected the id of a preparation of this server, got abc - GET /workbench/api/preparations lists them; "
        "one that has ended is kept for 10 minutes"
    )


async def test_a_mistake_of_the_user_is_the_message_of_a_failed_preparation(some_preparations, a_workshop, caplog):
    preparation = await begun(some_preparations)
    a_workshop.begun[0].outcome.set_exception(TargetError("expected an engine, got none - start it"))
    await preparation.over.wait()
    assert (preparation.state, preparation.message) == ("failed", "expected an engine, got none - start it")
    assert caplog.messages == []


async def test_a_fault_of_ours_is_told_and_logged_with_its_traceback(some_preparations, a_workshop, caplog):
    preparation = await begun(some_preparations)
    a_workshop.begun[0].outcome.set_exception(ZeroDivisionError("oh"))
    await preparation.over.wait()
    first, *_, last = preparation.message.strip().splitlines()
    assert first == "jupyter_workbench failed in a way that its authors did not foresee; please report this:"
    assert (preparation.state, last) == ("failed", "ZeroDivisionError: oh")
    assert caplog.messages == ["The preparation of myIris docker failed"]


async def test_a_cancelled_preparation_says_so(some_preparations, a_workshop):
    preparation = await begun(some_preparations)
    cancelled = await some_preparations.cancel(preparation.id)
    assert cancelled is preparation
    assert (preparation.state, preparation.message) == ("cancelled", "The preparation of myIris docker was cancelled.")
    assert a_workshop.begun[0].outcome.cancelled()


async def test_one_that_is_cancelled_before_it_could_begin_is_cancelled_too(some_preparations, a_workshop):
    preparation = some_preparations.start(a_project(), "docker", upgrade=False)
    await some_preparations.cancel(preparation.id)
    assert preparation.state == "cancelled"
    assert a_workshop.begun == []


async def test_cancelling_again_changes_nothing(some_preparations):
    preparation = await begun(some_preparations)
    await some_preparations.cancel(preparation.id)
    ended = preparation.ended
    await some_preparations.cancel(preparation.id)
    assert (preparation.state, preparation.ended) == ("cancelled", ended)


async def test_one_that_has_ended_cannot_be_cancelled_any_more(some_preparations, a_workshop):
    preparation = await begun(some_preparations)
    a_workshop.begun[0].outcome.set_result("myIris docker is ready.")
    await preparation.over.wait()
    await some_preparations.cancel(preparation.id)
    assert preparation.state == "done"


async def test_a_cancellation_that_takes_long_is_not_waited_for_for_ever(heard, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 0.01)
    undone = asyncio.Event()

    async def prepare(*_: object, upgrade: bool) -> str:
        try:
            return await asyncio.get_running_loop().create_future()
        finally:
            await undone.wait()

    preparations = Preparations(prepare, lambda _: None)
    preparation = await begun(preparations)
    assert (await preparations.cancel(preparation.id)).state == "running"
    undone.set()
    await preparation.over.wait()
    assert preparation.state == "cancelled"


async def test_the_same_run_configuration_twice_at_once_is_one_preparation(some_preparations, a_workshop):
    first = await begun(some_preparations)
    assert await begun(some_preparations) is first
    assert len(a_workshop.begun) == 1


async def test_an_upgrade_serves_who_did_not_ask_for_one(some_preparations):
    upgrade = await begun(some_preparations, upgrade=True)
    assert await begun(some_preparations) is upgrade


async def test_other_run_configurations_are_prepared_beside_it(some_preparations, a_workshop):
    first = await begun(some_preparations, "docker")
    second = await begun(some_preparations, "gpu")
    third = some_preparations.start(a_project("other"), "docker", upgrade=False)
    assert some_preparations.all() == [first, second, third]


async def test_once_it_has_ended_the_next_is_a_new_one(some_preparations, a_workshop):
    first = await begun(some_preparations)
    a_workshop.begun[0].outcome.set_result("myIris docker is ready.")
    await first.over.wait()
    assert await begun(some_preparations) is not first


async def test_every_change_is_told(some_preparations, a_workshop, heard):
    preparation = await begun(some_preparations)
    a_workshop.begun[0].report(PULLING)
    a_workshop.begun[0].outcome.set_result("myIris docker is ready.")
    await preparation.over.wait()
    assert heard == [("docker", "running", None), ("docker", "running", PULLING), ("docker", "done", PULLING)]


async def test_a_preparation_as_json(some_preparations, a_workshop):
    preparation = await begun(some_preparations, upgrade=True)
    preparation.ended = preparation.started + 1.23456
    assert preparation.as_json() == {
        "id": preparation.id,
        "project": "myIris",
        "project_dir": "/home/you/myIris",
        "run_configuration": "docker",
        "upgrade": True,
        "state": "running",
        "progress": {**NOTHING_YET, "elapsed": 1.235},
        "message": None,
    }
    a_workshop.begun[0].report(PULLING)
    assert preparation.as_json()["progress"] == {
        "step": "image",
        "message": "Pulling debian:bookworm",
        "done": 3,
        "total": 12,
        "unit": "bytes",
        "elapsed": 1.235,
    }


async def test_one_that_ended_ten_minutes_ago_is_forgotten(some_preparations):
    old, fresh = [await begun(some_preparations, name) for name in ("docker", "gpu")]
    await some_preparations.cancel(old.id)
    old.ended -= 601
    await some_preparations.cancel(fresh.id)
    running = await begun(some_preparations)
    assert some_preparations.all() == [fresh, running]


async def test_of_those_that_ended_only_the_newest_are_kept(some_preparations, monkeypatch):
    monkeypatch.setattr(module, "MOST_KEPT", 2)
    ended = []
    for _ in range(3):
        ended.append(await begun(some_preparations))
        await some_preparations.cancel(ended[-1].id)
    assert some_preparations.all() == ended[1:]
