from __future__ import annotations

import asyncio

import pytest
from server_here import a_running_server

from jupyter_workbench.errors import TargetError
from jupyter_workbench.targets.progress import Progress

SEND = 'send {"project_dir": "/home/you/myIris", "run_configuration": "docker", "upgrade": false}'
NOT_THERE = (
    "expected the id of a preparation of this server, got an-id - GET /workbench/api/preparations lists them; "
    "one that has ended is kept for 10 minutes"
)
PULLING = Progress("image", "Pulling debian:bookworm", 3, 12, "bytes")


async def begin(api, folder, **more):
    return await api.post("preparations", {"project_dir": str(folder), "run_configuration": "local", **more})


async def until_begun(workshop, number=1):
    while len(workshop.begun) < number:
        await asyncio.sleep(0)
    return workshop.begun[-1]


async def until_ended(api, id_):
    while (told := (await api.get(f"preparations/{id_}")).body)["state"] == "running":
        await asyncio.sleep(0)
    return told


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (None, f"expected a JSON object in the body of the request, got nothing - {SEND}"),
        ({"run_configuration": "local"}, f"project_dir: expected a text, got nothing - {SEND}"),
        (
            {"project_dir": "/p", "run_configuration": "local", "upgrade": 1},
            f"upgrade: expected true or false, got 1 - {SEND}",
        ),
    ],
)
async def test_a_request_that_is_not_understood_says_what_was_expected(an_api, body, message):
    told = await an_api.post("preparations", body)
    assert (told.status, told.body) == (400, {"message": message, "reason": "BadRequest"})


async def test_a_project_that_the_server_does_not_show_is_not_prepared(an_api, a_workshop):
    told = await begin(an_api, "/etc")
    assert (told.status, told.body["reason"]) == (404, "ProjectNotFound")
    assert a_workshop.begun == []


async def test_a_run_configuration_that_does_not_exist_names_those_there_are(an_api, my_iris):
    told = await an_api.post("preparations", {"project_dir": str(my_iris), "run_configuration": "lokal"})
    assert (told.status, told.body) == (
        422,
        {
            "message": "expected a run configuration of myIris, got lokal - write local",
            "reason": "ConfigurationError",
        },
    )


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_an_unknown_preparation_says_so(an_api, method):
    told = await an_api.ask(method, "workbench/api/preparations/an-id")
    assert (told.status, told.body) == (404, {"message": NOT_THERE, "reason": "NoSuchPreparation"})


async def test_an_upgrade_waits_for_a_preparation_that_does_not_upgrade(an_api, my_iris):
    running = await begin(an_api, my_iris)
    told = await begin(an_api, my_iris, upgrade=True)
    assert (told.status, told.body) == (
        409,
        {
            "message": "myIris local is being prepared without an upgrade - wait until that has ended, or cancel it: "
            f"DELETE /workbench/api/preparations/{running.body['id']}",
            "reason": "BusyPreparation",
        },
    )


async def test_a_preparation_that_failed_says_why(an_api, my_iris, a_workshop):
    begun = await begin(an_api, my_iris)
    preparing = await until_begun(a_workshop)
    preparing.outcome.set_exception(TargetError("The Docker engine is not running.\nStart it."))
    told = await until_ended(an_api, begun.body["id"])
    assert (told["state"], told["message"]) == ("failed", "The Docker engine is not running.\nStart it.")


async def test_a_preparation_is_begun_watched_and_done(an_api, my_iris, a_workshop):
    begun = await begin(an_api, my_iris, upgrade=True)
    id_ = begun.body["id"]
    assert (begun.status, begun.headers["Location"]) == (202, f"/of/me/workbench/api/preparations/{id_}")
    assert (begun.body["state"], begun.body["message"]) == ("running", None)
    preparing = await until_begun(a_workshop)
    assert preparing.upgrade
    preparing.report(PULLING)
    told = (await an_api.get(f"preparations/{id_}")).body
    assert {**told["progress"], "elapsed": 0} == {
        "step": "image",
        "message": "Pulling debian:bookworm",
        "done": 3,
        "total": 12,
        "unit": "bytes",
        "elapsed": 0,
    }
    preparing.outcome.set_result("myIris local is ready: its next kernel starts at once.")
    told = await until_ended(an_api, id_)
    assert {**told, "progress": None} == {
        "id": id_,
        "project": "myIris",
        "project_dir": str(my_iris),
        "run_configuration": "local",
        "upgrade": True,
        "state": "done",
        "progress": None,
        "message": "myIris local is ready: its next kernel starts at once.",
    }


async def test_preparing_twice_at_once_is_one_preparation(an_api, my_iris, a_workshop):
    first, second = await asyncio.gather(begin(an_api, my_iris), begin(an_api, my_iris))
    assert first.body["id"] == second.body["id"]
    assert len((await an_api.get("preparations")).body) == 1


async def test_cancelling_is_idempotent(an_api, my_iris, a_workshop):
    id_ = (await begin(an_api, my_iris)).body["id"]
    await until_begun(a_workshop)
    first, second = [await an_api.delete(f"preparations/{id_}") for _ in range(2)]
    assert (first.status, first.body["state"]) == (200, "cancelled")
    assert first.body["message"] == "The preparation of myIris local was cancelled."
    assert (second.status, second.body) == (200, first.body)


async def test_what_a_server_really_prepares_with_serves_a_local_target(my_iris, no_catching_up):
    async with a_running_server(my_iris.parent) as api:
        id_ = (await begin(api, my_iris)).body["id"]
        told = await until_ended(api, id_)
    assert told["state"] == "done", told
    assert told["message"].startswith("myIris local needs no preparation: its kernel runs in ")
