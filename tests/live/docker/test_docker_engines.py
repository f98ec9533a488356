"""The engines of live Docker tests are what they say: private, blind, of another kind."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import docker
import pytest
from docker.errors import APIError, NotFound

from .engines import Podman, PrivateEngine
from .owners import a_name, client_of
from .registries import Registry

pytestmark = pytest.mark.live


def test_a_container_outlives_the_engine_of_its_own_and_is_ended_when_it_comes_back(
    own_engine: PrivateEngine, base_image: str
) -> None:
    container = client_of(own_engine.host).containers.run(base_image, "sleep 1000", init=True, detach=True)

    own_engine.kill()
    assert not own_engine.is_running
    own_engine.start()

    container.reload()
    assert container.status == "exited"


def test_an_engine_that_is_stopped_ends_its_containers_and_keeps_them(
    own_engine: PrivateEngine, base_image: str
) -> None:
    container = client_of(own_engine.host).containers.run(base_image, "sleep 1000", init=True, detach=True)

    own_engine.stop()
    own_engine.start()

    container.reload()
    assert (container.status, container.attrs["State"]["ExitCode"]) == ("exited", 143)


def test_a_blind_engine_cannot_mount_a_folder_of_the_test(
    blind_engine: PrivateEngine, base_image: str, tmp_path: Path
) -> None:
    mount = docker.types.Mount("/project", str(tmp_path), type="bind")

    with pytest.raises(APIError, match="bind source path does not exist"):
        client_of(blind_engine.host).containers.run(base_image, "true", mounts=[mount])


def test_podman_runs_a_container_of_the_base_image(podman_engine: Podman, base_image: str) -> None:
    client = client_of(podman_engine.host)

    assert client.containers.run(base_image, ["python3", "-c", "print(1 + 1)"], init=True, remove=True) == b"2\n"


@pytest.fixture
def small_image(docker_client: docker.DockerClient) -> Iterator[str]:
    """An image of one file: what is pushed and pulled does not matter here."""
    name = a_name("small")
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        tar.addfile(tarfile.TarInfo("empty"))
    docker_client.api.import_image_from_data(archive.getvalue(), repository=name, tag="1")
    yield f"{name}:1"
    docker_client.images.remove(f"{name}:1", force=True)


def test_an_image_that_was_pushed_can_be_pulled(
    registry: Registry, docker_client: docker.DockerClient, small_image: str
) -> None:
    name = registry.push(docker_client, small_image)

    assert name in docker_client.images.pull(name).tags


def test_a_registry_with_login_refuses_strangers(
    registry_with_login: Registry,
    use_engine: Callable,
    docker_host: str,
    docker_client: docker.DockerClient,
    small_image: str,
    tmp_path: Path,
) -> None:
    use_engine(docker_host, a_name())
    name = registry_with_login.push(docker_client, small_image)

    with pytest.raises((APIError, NotFound), match="no basic auth credentials"):
        docker_client.images.pull(name)

    registry_with_login.write_login(tmp_path / "docker-config")
    with closing(client_of(docker_host)) as logged_in:
        assert name in logged_in.images.pull(name).tags
