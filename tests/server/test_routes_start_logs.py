from __future__ import annotations

import asyncio

import pytest

from jupyter_workbench.kernels.progress import KernelProgress, board
from jupyter_workbench.targets.progress import Progress

SAID = Progress("environment", "Installing 2 packages", said=(" + six @ https://me:secret@example.com/six.whl",))
NOT_THERE = {
    "message": "expected the id of a kernel or of a preparation that this server has started, got an-id - "
    "a log is kept until its run configuration is started again",
    "reason": "NoSuchLog",
}


@pytest.mark.parametrize("subject", ["kernels", "preparations"])
async def test_what_was_never_started_has_no_log(an_api, subject):
    told = await an_api.get(f"{subject}/an-id/log")
    assert (told.status, told.body) == (404, NOT_THERE)


@pytest.mark.parametrize("subject", ["kernels", "preparations"])
async def test_who_is_not_logged_in_reads_no_log(an_api, subject):
    refused = await an_api.ask("GET", f"workbench/api/{subject}/an-id/log", headers={"Authorization": "token wrong"})
    assert refused.status == 403


async def test_the_log_of_a_kernel_is_there_when_the_kernel_is_gone(an_api):
    for state, progress in (("preparing", SAID), ("dead", None)):
        board.report(KernelProgress("k1", "myIris", "/home/you/myIris", "docker", state, progress, 1.5, None))
    assert (await an_api.get("kernels/k1/log")).body == {
        "left_out": 0,
        "lines": [
            {"elapsed": 1.5, "text": "Installing 2 packages"},
            {"elapsed": 1.5, "text": " + six @ https://***@example.com/six.whl"},
        ],
    }


async def test_the_log_of_a_preparation_grows_while_it_runs(an_api, my_iris, a_workshop):
    body = {"project_dir": str(my_iris), "run_configuration": "local"}
    id_ = (await an_api.post("preparations", body)).body["id"]
    while not a_workshop.begun:
        await asyncio.sleep(0)
    assert (await an_api.get(f"preparations/{id_}/log")).body == {"left_out": 0, "lines": []}
    a_workshop.begun[0].report(SAID)
    lines = (await an_api.get(f"preparations/{id_}/log")).body["lines"]
    assert [line["text"] for line in lines] == [
        "Installing 2 packages",
        " + six @ https://***@example.com/six.whl",
    ]


async def test_who_is_told_of_a_moment_finds_it_in_the_log(an_api):
    board.report(KernelProgress("k1", "myIris", "/home/you/myIris", "docker", "preparing", SAID, 1.5, None))
    await an_api.until_event(kernel_id="k1")
    assert len((await an_api.get("kernels/k1/log")).body["lines"]) == 2
