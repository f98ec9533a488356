"""What failed last is in the list of projects, for whoever asks later than it was told."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from jupyter_workbench.errors import TargetError
from jupyter_workbench.kernels.progress import KernelProgress, board
from jupyter_workbench.server import watch
from jupyter_workbench.server.last_failures import LastFailures
from jupyter_workbench.server.preparations import Preparation

REASON = "aml_config/docker.compute:2: baseDockerImage: no such image"


NOW = 100.0


def a_moment(
    state: str, reason: str | None = None, kernel_id: str = "k1", name: str = "docker", elapsed: float = 1.5
) -> KernelProgress:
    return KernelProgress(kernel_id, "myIris", "/iris", name, state, None, elapsed, reason)


def ids_after(*moments: KernelProgress) -> list[str]:
    failures = LastFailures()
    for moment in moments:
        failures.kernel(moment)
    return [failure["kernel_id"] for failure in failures.of("/iris")]


def left_of(failures: LastFailures) -> list[str]:
    return [failure["reason"] for failure in failures.of("/iris")]


async def failures_of(api) -> list[dict]:
    return (await api.get("projects")).body[0]["failures"]


async def test_a_kernel_that_did_not_start_is_listed_as_its_event_told_it(an_api, my_iris):
    board.report(KernelProgress("k1", "myIris", str(my_iris), "local", "dead", None, 1.5, REASON))
    event = await an_api.until_event(kernel_id="k1", state="dead", reason=REASON)
    assert await failures_of(an_api) == [event]


async def test_a_preparation_that_failed_is_listed_until_the_same_is_prepared_again(an_api, my_iris, a_workshop):
    asked = {"project_dir": str(my_iris), "run_configuration": "local"}
    id_ = (await an_api.post("preparations", asked)).body["id"]
    while not a_workshop.begun:
        await asyncio.sleep(0)
    a_workshop.begun[0].outcome.set_exception(TargetError(REASON))
    await an_api.until_event(state="failed")
    [failure] = await failures_of(an_api)
    assert (failure["preparation_id"], failure["reason"]) == (id_, REASON)
    await an_api.post("preparations", asked)
    assert await failures_of(an_api) == []


async def test_what_failed_with_the_old_files_is_not_listed_any_more(an_api, my_iris):
    an_api.app.event_logger.add_listener(schema_id=watch.SCHEMA_ID, listener=an_api.hear)
    await an_api.until_event(kernel_names=["myiris_local"])
    board.report(KernelProgress("k1", "myIris", str(my_iris), "local", "dead", None, 600, REASON))
    (my_iris / "aml_config/another.runconfig").write_text("Target: local\nFramework: Python\n")
    await an_api.until_event(kernel_names=["myiris_another", "myiris_local"])
    assert await failures_of(an_api) == []


async def test_what_failed_with_new_files_before_anybody_had_looked_at_them_is_listed(an_api, my_iris):
    an_api.app.event_logger.add_listener(schema_id=watch.SCHEMA_ID, listener=an_api.hear)
    await an_api.until_event(kernel_names=["myiris_local"])
    (my_iris / "aml_config/another.runconfig").write_text("Target: nowhere\nFramework: Python\n")
    board.report(KernelProgress("k1", "myIris", str(my_iris), "another", "dead", None, 0, REASON))
    await an_api.until_event(kernel_names=["myiris_another", "myiris_local"])
    assert [failure["reason"] for failure in await failures_of(an_api)] == [REASON]


@pytest.mark.parametrize(("began", "left"), [(89, []), (90, [REASON]), (91, [REASON])])
def test_new_files_forget_a_kernel_that_began_to_start_before_they_can_have_been_there(began, left):
    failures = LastFailures(now=lambda: NOW)
    failures.kernel(a_moment("dead", REASON, elapsed=NOW - began))
    failures.forget_those_before(90)
    assert left_of(failures) == left


@pytest.mark.parametrize(("began", "left"), [(89, []), (90, [REASON]), (91, [REASON])])
def test_new_files_forget_a_preparation_that_began_before_they_can_have_been_there(began, left):
    failures = LastFailures(now=lambda: NOW)
    project = SimpleNamespace(name="myIris", directory="/iris")
    failures.preparation(
        Preparation(project, "docker", False, state="failed", message=REASON, started=began, ended=NOW)
    )
    failures.forget_those_before(90)
    assert left_of(failures) == left


def test_a_kernel_that_was_started_again_began_then_and_not_when_it_failed_before():
    now = iter([10, 100])
    failures = LastFailures(now=lambda: next(now))
    for _ in range(2):
        failures.kernel(a_moment("preparing"))
        failures.kernel(a_moment("dead", REASON, elapsed=5))
    failures.forget_those_before(50)
    assert left_of(failures) == [REASON]


@pytest.mark.parametrize("state", ["preparing", "starting"])
def test_a_failure_is_forgotten_when_the_same_is_started_again(state):
    assert ids_after(a_moment("dead", REASON), a_moment(state, kernel_id="k2")) == []


def test_a_start_of_another_run_configuration_forgets_nothing():
    assert ids_after(a_moment("dead", REASON), a_moment("preparing", kernel_id="k2", name="local")) == ["k1"]


def test_the_end_of_another_kernel_that_was_wanted_forgets_nothing():
    assert ids_after(a_moment("dead", REASON), a_moment("dead", kernel_id="k2")) == ["k1"]


def test_of_two_failures_the_newer_one_is_kept():
    assert ids_after(a_moment("dead", REASON), a_moment("dead", REASON, kernel_id="k2")) == ["k2"]


def test_a_kernel_that_the_user_shut_down_did_not_fail():
    assert ids_after(a_moment("preparing"), a_moment("dead")) == []
