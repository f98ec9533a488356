"""Images of a real engine: pulled from a real registry, or not, and why."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import pytest

from jupyter_workbench.errors import TargetError
from jupyter_workbench.targets.docker.engines.engine import connect
from jupyter_workbench.targets.docker.images.images import ensure_image, find_at_registry, image_id
from jupyter_workbench.targets.progress import Progress, quiet

pytestmark = pytest.mark.live

MEGABYTE = 1_000_000
BRING_IT = "check the engine's network and proxy, or bring the image along with `docker save` and `docker load`"


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


async def test_a_registry_that_wants_a_password(engine_environment, registry_with_login):
    name = f"{registry_with_login.address}/base:1"
    message = re.sub(r"\w+ \"http:\S*", "GET", await refused(engine_environment, name))  # or HEAD: engines differ
    assert message == (
        f"expected the Docker image {name} on the engine or from {registry_with_login.address}, "
        f"got no access to it (GET no basic auth credentials) - "
        f"check the name, and run `docker login {registry_with_login.address}` if the image is private"
    )


async def test_a_wrong_password_is_not_quoted(engine_environment, registry_with_login):
    registry_with_login.write_login(Path(engine_environment["DOCKER_CONFIG"]), password="wrong-password")
    message = await refused(engine_environment, f"{registry_with_login.address}/base:1")
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


async def test_a_pull_tells_how_far_it_is(engine_environment, docker_client, registry):
    name = registry.push_layers(docker_client, 10 * MEGABYTE, 20 * MEGABYTE, 10 * MEGABYTE)
    engine = await connect(engine_environment)
    assert await image_id(engine, name) is None
    steps: list[Progress] = []
    assert await ensure_image(engine, name, steps.append) == await image_id(engine, name)
    assert steps[0] == Progress("image", f"Pulling {name}")
    done = [step.done for step in steps[1:]]
    assert done == sorted(done)
    assert steps[-1].message == f"Unpacking {name}"
    assert steps[-1].done == steps[-1].total
    assert 40 * MEGABYTE < steps[-1].total < 41 * MEGABYTE


async def test_a_pull_passes_on_what_the_engine_says_of_it(engine_environment, docker_client, registry):
    name = registry.push_layers(docker_client, MEGABYTE)
    steps: list[Progress] = []
    await ensure_image(await connect(engine_environment), name, steps.append)
    said = [line for step in steps for line in step.said]
    assert [line.partition(": ")[2] for line in said].count("Pull complete") == 1
    assert f"Status: Downloaded newer image for {name}" in said


async def test_a_pull_that_is_cancelled_ends_and_the_next_one_works(engine_environment, docker_client, registry):
    name = registry.push_layers(docker_client, 200 * MEGABYTE)
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
    assert await ensure_image(engine, name, quiet) == await image_id(engine, name)


async def test_two_pulls_of_one_image_at_once(engine_environment, docker_client, registry):
    name = registry.push_layers(docker_client, 20 * MEGABYTE)
    engine = await connect(engine_environment)
    first, second = await asyncio.gather(ensure_image(engine, name, quiet), ensure_image(engine, name, quiet))
    assert first == second


async def test_credentials_of_the_docker_configuration_are_used(engine_environment, docker_client, registry_with_login):
    name = registry_with_login.push_layers(docker_client, MEGABYTE)
    engine = await connect(engine_environment)
    registry_with_login.write_login(Path(engine_environment["DOCKER_CONFIG"]))  # the user may log in at any time
    await find_at_registry(engine, name)
    assert await ensure_image(engine, name, quiet) == await image_id(engine, name)
