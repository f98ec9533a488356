"""How a container that built something ended, when others are at it, too."""

from __future__ import annotations

import docker.errors
import pytest
from docker_on_paper import Engine as PaperEngine

from jupyter_workbench.targets.docker import labels
from jupyter_workbench.targets.docker.building.build_failures import Ended
from jupyter_workbench.targets.docker.building.build_leftovers import leftover_builds
from jupyter_workbench.targets.docker.building.build_watching import end_of
from jupyter_workbench.targets.docker.engines.engine import connect

GOING = {"message": "can not get logs from container which is dead or marked for removal"}


@pytest.fixture
def stopped(an_engine: PaperEngine) -> PaperEngine:
    """An engine whose container was stopped."""
    an_engine.answers["/containers/1/wait"] = {"StatusCode": 137}
    an_engine.answers["/containers/1/json"] = {
        "State": {"ExitCode": 137, "OOMKilled": False},
        "Config": {"Tty": False},
    }
    return an_engine


@pytest.mark.parametrize("status", [404, 409])
async def test_one_that_somebody_removes_just_now_is_gone(stopped: PaperEngine, status: int):
    stopped.answers["/containers/1/logs"] = lambda request: request.reply(GOING, status)
    engine = await connect({"DOCKER_HOST": stopped.host})
    assert await end_of(engine, "1") == Ended(None, was_out_of_memory=False, log="")


async def test_another_refusal_of_the_engine_is_none_of_its_ends(stopped: PaperEngine):
    stopped.answers["/containers/1/logs"] = lambda request: request.reply({"message": "the disk is broken"}, 500)
    engine = await connect({"DOCKER_HOST": stopped.host})
    with pytest.raises(docker.errors.APIError, match="the disk is broken"):
        await end_of(engine, "1")


async def test_a_build_that_has_lost_its_name_since_it_is_removed_is_left_alone(an_engine: PaperEngine):
    an_engine.answers["/containers/json"] = [
        {"Id": "1", "Names": [], "Labels": {labels.KIND: "build"}, "State": "removing"}
    ]
    assert await leftover_builds(await connect({"DOCKER_HOST": an_engine.host})) == ()
