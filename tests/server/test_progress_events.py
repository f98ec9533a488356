from __future__ import annotations

import asyncio

import pytest

from jupyter_workbench.errors import TargetError
from jupyter_workbench.kernels.progress import KernelProgress, board
from jupyter_workbench.targets.progress import Progress

PULLING = Progress("image", "Pulling debian:bookworm", 3, 12, "bytes")


def a_moment(state: str, reason: str | None = None, progress: Progress | None = PULLING) -> KernelProgress:
    return KernelProgress("k1", "myIris", "/home/ada/myIris", "docker", state, progress, 1.5, reason)


async def prepare(api, folder):
    return (await api.post("preparations", {"project_dir": str(folder), "run_configuration": "local"})).body["id"]


async def test_a_kernel_that_died_is_told_with_the_reason(an_api):
    board.report(a_moment("dead", "The kernel died (out of memory).", None))
    assert await an_api.until_event(kernel_id="k1") == {
        "kernel_id": "k1",
        "preparation_id": None,
        "project": "myIris",
        "project_dir": "/home/ada/myIris",
        "run_configuration": "docker",
        "state": "dead",
        "step": None,
        "message": None,
        "done": None,
        "total": None,
        "unit": None,
        "elapsed": 1.5,
        "reason": "The kernel died (out of memory).",
    }


async def test_a_kernel_is_told_from_its_first_moment_to_its_last(an_api):
    for moment in [a_moment("preparing"), a_moment("preparing"), a_moment("starting"), a_moment("running")]:
        board.report(moment)
    await an_api.until_event(state="running")
    assert [event["state"] for event in an_api.events] == ["preparing", "running"]
    assert an_api.events[0] == {
        "kernel_id": "k1",
        "preparation_id": None,
        "project": "myIris",
        "project_dir": "/home/ada/myIris",
        "run_configuration": "docker",
        "state": "preparing",
        "step": "image",
        "message": "Pulling debian:bookworm",
        "done": 3,
        "total": 12,
        "unit": "bytes",
        "elapsed": 1.5,
        "reason": None,
    }


async def test_a_preparation_is_told_from_its_first_moment_to_its_last(an_api, a_workshop, my_iris):
    id_ = await prepare(an_api, my_iris)
    while not a_workshop.begun:
        await asyncio.sleep(0)
    a_workshop.begun[0].report(PULLING)
    a_workshop.begun[0].outcome.set_result("myIris local is ready: its next kernel starts at once.")
    last = await an_api.until_event(state="done")
    first = an_api.events[0]
    assert {**first, "elapsed": 0} == {
        "kernel_id": None,
        "preparation_id": id_,
        "project": "myIris",
        "project_dir": str(my_iris),
        "run_configuration": "local",
        "state": "running",
        "step": None,
        "message": None,
        "done": None,
        "total": None,
        "unit": None,
        "elapsed": 0,
        "reason": None,
    }
    assert (last["step"], last["message"]) == ("image", "myIris local is ready: its next kernel starts at once.")
    assert last["reason"] is None


@pytest.mark.parametrize(
    ("error", "state", "message", "reason"),
    [
        (TargetError("No engine."), "failed", "Pulling debian:bookworm", "No engine."),
        (asyncio.CancelledError(), "cancelled", "The preparation of myIris local was cancelled.", None),
    ],
)
async def test_a_preparation_that_came_to_nothing_says_so(an_api, a_workshop, my_iris, error, state, message, reason):
    await prepare(an_api, my_iris)
    while not a_workshop.begun:
        await asyncio.sleep(0)
    a_workshop.begun[0].report(PULLING)
    a_workshop.begun[0].outcome.set_exception(error)
    last = await an_api.until_event(state=state)
    assert (last["message"], last["reason"]) == (message, reason)
