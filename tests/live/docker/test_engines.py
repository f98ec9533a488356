"""Real engines, reached as the docker command reaches them; stopped, started, forbidden."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import signal
from pathlib import Path

import docker
import pytest

from jupyter_workbench.targets.docker.engines import engine as engines
from jupyter_workbench.targets.docker.engines import transport
from jupyter_workbench.targets.docker.engines.engine import EngineError, connect
from jupyter_workbench.targets.docker.labels import OWNER

from .engines import PrivateEngine
from .owners import Owner, client_of

pytestmark = pytest.mark.live


async def refused(environment: dict[str, str]) -> str:
    with pytest.raises(EngineError) as caught:
        await connect(environment)
    return str(caught.value)


async def test_an_engine_that_is_not_running(own_engine: PrivateEngine):
    environment = dict(os.environ)
    own_engine.stop()
    assert await refused(environment) == (
        f"DOCKER_HOST: expected a Docker engine at {own_engine.host}, got no answer (No such file or directory) - "
        f"start it, or correct DOCKER_HOST"
    )


async def test_an_engine_that_was_killed(own_engine: PrivateEngine):
    environment = dict(os.environ)
    own_engine.kill()
    while own_engine.is_running:
        await asyncio.sleep(0.05)
    assert await refused(environment) == (
        f"DOCKER_HOST: expected a Docker engine at {own_engine.host}, got no answer (Connection refused) - "
        f"start it, or correct DOCKER_HOST"
    )


async def test_an_engine_that_hangs_is_given_up_after_seconds(own_engine: PrivateEngine):
    environment = dict(os.environ)
    os.kill(own_engine.pid, signal.SIGSTOP)
    try:
        begun = asyncio.get_running_loop().time()
        message = await refused(environment)
        assert asyncio.get_running_loop().time() - begun < 2 * transport.FIRST_ANSWER_SECONDS
    finally:
        os.kill(own_engine.pid, signal.SIGCONT)
    assert message == (
        f"DOCKER_HOST: expected a Docker engine at {own_engine.host}, got no answer in time - "
        f"start it, or correct DOCKER_HOST"
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
async def test_no_permission_on_the_socket_of_an_engine(own_engine: PrivateEngine, monkeypatch):
    environment = dict(os.environ)
    monkeypatch.setenv("LOGNAME", "mara")
    monkeypatch.setattr(Path, "group", lambda _: "docker")
    own_engine.folder.chmod(0o711)
    os.seteuid(65534)
    try:
        message = await refused(environment)
    finally:
        os.seteuid(0)
    assert message == (
        f"DOCKER_HOST: expected permission to use the Docker engine at {own_engine.host}, got none for the user mara - "
        f"run `sudo usermod -aG docker mara`, then log out and in again"
    )


async def test_a_restarted_engine_is_found_again(own_engine: PrivateEngine):
    engine = await connect(dict(os.environ))
    known = engine.id
    own_engine.stop()
    with pytest.raises(EngineError):
        await engine.call(lambda client: client.ping())
    own_engine.start()
    assert await engine.call(lambda client: client.ping())
    assert engine.id == known


async def test_a_stream_ends_when_its_engine_stops(own_engine: PrivateEngine):
    engine = await connect(dict(os.environ))
    client_of(own_engine.host).volumes.create("one-event")
    told = engine.stream(lambda client: client.events(decode=True, since=1))
    async with contextlib.aclosing(told) as events:
        assert await anext(events)
        stopping = asyncio.create_task(asyncio.to_thread(own_engine.stop))
        async for _ in events:
            pass
        await stopping


async def test_the_facts_are_those_that_the_engine_tells(engine_environment, docker_client: docker.DockerClient):
    engine = await connect(engine_environment)
    info = docker_client.info()
    assert (engine.id, engine.architecture) == (info["ID"], info["Architecture"])
    assert engine.endpoint == engine_environment["DOCKER_HOST"]


async def test_the_current_context_of_the_docker_configuration_is_used(engine_environment, docker_client):
    folder = Path(engine_environment["DOCKER_CONFIG"])
    meta = folder / "contexts" / "meta" / hashlib.sha256(b"near").hexdigest() / "meta.json"
    meta.parent.mkdir(parents=True)
    docker_host = engine_environment.pop("DOCKER_HOST")
    meta.write_text(json.dumps({"Name": "near", "Metadata": {}, "Endpoints": {"docker": {"Host": docker_host}}}))
    (folder / "config.json").write_text('{"currentContext": "near"}')
    assert (await connect(engine_environment)).id == docker_client.info()["ID"]


@pytest.fixture
def run_container(docker_client: docker.DockerClient, isolated_owner: Owner, base_image: str):
    """Run a container of the base image; returns its id."""
    made = []

    def run(*command: str) -> str:
        labels = {OWNER: isolated_owner.name}
        made.append(docker_client.containers.run(base_image, list(command), detach=True, init=True, labels=labels))
        return str(made[-1].id)

    yield run
    for container in made:
        container.remove(force=True)


async def test_a_log_is_followed_until_the_container_ends(engine_environment, run_container):
    engine = await connect(engine_environment)
    container = run_container("python3", "-c", "print('one'); print('two')")
    lines = [line async for line in engine.stream(lambda client: client.api.logs(container, stream=True, follow=True))]
    assert b"".join(lines) == b"one\ntwo\n"


async def test_a_wait_for_a_container_can_be_cancelled(engine_environment, run_container):
    engine = await connect(engine_environment)
    container = run_container("sleep", "1000")
    is_waiting = asyncio.Event()
    loop = asyncio.get_running_loop()

    def wait(client: docker.DockerClient):
        loop.call_soon_threadsafe(is_waiting.set)
        yield client.api.wait(container)

    end = asyncio.ensure_future(anext(engine.stream(wait)))
    await is_waiting.wait()
    begun = loop.time()
    end.cancel()
    with pytest.raises(asyncio.CancelledError):
        await end
    assert loop.time() - begun < 1


async def test_calls_do_not_wait_for_each_other(engine_environment):
    engine = await connect(engine_environment)
    answers = await asyncio.gather(*(engine.call(lambda client: client.ping()) for _ in range(5 * engines.THREADS)))
    assert all(answers)
