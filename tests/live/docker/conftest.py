"""Engines to test on, and users who exist for one test.

`engine_environment` is what most tests want: the engine of this machine, seen by a user of the test's own, of whom
nothing but the volume of environments may be left. The test's own process has that environment, too: servers and
commands that it starts inherit it. `project` and `server` are what most tests of kernels begin with; a file that needs
another project writes a fixture of that name.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing
from pathlib import Path
from typing import TypeVar

import docker
import pytest
from docker.errors import DockerException

import jupyter_workbench

from ..jupyter import Server, running_server
from .engines import CannotStart, Podman, PrivateEngine, podman, private_engine
from .owners import Owner, a_name, client_of, empty
from .projects import build, docker_project
from .registries import Registry, running_registry

T = TypeVar("T")

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
    owner.remove_everything(but_volumes={owner.volume})
    assert left == [], f"left on the engine: {', '.join(left)}"


@pytest.fixture
def lasting_engine_environment(lasting_owner: Owner) -> dict[str, str]:
    """As `engine_environment`, with environments that earlier tests built."""
    return dict(os.environ)


@pytest.fixture
async def project(tmp_path: Path, base_image: str, lasting_engine_environment: dict[str, str]) -> Path:
    """Write a project called myIris, whose environment is there."""
    project = docker_project(tmp_path / "root" / "myIris", base_image)
    await build(project)
    return project


@pytest.fixture
def server(project: Path) -> Iterator[Server]:
    """Run a server at the home of `project`."""
    with running_server(project) as server:
        yield server


@pytest.fixture(scope="session")
def base_image_file(docker_host: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The base image as a tar file, to be loaded into other engines."""
    file = tmp_path_factory.mktemp("image") / "base.tar"
    with closing(client_of(docker_host)) as client, file.open("wb") as target:
        target.writelines(client.images.get(IMAGE).save(named=IMAGE))
    yield file
    file.unlink()


@pytest.fixture(scope="session")
def lasting_own_engine(base_image_file: Path) -> Iterator[PrivateEngine]:
    """The engine behind `own_engine`: the base image is loaded once."""
    yield from or_skip(private_engine(base_image_file))


@pytest.fixture
def own_engine(lasting_own_engine: PrivateEngine, use_engine: Callable) -> Iterator[PrivateEngine]:
    """A running dockerd that the test may stop, kill and start again; the test sees it as a new user."""
    if not lasting_own_engine.is_running:
        lasting_own_engine.start()
    use_engine(lasting_own_engine.host, a_name())
    yield lasting_own_engine
    if not lasting_own_engine.is_running:
        lasting_own_engine.start()
    empty(lasting_own_engine.host)


@pytest.fixture(scope="session")
def lasting_blind_engine(base_image_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateEngine]:
    """The engine behind `blind_engine`."""
    hidden = {Path(jupyter_workbench.__file__).parent, tmp_path_factory.getbasetemp()}
    # The sockets of kernels are in these, and one within another need not be hidden again.
    hidden |= {Path(folder) for folder in (tempfile.gettempdir(), os.environ.get("XDG_RUNTIME_DIR")) if folder}
    outer = [folder for folder in hidden if not hidden & set(folder.parents)]
    yield from or_skip(private_engine(base_image_file, hidden=outer))


@pytest.fixture
def blind_engine(lasting_blind_engine: PrivateEngine, use_engine: Callable) -> Iterator[PrivateEngine]:
    """An engine that sees neither the folders of tests nor our package, as one on another machine; for a new user."""
    use_engine(lasting_blind_engine.host, a_name())
    yield lasting_blind_engine
    empty(lasting_blind_engine.host)


@pytest.fixture(scope="session")
def lasting_podman(base_image_file: Path) -> Iterator[Podman]:
    """The engine behind `podman_engine`."""
    yield from or_skip(podman(base_image_file))


@pytest.fixture
def podman_engine(lasting_podman: Podman, use_engine: Callable) -> Iterator[Podman]:
    """Podman's Docker-compatible service, for a new user."""
    use_engine(lasting_podman.host, a_name())
    yield lasting_podman
    empty(lasting_podman.host)


@pytest.fixture
def registry(tmp_path: Path, docker_client: docker.DockerClient) -> Iterator[Registry]:
    """An empty registry on loopback that anybody may use."""
    yield from or_skip(running_registry(a_folder(tmp_path, "registry")), after=lambda it: it.forget(docker_client))


@pytest.fixture
def registry_with_login(tmp_path: Path, docker_client: docker.DockerClient) -> Iterator[Registry]:
    """An empty registry on loopback that wants a login."""
    running = running_registry(a_folder(tmp_path, "registry-with-login"), "somebody", "a secret")
    yield from or_skip(running, after=lambda it: it.forget(docker_client))


def or_skip(running: AbstractContextManager[T], after: Callable[[T], None] = lambda it: None) -> Iterator[T]:
    """Yield what runs, or skip with the reason why it cannot."""
    with ExitStack() as stack:
        try:
            it = stack.enter_context(running)
        except CannotStart as reason:
            pytest.skip(str(reason))
        stack.callback(after, it)
        yield it


def a_folder(parent: Path, name: str) -> Path:
    """Make a folder."""
    (parent / name).mkdir()
    return parent / name
