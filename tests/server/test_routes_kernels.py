from __future__ import annotations

import asyncio
import uuid

import pytest

from jupyter_workbench.errors import TargetError
from jupyter_workbench.kernels.progress import KernelProgress, board
from jupyter_workbench.server import kernel_usage
from jupyter_workbench.targets import local
from jupyter_workbench.targets.progress import Progress

PULLING = Progress("image", "Pulling debian:bookworm", 3, 12, "bytes")


class Hall:
    """Stands for the local target: kernels wait here until the test lets them go on."""

    def __init__(self):
        self.entered, self.way_on, self.prepare = asyncio.Event(), asyncio.Event(), local.prepare

    async def wait(self, project, entry, environment, report, **options):
        report(PULLING)
        self.entered.set()
        await self.way_on.wait()
        return await self.prepare(project, entry, environment, report, **options)


@pytest.fixture
def a_hall(monkeypatch) -> Hall:
    """Where each kernel of `my_iris` waits while it is prepared."""
    hall = Hall()
    monkeypatch.setattr(local, "prepare", hall.wait)
    return hall


async def start(api, name="myiris_local") -> str:
    told = await api.ask("POST", "api/kernels", {"name": name})
    assert told.status == 201, told
    return told.body["id"]


async def until_state(api, kernel_id, state):
    async def reached():
        while (told := (await api.get(f"kernels/{kernel_id}")).body)["state"] != state:
            await asyncio.sleep(0.02)
        return told

    return await asyncio.wait_for(reached(), 60)


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("POST", "/cancel")])
async def test_a_kernel_that_nobody_knows_is_not_found(an_api, method, path):
    kernel_id = str(uuid.uuid4())
    told = await an_api.ask(method, f"workbench/api/kernels/{kernel_id}{path}")
    assert (told.status, told.body) == (
        404,
        {
            "message": f"expected the id of a kernel of this server, got {kernel_id} - GET /api/kernels lists them",
            "reason": "NoSuchKernel",
        },
    )


@pytest.mark.live
@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("POST", "/cancel")])
async def test_a_kernel_of_others_is_not_ours_to_tell(an_api, method, path):
    kernel_id = await start(an_api, "python3")
    told = await an_api.ask(method, f"workbench/api/kernels/{kernel_id}{path}")
    assert (told.status, told.body) == (
        404,
        {
            "message": f"expected the id of a kernel of a run configuration, got {kernel_id}, "
            f"which is a kernel python3 - ask for it at GET /api/kernels/{kernel_id}",
            "reason": "NoSuchKernel",
        },
    )


async def test_a_start_that_failed_says_why(an_api, a_hall, monkeypatch):
    async def fail(*_, **__):
        raise TargetError("The Docker engine is not running.\nStart it.")

    monkeypatch.setattr(local, "prepare", fail)
    kernel_id = await start(an_api)
    told = await until_state(an_api, kernel_id, "dead")
    assert told["reason"] == "The Docker engine is not running.\nStart it."


async def test_a_kernel_that_is_being_prepared_tells_how_far_it_is(an_api, a_hall, my_iris):
    kernel_id = await start(an_api)
    await a_hall.entered.wait()
    told = (await an_api.get(f"kernels/{kernel_id}")).body
    assert {**told["progress"], "elapsed": 0} == {
        "step": "image",
        "message": "Pulling debian:bookworm",
        "done": 3,
        "total": 12,
        "unit": "bytes",
        "elapsed": 0,
    }
    assert {**told, "progress": None} == {
        "id": kernel_id,
        "name": "myiris_local",
        "state": "preparing",
        "reason": None,
        "progress": None,
        "project": "myIris",
        "project_dir": str(my_iris),
        "run_configuration": "local",
        "target": "local",
        "target_type": "local",
        "framework": "Python",
    }


async def test_a_start_is_cancelled_as_shut_down_does(an_api, a_hall):
    kernel_id = await start(an_api)
    await a_hall.entered.wait()
    assert (await an_api.post(f"kernels/{kernel_id}/cancel")).status == 204
    assert (await an_api.get(f"kernels/{kernel_id}")).status == 404
    assert (await an_api.ask("GET", "api/kernels")).body == []


@pytest.mark.live
async def test_a_kernel_that_runs_has_no_start_to_cancel(an_api):
    kernel_id = await start(an_api)
    await until_state(an_api, kernel_id, "running")
    told = await an_api.post(f"kernels/{kernel_id}/cancel")
    assert (told.status, told.body) == (
        409,
        {
            "message": f"expected a kernel that is being prepared, got one that is running - "
            f"to shut it down: DELETE /api/kernels/{kernel_id}",
            "reason": "NothingToCancel",
        },
    )
    assert (await an_api.get(f"kernels/{kernel_id}")).body["state"] == "running"


@pytest.mark.live
async def test_what_the_provisioner_told_last_counts(an_api):
    kernel_id = await start(an_api)
    await until_state(an_api, kernel_id, "running")
    reason = "The kernel died (out of memory)."
    board.report(KernelProgress(kernel_id, "myIris", "/home/ada/myIris", "local", "dead", None, 7.5, reason))
    told = (await an_api.get(f"kernels/{kernel_id}")).body
    assert (told["state"], told["reason"]) == ("dead", reason)
    assert told["progress"] == {
        "step": None,
        "message": None,
        "done": None,
        "total": None,
        "unit": None,
        "elapsed": 7.5,
    }


async def test_the_kernels_of_run_configurations_are_listed_with_what_they_use(an_api, monkeypatch):
    monkeypatch.setattr(kernel_usage, "FRESH_SECONDS", 0.0)
    assert (await an_api.get("kernels")).body == []
    kernel_id = await start(an_api)
    await start(an_api, "python3")
    running = await until_state(an_api, kernel_id, "running")
    (told,) = (await an_api.get("kernels")).body
    assert told == {**running, "progress": told["progress"], "memory": told["memory"], "cpu_percent": None}
    assert told["memory"] > 1_000_000
    (again,) = (await an_api.get("kernels")).body
    assert again["cpu_percent"] >= 0


async def test_a_kernel_that_is_being_prepared_uses_nothing_that_is_known(an_api, a_hall):
    await start(an_api)
    (told,) = (await an_api.get("kernels")).body
    assert (told["state"], told["memory"], told["cpu_percent"]) == ("preparing", None, None)
    a_hall.way_on.set()
    await until_state(an_api, told["id"], "running")
