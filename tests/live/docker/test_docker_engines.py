"""The engines of live Docker tests are what they say: private, blind, of another kind."""

from __future__ import annotations

from pathlib import Path

import docker
import pytest
from docker.errors import APIError, NotFound

from .engines import Podman, PrivateEngine
from .owners import client_of
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


def test_an_image_that_was_pushed_can_be_pulled(registry: Registry, own_engine: PrivateEngine, base_image: str) -> None:
    client = client_of(own_engine.host)
    name = registry.push(client, base_image)

    assert name in client.images.pull(name).tags


def test_a_registry_with_login_refuses_strangers(
    registry_with_login: Registry, own_engine: PrivateEngine, base_image: str, tmp_path: Path
) -> None:
    name = registry_with_login.push(client_of(own_engine.host), base_image)

    with pytest.raises((APIError, NotFound), match="no basic auth credentials"):
        client_of(own_engine.host).images.pull(name)

    registry_with_login.write_login(tmp_path / "docker-config")
    assert name in client_of(own_engine.host).images.pull(name).tags
