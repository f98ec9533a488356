"""Which environments run configurations need: told by fingerprints, and nothing is guessed where none is known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_workbench.config.project import Project, load
from jupyter_workbench.environments.fingerprint import fingerprint
from jupyter_workbench.environments.spec import read_spec
from jupyter_workbench.targets.docker import needs
from jupyter_workbench.targets.docker.building.environments import EnvironmentInfo
from jupyter_workbench.targets.docker.engines.engine import EngineError
from jupyter_workbench.targets.docker.needs import Needs, needs_of

IMAGES = {"there:1": "sha256:1", "there:2": "sha256:2"}
ENGINE: Any = SimpleNamespace(architecture="x86_64")

MakeProject = Callable[..., Project]


@pytest.fixture
def asked(monkeypatch) -> list[str]:
    """The images that the engine was asked for; it has those of `IMAGES`."""
    names: list[str] = []

    async def image_id(_, name):
        names.append(name)
        return IMAGES.get(name)

    monkeypatch.setattr(needs, "image_id", image_id)
    return names


@pytest.fixture
def a_project(tmp_path: Path) -> MakeProject:
    def make(folder: str = "myIris", **files: str) -> Project:
        (tmp_path / folder / "aml_config").mkdir(parents=True)
        for name, text in files.items():
            stem, _, ending = name.rpartition("_")
            (tmp_path / folder / "aml_config" / f"{stem}.{ending}").write_text(text)
        return load(tmp_path / folder)

    return make


def compute(image: str = "there:1") -> str:
    return f"type: localdocker\nbaseDockerImage: {image}\n"


def on(target: str, more: str = "") -> str:
    return f"Target: {target}\nFramework: Python\n{more}"


def built(fingerprint: str, image: str | None) -> EnvironmentInfo:
    return EnvironmentInfo(fingerprint, "3.12.1", (), 0, 0, 0.0, timedelta(), image)


# ---- what cannot be told


async def test_an_engine_that_does_not_answer_is_an_error(a_project, monkeypatch):
    async def refuse(*_):
        raise EngineError("No engine answers")

    monkeypatch.setattr(needs, "image_id", refuse)
    with pytest.raises(EngineError, match=r"^No engine answers$"):
        await needs_of(ENGINE, [a_project(docker_compute=compute(), docker_runconfig=on("docker"))])


@pytest.mark.parametrize(
    "files",
    [
        {"docker_compute": compute(), "conda_dependencies_yml": "- not a mapping\n"},
        {"docker_compute": compute(), "conda_dependencies_yml": "dependencies:\n- nobody-knows-this-one\n"},
        {
            "docker_compute": compute(),
            "conda_dependencies_yml": "dependencies:\n- pip:\n  - ./gone-1-py3-none-any.whl\n",
        },
        {"docker_compute": compute("a::b")},
    ],
)
async def test_files_that_do_not_tell_are_said(asked, a_project, files):
    project = a_project(docker_runconfig=on("docker"), **files)
    found = await needs_of(ENGINE, [project])
    assert (found.by_fingerprint, found.by_image) == ({}, {})
    assert found.unknown == (
        f"Nobody can tell which environment myIris docker needs: see `workbench project check` in {project.directory}",
    )


async def test_of_an_image_that_the_engine_lacks_anything_built_in_it_may_be_needed(asked, a_project):
    found = await needs_of(ENGINE, [a_project(docker_compute=compute("gone:1"), docker_runconfig=on("docker"))])
    assert found == Needs(by_image={"gone:1": ("myIris docker",)})
    assert found.of(built("f" * 20, "gone:1")) == ("myIris docker",)
    assert found.of(built("f" * 20, "there:1")) == ()
    assert found.of(built("f" * 20, None)) == ()


# ---- what can


async def test_a_run_configuration_needs_what_its_files_say_now(asked, a_project):
    project = a_project(
        docker_compute=compute(), docker_runconfig=on("docker"), conda_dependencies_yml="dependencies: [numpy]\n"
    )
    configuration = project.entry("docker").configuration
    assert configuration is not None
    needed = fingerprint(read_spec(project.directory, configuration), "sha256:1", "x86_64")
    found = await needs_of(ENGINE, [project])
    assert found == Needs(by_fingerprint={needed: ("myIris docker",)})
    assert found.of(built(needed, "there:1")) == ("myIris docker",)


async def test_a_local_target_needs_none_and_the_engine_is_not_asked(asked, a_project):
    assert await needs_of(ENGINE, [a_project(local_compute="type: local\n", local_runconfig=on("local"))]) == Needs()
    assert asked == []


async def test_run_configurations_with_the_same_inputs_need_the_same(asked, a_project):
    first = a_project(docker_compute=compute(), a_runconfig=on("docker"))
    second = a_project("other", docker_compute=compute(), b_runconfig=on("docker"))
    found = await needs_of(ENGINE, [first, second])
    assert list(found.by_fingerprint.values()) == [("myIris a", "other b")]
    assert asked == ["there:1"]


async def test_another_image_or_dependency_file_is_another_environment(asked, a_project):
    project = a_project(
        one_compute=compute("there:1"),
        two_compute=compute("there:2"),
        a_runconfig=on("one"),
        b_runconfig=on("two"),
        c_runconfig=on("one", "CondaDependenciesFile: aml_config/c.yml\n"),
        c_yml="dependencies:\n- numpy\n",
    )
    found = await needs_of(ENGINE, [project])
    assert sorted(found.by_fingerprint.values()) == [("myIris a",), ("myIris b",), ("myIris c",)]
