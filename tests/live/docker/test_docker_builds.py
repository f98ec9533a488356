"""One build of an environment: shared by whoever wants it, ended by nobody else, and leaving nothing half-built."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import docker
import pytest

from jupyter_workbench.environments.fingerprint import fingerprint
from jupyter_workbench.targets.docker import labels
from jupyter_workbench.targets.docker.building.build_leftovers import leftover_builds
from jupyter_workbench.targets.docker.building.volume import VOLUME_PATH, volume_name
from jupyter_workbench.targets.docker.servers import this_server

from .builds import (
    KERNEL,
    Builds,
    Reports,
    a_held_package,
    another_process,
    build_containers,
    builds_on,
    go_on,
    is_held,
    spec_of,
)
from .engines import PrivateEngine
from .owners import Owner, client_of

pytestmark = pytest.mark.live


@pytest.fixture
async def builds(lasting_engine_environment: dict[str, str], base_image: str) -> AsyncIterator[Builds]:
    """A volume that has uv, and a kernel's packages in its cache, after the first test."""
    async with builds_on(lasting_engine_environment, base_image) as found:
        yield found


@pytest.fixture
async def empty_builds(engine_environment: dict[str, str], base_image: str) -> AsyncIterator[Builds]:
    """No volume."""
    async with builds_on(engine_environment, base_image) as found:
        yield found


@pytest.fixture
def one_build(docker_client: docker.DockerClient, lasting_owner: Owner):
    """Return the one container that builds at this moment."""

    def find() -> Any:
        (container,) = build_containers(docker_client, lasting_owner.name)
        return container

    return find


def in_the_volume(client: docker.DockerClient, image: str, path: str) -> list[str]:
    """List a folder of the volume of environments, as a container sees it."""
    said = client.containers.run(
        image,
        ["sh", "-c", f"ls -A {VOLUME_PATH / path} 2>/dev/null || true"],
        volumes={volume_name(): {"bind": str(VOLUME_PATH), "mode": "ro"}},
        remove=True,
    )
    return said.decode().split()


async def test_two_callers_of_one_process_share_a_build(builds: Builds, one_build, tmp_path: Path) -> None:
    spec, first, second = a_held_package(tmp_path), Reports(), Reports()
    one = asyncio.create_task(builds.ensure(spec, first))
    await first.until(is_held)
    two = asyncio.create_task(builds.ensure(spec, second))
    await second.until(is_held)

    go_on(one_build())

    assert await one == await two


async def test_two_processes_share_a_build(builds: Builds, base_image: str, one_build, tmp_path: Path) -> None:
    spec, report = a_held_package(tmp_path), Reports()
    other = await another_process(base_image, spec)
    await other.until(is_held)
    mine = asyncio.create_task(builds.ensure(spec, report))
    await report.until(is_held)

    go_on(one_build())

    assert await other.result() == {"prefix": str((await mine).prefix)}
    assert "Waiting for the environment of aml_config/conda_dependencies.yml, which is being built" in report.messages


async def test_a_build_survives_the_process_that_began_it(
    builds: Builds, base_image: str, one_build, tmp_path: Path
) -> None:
    spec, report = a_held_package(tmp_path), Reports()
    other = await another_process(base_image, spec)
    await other.until(is_held)
    mine = asyncio.create_task(builds.ensure(spec, report))
    await report.until(is_held)

    await other.kill()
    container = one_build()
    go_on(container)

    assert (await mine).python.startswith("3.")
    container.wait()
    assert await leftover_builds(builds.engine) == (container.name,)


async def test_a_build_that_nobody_follows_ends_by_itself(
    builds: Builds, base_image: str, one_build, tmp_path: Path
) -> None:
    spec = a_held_package(tmp_path)
    other = await another_process(base_image, spec)
    await other.until(is_held)
    await other.kill()
    container = one_build()

    assert await leftover_builds(builds.engine) == ()
    go_on(container)
    container.wait()

    assert await leftover_builds(builds.engine) == (container.name,)
    report = Reports()
    await builds.ensure(spec, report, build=False)
    assert report.messages == []


async def test_a_container_that_a_killed_process_never_started_is_replaced(
    builds: Builds, docker_client: docker.DockerClient, tmp_path: Path
) -> None:
    spec = spec_of(KERNEL, "six")
    name = fingerprint(spec, builds.image_id, builds.engine.architecture)
    docker_client.containers.create(
        builds.image_id,
        "true",
        name=f"jupyter-workbench-build-{labels.owner()}-{name}",
        labels={
            labels.OWNER: labels.owner(),
            labels.KIND: "build",
            labels.SERVER: f"{socket.gethostname()}/another-boot/1/2",
        },
    )

    assert (await builds.ensure(spec)).fingerprint == name


async def test_a_caller_who_is_cancelled_leaves_the_build_to_the_others(
    builds: Builds, one_build, tmp_path: Path
) -> None:
    spec, first, second = a_held_package(tmp_path), Reports(), Reports()
    one = asyncio.create_task(builds.ensure(spec, first))
    await first.until(is_held)
    two = asyncio.create_task(builds.ensure(spec, second))
    await second.until(is_held)

    one.cancel()
    await asyncio.wait([one])
    go_on(one_build())

    assert (await two).prefix.name == (await two).fingerprint


