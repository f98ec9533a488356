from __future__ import annotations

from types import SimpleNamespace

import pytest

from jupyter_workbench.config.project import Project, load
from jupyter_workbench.kernels.environment_use import used_by
from jupyter_workbench.targets.docker import engine, images
from jupyter_workbench.targets.docker.engine import EngineError

IMAGES = {"there:1": "sha256:1", "there:2": "sha256:2"}


@pytest.fixture
def an_engine(monkeypatch):
    """An engine that has the images of `IMAGES`."""

    async def connect(environment):
        return SimpleNamespace(architecture="x86_64")

    async def image_id(_, name):
        return IMAGES.get(name)

    monkeypatch.setattr(engine, "connect", connect)
    monkeypatch.setattr(images, "image_id", image_id)


@pytest.fixture
def a_project(tmp_path):
    def make(folder: str = "myIris", **files: str) -> Project:
        (tmp_path / folder / "aml_config").mkdir(parents=True)
        for name, text in files.items():
            stem, _, ending = name.rpartition("_")
            (tmp_path / folder / "aml_config" / f"{stem}.{ending}").write_text(text)
        return load(tmp_path / folder)

    return make


def compute(image: str = "there:1") -> str:
    return f"type: localdocker\nbaseDockerImage: {image}\n"


def run_configuration(target: str, **more: str) -> str:
    lines = {"Target": target, "Framework": "Python", **more}
    return "".join(f"{key}: {value}\n" for key, value in lines.items())


async def names(*projects: Project) -> list[list[tuple[str, str]]]:
    used = await used_by(projects, {})
    return [[(project.name, name) for project, name in users] for users in used.values()]


async def test_an_engine_that_does_not_answer_is_an_error(a_project, monkeypatch):
    async def refuse(environment):
        raise EngineError("No engine answers")

    monkeypatch.setattr(engine, "connect", refuse)
    with pytest.raises(EngineError) as refused:
        await used_by([], {})
    assert str(refused.value) == "No engine answers"


async def test_an_image_that_the_engine_does_not_have_has_no_environment(an_engine, a_project):
    project = a_project(docker_compute=compute("absent:1"), docker_runconfig=run_configuration("docker"))
    assert await names(project) == []


@pytest.mark.parametrize("text", ["- not a mapping\n", "dependencies:\n- nobody-knows-this-one\n"])
async def test_a_dependency_file_that_cannot_be_built_has_no_environment(an_engine, a_project, text):
    project = a_project(
        docker_compute=compute(), docker_runconfig=run_configuration("docker"), conda_dependencies_yml=text
    )
    assert await names(project) == []


async def test_a_local_file_that_is_gone_has_no_environment(an_engine, a_project):
    text = "dependencies:\n- pip:\n  - ./gone-1.0-py3-none-any.whl\n"
    project = a_project(
        docker_compute=compute(), docker_runconfig=run_configuration("docker"), conda_dependencies_yml=text
    )
    assert await names(project) == []


async def test_a_local_target_uses_none(an_engine, a_project):
    project = a_project(local_compute="type: local\n", local_runconfig=run_configuration("local"))
    assert await names(project) == []


async def test_run_configurations_with_the_same_inputs_share_one(an_engine, a_project):
    first = a_project(docker_compute=compute(), a_runconfig=run_configuration("docker"))
    second = a_project("other", docker_compute=compute(), b_runconfig=run_configuration("docker"))
    assert await names(first, second) == [[("myIris", "a"), ("other", "b")]]


async def test_another_image_is_another_environment(an_engine, a_project):
    project = a_project(
        one_compute=compute("there:1"),
        two_compute=compute("there:2"),
        one_runconfig=run_configuration("one"),
        two_runconfig=run_configuration("two"),
    )
    assert await names(project) == [[("myIris", "one")], [("myIris", "two")]]


async def test_another_dependency_file_is_another_environment(an_engine, a_project):
    project = a_project(
        docker_compute=compute(),
        a_runconfig=run_configuration("docker"),
        b_runconfig=run_configuration("docker", CondaDependenciesFile="aml_config/b.yml"),
        b_yml="dependencies:\n- numpy\n",
    )
    assert await names(project) == [[("myIris", "a")], [("myIris", "b")]]
