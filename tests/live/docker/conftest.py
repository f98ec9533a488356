"""Engines to test on, and users who exist for one test.

`engine_environment` is what most tests want: the engine of this machine, seen by a user of the test's own, of whom
nothing but the volume of environments may be left. The test's own process has that environment, too: servers and
commands that it starts inherit it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import docker
import pytest
from docker.errors import DockerException

from .owners import Owner, a_name, client_of

DEFAULT_HOST = "unix:///var/run/docker.sock"
IMAGE = os.environ.get("WORKBENCH_TEST_IMAGE", "workbench-base:bookworm")
OF_ANOTHER_ENGINE = ("DOCKER_CONTEXT", "DOCKER_CONFIG", "DOCKER_API_VERSION")


@pytest.fixture
def base_image() -> str:
    """The image that run configurations of the tests name: a Debian with Python 3 and venv, without pip."""
    return IMAGE


@pytest.fixture(scope="session")
def docker_host() -> str:
    """Where the engine of this machine listens; skips the test when none does, or when it lacks the base image."""
    host = os.environ.get("DOCKER_HOST", DEFAULT_HOST)
    try:
        client = client_of(host)
        client.ping()
    except DockerException:
        pytest.skip(f"no Docker engine answers at {host} - start one, or name it with DOCKER_HOST")
    if not client.images.list(IMAGE):
        pytest.skip(f"the engine at {host} has no image {IMAGE} - run .ci/base-image, or set WORKBENCH_TEST_IMAGE")
    client.close()
    return host


@pytest.fixture
def docker_client(docker_host: str) -> Iterator[docker.DockerClient]:
    """Docker's own view of the engine that `engine_environment` names."""
    client = client_of(docker_host)
    yield client
    client.close()


@pytest.fixture
def use_engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str, str], dict[str, str]]:
    """Let this test see one engine (a DOCKER_HOST) as one user, and nothing of the machine's Docker configuration."""

    def use(host: str, user: str) -> dict[str, str]:
        for name in OF_ANOTHER_ENGINE:
            monkeypatch.delenv(name, raising=False)
        (tmp_path / "docker-config").mkdir(exist_ok=True)
        monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker-config"))
        monkeypatch.setenv("DOCKER_HOST", host)
        monkeypatch.setenv("LOGNAME", user)
        return dict(os.environ)

    return use


@pytest.fixture
def isolated_owner(docker_host: str, docker_client: docker.DockerClient, use_engine: Callable) -> Iterator[Owner]:
    """A user whose containers, volumes and networks are the test's own; none but declared volumes may be left."""
    owner = Owner(a_name(), docker_client)
    use_engine(docker_host, owner.name)
    yield owner
    left = owner.leftovers_in_the_end()
    owner.remove_everything()
    assert left == [], f"left on the engine: {', '.join(left)}"


@pytest.fixture
def engine_environment(isolated_owner: Owner) -> dict[str, str]:
    """The environment of a server or command on the machine's engine (DOCKER_HOST), as the isolated owner (LOGNAME)."""
    return dict(os.environ)


@pytest.fixture(scope="session")
def name_that_lasts(docker_host: str) -> Iterator[str]:
    """One user name for all tests; what is left of it is removed after the last one."""
    owner = Owner(a_name("lasting"), client_of(docker_host))
    yield owner.name
    owner.remove_everything()
    owner.client.close()


@pytest.fixture
def lasting_owner(
    name_that_lasts: str, docker_host: str, docker_client: docker.DockerClient, use_engine: Callable
) -> Iterator[Owner]:
    """As `isolated_owner`, but the environments stay until the last test: for tests that are not about building."""
    owner = Owner(name_that_lasts, docker_client)
    use_engine(docker_host, owner.name)
    yield owner
    left = owner.leftovers_in_the_end()
    owner.remove_everything(but_volumes=owner.volumes_that_stay)
    assert left == [], f"left on the engine: {', '.join(left)}"


@pytest.fixture
def lasting_engine_environment(lasting_owner: Owner) -> dict[str, str]:
    """As `engine_environment`, with environments that earlier tests built."""
    return dict(os.environ)
