"""The settings of a container that are ours: what is refused is in ``tests/projects/container_settings``."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_workbench.config.containers import Mount, memory_text
from jupyter_workbench.config.models import DEFAULT_DOCKER_IMAGE, DockerCompute
from jupyter_workbench.config.project import load

PROJECT = Path(__file__).parent.parent / "projects" / "container_settings"


def docker(name: str) -> DockerCompute:
    compute = load(PROJECT).entry(name).compute
    assert isinstance(compute, DockerCompute)
    return compute


def test_every_setting_of_a_container_is_kept_as_the_engine_takes_it() -> None:
    assert docker("every") == DockerCompute(
        name="every",
        memory=4 * 1024**3,
        cpus=1.5,
        network="none",
        mounts=(
            Mount("~/data", "/data", read_only=True),
            Mount("data/raw", "/raw"),
            Mount("/srv/models", "/models"),
            Mount("C:\\data", "/windows"),
        ),
    )


def test_what_a_file_leaves_out_is_not_limited() -> None:
    nothing = DockerCompute(name="nothing")
    assert (nothing.memory, nothing.cpus, nothing.network, nothing.mounts) == (None, None, None, ())


def test_a_container_without_an_image_has_that_of_the_template() -> None:
    assert DockerCompute(name="docker").image == DEFAULT_DOCKER_IMAGE
    assert DockerCompute(name="docker", base_docker_image="ada/ml:1.10").image == "ada/ml:1.10"


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ("~/data", "/home/ada/data"),
        ("~", "/home/ada"),
        ("data/raw", "/projects/iris/data/raw"),
        ("../shared", "/projects/shared"),
        ("/srv/models", "/srv/models"),
        ("/", "/"),
    ],
)
def test_the_path_of_a_mount_begins_at_the_home_the_project_or_the_root(
    monkeypatch: pytest.MonkeyPatch, source: str, path: str
) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    assert Mount(source, "/x").path(Path("/projects/iris")) == Path(path)


@pytest.mark.parametrize("written", ["~/data:/data:ro", "data/raw:/raw", "C:\\data:/windows"])
def test_a_mount_is_written_as_it_is_read(written: str) -> None:
    compute = DockerCompute.model_validate({"name": "x", "mounts": [written]})
    assert [str(mount) for mount in compute.mounts] == [written]


@pytest.mark.parametrize("written", ["4g", "512m", "1536m", "1t", "7000001"])
def test_an_amount_of_memory_is_written_as_it_is_read(written: str) -> None:
    memory = DockerCompute.model_validate({"name": "x", "memory": written}).memory
    assert memory is not None
    assert memory_text(memory) == written
