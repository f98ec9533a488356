"""Whether an environment is prepared as the files say now, on a real engine."""

from __future__ import annotations

from pathlib import Path

from jupyter_workbench.config.project import load
from jupyter_workbench.server.environment_states import EnvironmentStates

from .owners import Owner
from .projects import build, docker_project


async def test_an_environment_is_missing_then_prepared_then_stale(
    tmp_path: Path, base_image: str, isolated_owner: Owner
):
    project = docker_project(tmp_path / "root" / "myIris", base_image)
    states = EnvironmentStates()
    (state,) = await states.of(load(project))
    assert (state.state, state.message, state.engine) == ("missing", None, "running")
    await build(project)
    (now,) = await states.of(load(project))
    assert (now.state, now.fingerprint) == ("prepared", state.fingerprint)
    dependencies = project / "aml_config" / "conda_dependencies.yml"
    dependencies.write_text("dependencies:\n- pip:\n  - numpy\n")
    (changed,) = await EnvironmentStates().of(load(project))  # of another server
    assert changed.state == "stale"
    assert changed.changes == ("numpy was added", "six was removed")


async def test_an_image_that_is_not_pulled_is_told(tmp_path: Path, isolated_owner: Owner):
    project = docker_project(tmp_path / "root" / "myIris", "no.such.registry.example/image:1")
    (state,) = await EnvironmentStates().of(load(project))
    assert (state.state, state.message) == ("missing", "The image no.such.registry.example/image:1 is not there yet")
