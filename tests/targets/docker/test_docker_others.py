"""Which kernels on an engine other programs run."""

from __future__ import annotations

import pytest

from jupyter_workbench.targets.docker import labels
from jupyter_workbench.targets.docker.engines.engine import connect
from jupyter_workbench.targets.docker.running.leftovers import kernels_of_others
from jupyter_workbench.targets.docker.servers import this_server

LABELS = {
    labels.KIND: "kernel",
    labels.PROJECT: "myIris",
    labels.RUN_CONFIGURATION: "docker",
    labels.SERVER: "elsewhere",
}


def container(*names: str, state: str = "running", **other: str) -> dict[str, object]:
    told = {getattr(labels, name.upper()): value for name, value in other.items()}
    return {"Names": list(names), "State": state, "Labels": {**LABELS, **told}}


@pytest.mark.parametrize(
    "other",
    [
        container("/another", state="exited"),
        container("/another", kind="probe"),
        container("/another", project="other"),
        container("/another", run_configuration="other"),
        container("/another", server=this_server()),
        container(),  # it is being removed
    ],
)
async def test_only_running_kernels_of_others_for_the_project_are_named(tmp_path, an_engine, other):
    an_engine.answers["/containers/json"] = [container("/theirs"), other]
    engine = await connect({"HOME": str(tmp_path), "DOCKER_HOST": an_engine.host})
    assert await kernels_of_others(engine, "myIris", ["docker"]) == ("theirs",)
