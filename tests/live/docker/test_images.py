"""Images of a real engine: pulled from a real registry, or not, and why."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_workbench.errors import TargetError
from jupyter_workbench.targets.docker.engine import connect
from jupyter_workbench.targets.docker.images import ensure_image, find_at_registry, image_id
from jupyter_workbench.targets.progress import Progress, quiet

from .owners import Owner
from .registries import Registry, running_registry, write_credentials

pytestmark = pytest.mark.live

MEGABYTE = 1_000_000
BRING_IT = "check the engine's network and proxy, or bring the image along with `docker save` and `docker load`"


@pytest.fixture
def registry(tmp_path: Path, isolated_owner: Owner) -> Iterator[Registry]:
    """Run a registry that everyone may use."""
    with running_registry(tmp_path, isolated_owner.client, isolated_owner.name) as running:
        yield running


@pytest.fixture
def locked_registry(tmp_path: Path, isolated_owner: Owner) -> Iterator[Registry]:
    """Run a registry that wants a password."""
    with running_registry(tmp_path, isolated_owner.client, isolated_owner.name, with_password=True) as running:
        yield running


async def refused(environment: dict[str, str], name: str) -> str:
    with pytest.raises(TargetError) as caught:
        await ensure_image(await connect(environment), name, quiet)
    return str(caught.value)


async def test_an_unknown_name_at_a_registry(engine_environment, registry):
    name = f"{registry.address}/nothing:1"
    words = f"manifest for {name} not found: manifest unknown: manifest unknown"
    assert await refused(engine_environment, name) == (
        f"expected the Docker image {name} on the engine or from {registry.address}, got no such image ({words}) - "
        f"correct the name, or build it with `docker build -t {name} FOLDER`"
    )


async def test_a_registry_that_is_not_there(engine_environment, unused_tcp_port):
    address = f"127.0.0.1:{unused_tcp_port}"
    words = f'Get "http://{address}/v2/": dial tcp {address}: connect: connection refused'
    assert await refused(engine_environment, f"{address}/base:1") == (
        f"expected the Docker image {address}/base:1 on the engine or from {address}, "
        f"got no answer from there ({words}) - {BRING_IT}"
    )


async def test_a_registry_whose_name_does_not_resolve(engine_environment):
    message = await refused(engine_environment, "registry.invalid/base:1")
    begin = "expected the Docker image registry.invalid/base:1 on the engine or from registry.invalid, got no answer"
    assert message.startswith(f'{begin} from there (Get "https://registry.invalid/v2/": dial tcp: lookup registry.inv')
    assert message.endswith(f"no such host) - {BRING_IT}")


@pytest.mark.parametrize("name", ["microsoft/mmlspark::plus", "Debian:12", "-x/y", "a b", "https://ghcr.io/x"])
async def test_a_name_that_cannot_be_one(engine_environment, name):
    message = f"expected the name of a Docker image, got {name} - write NAME:TAG"
    assert await refused(engine_environment, name) == message


async def test_a_registry_that_wants_a_password(engine_environment, locked_registry):
    name = f"{locked_registry.address}/base:1"
    message = re.sub(r"\w+ \"http:\S*", "GET", await refused(engine_environment, name))  # or HEAD: engines differ
    assert message == (
        f"expected the Docker image {name} on the engine or from {locked_registry.address}, "
        f"got no access to it (GET no basic auth credentials) - "
        f"check the name, and run `docker login {locked_registry.address}` if the image is private"
    )


async def test_a_wrong_password_is_not_quoted(engine_environment, locked_registry):
    folder = Path(engine_environment["DOCKER_CONFIG"])
    write_credentials(folder, locked_registry.address, password="wrong-password")
    message = await refused(engine_environment, f"{locked_registry.address}/base:1")
    assert "got no access to it (" in message
    assert "wrong-password" not in message


@pytest.mark.filterwarnings("ignore:docker-credential-nowhere not installed")
async def test_a_helper_for_credentials_that_is_not_installed(engine_environment, registry):
    file = Path(engine_environment["DOCKER_CONFIG"]) / "config.json"
    file.write_text(json.dumps({"credsStore": "nowhere"}))
    name = f"{registry.address}/base:1"
    assert await refused(engine_environment, name) == (
        f"{file}: expected credentials for the registry of the Docker image {name}, "
        f"got an error of the credential helper docker-credential-nowhere - "
        f"correct the file, or try it with `docker pull {name}`"
    )


async def test_an_image_that_is_there_is_not_pulled(engine_environment, base_image):
    steps: list[Progress] = []
    engine = await connect(engine_environment)
    assert await ensure_image(engine, base_image, steps.append) == await image_id(engine, base_image)
    assert steps == []


async def test_a_pull_tells_how_far_it_is(engine_environment, registry):
    name = registry.push("layers", 3 * MEGABYTE, 20 * MEGABYTE, MEGABYTE)
    engine = await connect(engine_environment)
    assert await image_id(engine, name) is None
    steps: list[Progress] = []
    try:
        assert await ensure_image(engine, name, steps.append) == await image_id(engine, name)
    finally:
        registry.remove(name)
    assert steps[0] == Progress("image", f"Pulling {name}")
    done = [step.done for step in steps[1:]]
    assert done == sorted(done)
    assert steps[-1].message == f"Unpacking {name}"
    assert steps[-1].done == steps[-1].total
    assert 24 * MEGABYTE < steps[-1].total < 25 * MEGABYTE


async def test_a_pull_that_is_cancelled_ends_and_the_next_one_works(engine_environment, registry):
    name = registry.push("large", 200 * MEGABYTE)
    engine = await connect(engine_environment)
    is_on_its_way = asyncio.Event()

    def watch(progress: Progress) -> None:
        if progress.done:
            is_on_its_way.set()

    pull = asyncio.create_task(ensure_image(engine, name, watch))
    await is_on_its_way.wait()
    begun = asyncio.get_running_loop().time()
    pull.cancel()
    with pytest.raises(asyncio.CancelledError):
        await pull
    assert asyncio.get_running_loop().time() - begun < 1
    assert await image_id(engine, name) is None
    try:
        assert await ensure_image(engine, name, quiet) == await image_id(engine, name)
    finally:
        registry.remove(name)


async def test_two_pulls_of_one_image_at_once(engine_environment, registry):
    name = registry.push("twice", 20 * MEGABYTE)
    engine = await connect(engine_environment)
    try:
        first, second = await asyncio.gather(ensure_image(engine, name, quiet), ensure_image(engine, name, quiet))
    finally:
        registry.remove(name)
    assert first == second


async def test_credentials_of_the_docker_configuration_are_used(engine_environment, locked_registry):
    name = locked_registry.push("private", MEGABYTE)
    engine = await connect(engine_environment)
    write_credentials(Path(engine_environment["DOCKER_CONFIG"]), locked_registry.address)  # `docker login` comes later
    await find_at_registry(engine, name)
    try:
        assert await ensure_image(engine, name, quiet) == await image_id(engine, name)
    finally:
        locked_registry.remove(name)
