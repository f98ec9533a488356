"""What is told of environments, on engines of which only the list of environments is asked."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from jupyter_workbench.config.project import load
from jupyter_workbench.targets.docker import states
from jupyter_workbench.targets.docker.states import DockerStates

FILES = {
    "docker.compute": "type: localdocker\nbaseDockerImage: debian:12\n",
    "docker.runconfig": "Target: docker\nFramework: Python\nCondaDependenciesFile: aml_config/conda_dependencies.yml\n",
    "conda_dependencies.yml": "dependencies:\n- pip:\n  - six\n",
}


class Memory(dict):
    """What was seen prepared."""

    def recall(self, project, run_configuration):
        return self.get(run_configuration)

    def keep(self, project, run_configuration, inputs):
        self[run_configuration] = inputs


@pytest.fixture
def settings(tmp_path):
    """Make a project with one Docker target; return its `aml_config/`."""
    folder = tmp_path / "myIris" / "aml_config"
    folder.mkdir(parents=True)
    for name, text in FILES.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def look(settings, monkeypatch):
    """Look at the environment of an engine that has built those with these fingerprints."""
    built = []
    told = DockerStates(Memory())

    async def listing(_):
        return [SimpleNamespace(fingerprint=one) for one in built]

    async def image_id(_, __):
        return "sha256:1"

    monkeypatch.setattr(states.environments, "listing", listing)
    monkeypatch.setattr(states, "image_id", image_id)

    async def look(*fingerprints):
        built[:] = fingerprints
        project = load(settings.parent)
        (state,) = await told.of(SimpleNamespace(architecture="x86_64"), project, project.entries)
        return state

    return look


async def test_an_environment_that_was_removed_is_missing_and_no_file_has_changed(look):
    needed = (await look()).fingerprint
    assert (await look(needed)).state == "prepared"
    gone = await look()
    assert (gone.state, gone.changes) == ("missing", ())


async def test_an_environment_whose_files_have_changed_is_stale(look, settings):
    needed = (await look()).fingerprint
    await look(needed)
    (settings / "conda_dependencies.yml").write_text("dependencies:\n- pip:\n  - numpy\n")
    changed = await look(needed)
    assert (changed.state, changed.changes) == ("stale", ("numpy was added", "six was removed"))