async def test_the_last_caller_who_is_cancelled_ends_the_build(
    builds: Builds, docker_client: docker.DockerClient, lasting_owner: Owner, base_image: str, tmp_path: Path
) -> None:
    spec, report = a_held_package(tmp_path), Reports()
    task = asyncio.create_task(builds.ensure(spec, report))
    await report.until(is_held)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert build_containers(docker_client, lasting_owner.name) == []
    name = fingerprint(spec, builds.image_id, builds.engine.architecture)
    assert name not in in_the_volume(docker_client, base_image, "environments")


@pytest.mark.parametrize("phase", ["Building the environment", "Making", "Resolving", "Installing", "Compiling"])
async def test_a_build_can_be_cancelled_in_each_phase(
    empty_builds: Builds, docker_client: docker.DockerClient, isolated_owner: Owner, base_image: str, phase: str
) -> None:
    spec, report = spec_of(KERNEL), Reports()
    task = asyncio.create_task(empty_builds.ensure(spec, report))
    await report.until(lambda progress: progress.message.startswith(phase))

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert build_containers(docker_client, isolated_owner.name) == []
    assert in_the_volume(docker_client, base_image, "environments") == []
    assert (await empty_builds.ensure(spec)).python.startswith("3.")


async def test_what_a_killed_builder_left_is_removed(
    builds: Builds, docker_client: docker.DockerClient, lasting_owner: Owner, base_image: str, one_build, tmp_path: Path
) -> None:
    spec, report = a_held_package(tmp_path), Reports()
    task = asyncio.create_task(builds.failure(spec, report=report))
    await report.until(is_held)

    one_build().kill()

    assert await task == (
        "The environment of aml_config/conda_dependencies.yml cannot be built: its container was stopped from outside "
        "(exit code 137) - prepare it again"
    )
    assert build_containers(docker_client, lasting_owner.name) == []
    name = fingerprint(spec, builds.image_id, builds.engine.architecture)
    assert name not in in_the_volume(docker_client, base_image, "environments")


async def test_a_container_that_is_removed_under_a_build_is_told(builds: Builds, one_build, tmp_path: Path) -> None:
    spec, report = a_held_package(tmp_path), Reports()
    task = asyncio.create_task(builds.failure(spec, report=report))
    await report.until(is_held)

    one_build().remove(force=True)

    assert await task == (
        "The environment of aml_config/conda_dependencies.yml cannot be built: its container was removed from outside "
        "- prepare it again"
    )


async def test_a_build_that_another_process_gives_up_is_begun_anew(
    builds: Builds, base_image: str, docker_client: docker.DockerClient, one_build, tmp_path: Path
) -> None:
    spec, report = a_held_package(tmp_path), Reports()
    other = await another_process(base_image, spec)
    await other.until(is_held)
    mine = asyncio.create_task(builds.ensure(spec, report))
    await report.until(is_held)
    first = one_build()

    begun_anew = asyncio.create_task(report.until(is_held))
    await asyncio.to_thread(first.stop)
    await asyncio.wait({begun_anew, mine}, return_when=asyncio.FIRST_COMPLETED)
    assert not mine.done(), mine.exception()
    go_on(one_build())

    assert (await mine).prefix.name == (await mine).fingerprint


async def test_an_engine_that_goes_away_under_a_build_is_told_and_nothing_of_it_stays(
    own_engine: PrivateEngine, base_image: str, tmp_path: Path
) -> None:
    async with builds_on(dict(os.environ), base_image) as builds:
        spec, report = a_held_package(tmp_path), Reports()
        task = asyncio.create_task(builds.failure(spec, report=report))
        await report.until(is_held)

        own_engine.kill()
        message = await task
        own_engine.start()

        assert message.startswith(f"DOCKER_HOST: expected a Docker engine at {own_engine.host}, got ")
        name = fingerprint(spec, builds.image_id, builds.engine.architecture)
        assert await leftover_builds(builds.engine) == (f"jupyter-workbench-build-{labels.owner()}-{name}",)
        again = asyncio.create_task(builds.ensure(spec, report))
        await report.until(is_held)
        (container,) = build_containers(client_of(own_engine.host), labels.owner())
        go_on(container)
        assert (await again).fingerprint == name


async def test_what_this_process_does_at_the_moment_is_no_leftover(
    builds: Builds, docker_client: docker.DockerClient, one_build, tmp_path: Path
) -> None:
    spec, report = a_held_package(tmp_path), Reports()
    task = asyncio.create_task(builds.ensure(spec, report))
    await report.until(is_held)
    probe = docker_client.containers.create(
        builds.image_id,
        "true",
        labels={labels.OWNER: labels.owner(), labels.KIND: "probe", labels.SERVER: this_server()},
    )

    assert await leftover_builds(builds.engine) == ()
    probe.remove()
    go_on(one_build())
    await task
