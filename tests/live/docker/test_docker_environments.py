"""Environments on a real engine: there once, remembered, listed, removed; and what is said when one cannot be had."""

from __future__ import annotations

import asyncio
import io
import json
import tarfile
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import docker
import pytest

from jupyter_workbench.targets.docker import labels
from jupyter_workbench.targets.docker.building import environments, uv_binary
from jupyter_workbench.targets.docker.building.volume import VOLUME_PATH, volume_name
from jupyter_workbench.targets.docker.images.network import CompanyNetwork

from .builds import (
    KERNEL,
    Builds,
    Reports,
    a_broken_package,
    a_held_package,
    a_package,
    build_containers,
    builds_on,
    go_on,
    is_held,
    spec_of,
    stop_compiling,
)
from .conftest import IMAGE
from .owners import Owner

pytestmark = pytest.mark.live


@pytest.fixture
async def builds(lasting_engine_environment: dict[str, str], base_image: str) -> AsyncIterator[Builds]:
    """A volume that may have environments already, and has most packages in its cache."""
    async with builds_on(lasting_engine_environment, base_image) as found:
        yield found


@pytest.fixture
async def empty_builds(engine_environment: dict[str, str], base_image: str) -> AsyncIterator[Builds]:
    """No volume."""
    async with builds_on(engine_environment, base_image) as found:
        yield found


@pytest.fixture
def run(docker_client: docker.DockerClient, base_image: str) -> Callable[..., str]:
    """Run a program in a container that has the volume as kernels have it."""

    def run_(*command: str, user: str = "1000") -> str:
        mounts = {volume_name(): {"bind": str(VOLUME_PATH), "mode": "ro"}}
        said = docker_client.containers.run(base_image, command, volumes=mounts, user=user, remove=True)
        return said.decode().strip()

    return run_


@contextmanager
def a_small_disk(client: docker.DockerClient, owner: Owner, size: str) -> Iterator[None]:
    """Let the volume be in memory, and small; a container holds it there."""
    options = {"type": "tmpfs", "device": "tmpfs", "o": f"size={size}"}
    client.volumes.create(volume_name(), driver_opts=options)
    mounts = {volume_name(): {"bind": str(VOLUME_PATH), "mode": "rw"}}
    holder = client.containers.run(
        IMAGE, ["sleep", "600"], detach=True, volumes=mounts, labels={labels.OWNER: owner.name}
    )
    try:
        yield
    finally:
        holder.remove(force=True)


@contextmanager
def an_image_of(client: docker.DockerClient, *paths: str) -> Iterator[str]:
    """Make an image with empty files; nobody else has one of the same content."""
    name, tag = f"workbench-test-{uuid.uuid4().hex[:12]}", "latest"
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for path in (*paths, name):
            tar.addfile(tarfile.TarInfo(path))
    client.api.import_image_from_data(archive.getvalue(), repository=name, tag=tag)
    try:
        yield f"{name}:{tag}"
    finally:
        client.images.remove(f"{name}:{tag}", force=True)


async def test_any_user_can_run_a_kernel_in_an_environment(builds: Builds, run: Callable[..., str]) -> None:
    built = await builds.ensure(spec_of(KERNEL, "six"))

    said = run(
        str(built.prefix / "bin" / "python"), "-c", "import sys, ipykernel, six; print(sys.prefix, six.__file__)"
    )

    assert said == f"{built.prefix} {built.site_packages / 'six.py'}"
    assert run(str(built.prefix / "bin" / "python"), "--version") == f"Python {built.python}"


async def test_what_was_seen_is_there_at_once(builds: Builds) -> None:
    spec = spec_of(KERNEL, "six")
    built = await builds.ensure(spec)

    took, report = [], Reports()
    for _ in range(5):
        start = time.perf_counter()
        assert await builds.ensure(spec, report) == built
        took.append(time.perf_counter() - start)

    assert report.messages == []
    assert min(took) < 0.05, "a machine that does something else may take longer now and then"


async def test_a_process_looks_once_without_starting_anything(
    builds: Builds, docker_client: docker.DockerClient
) -> None:
    spec = spec_of(KERNEL, "six")
    built = await builds.ensure(spec)
    await stop_compiling(builds.engine)
    environments.forget(builds.engine, built.fingerprint)
    since = int(time.time()) - 1

    assert await builds.ensure(spec, build=False) == built

    until = int(time.time()) + 1
    events = docker_client.events(
        since=since, until=until, decode=True, filters={"label": f"{labels.OWNER}={labels.owner()}"}
    )
    assert "start" not in [event["Action"] for event in events]


async def test_an_environment_that_must_not_be_built_is_asked_for(empty_builds: Builds, isolated_owner: Owner) -> None:
    assert await empty_builds.failure(spec_of(KERNEL), build=False) == (
        "expected the environment of aml_config/conda_dependencies.yml to be there, since the run configuration says "
        "`PrepareEnvironment: false`, got none - build it with `workbench experiment prepare`"
    )
    assert isolated_owner.volumes() == []


async def test_a_new_volume_is_not_taken_for_the_old_one(
    empty_builds: Builds, docker_client: docker.DockerClient, run: Callable[..., str]
) -> None:
    built = await empty_builds.ensure(spec_of(KERNEL))
    await stop_compiling(empty_builds.engine)
    docker_client.volumes.get(volume_name()).remove()

    again = await empty_builds.ensure(spec_of(KERNEL))

    assert again == built
    assert run("ls", str(built.prefix / "ready.json")) == str(built.prefix / "ready.json")


async def test_a_volume_that_is_removed_under_a_build_is_made_again(
    empty_builds: Builds, docker_client: docker.DockerClient, isolated_owner: Owner, tmp_path: Path
) -> None:
    report = Reports()
    task = asyncio.create_task(empty_builds.ensure(a_held_package(tmp_path), report))
    await report.until(is_held)

    (container,) = build_containers(docker_client, isolated_owner.name)
    container.remove(force=True)
    docker_client.volumes.get(volume_name()).remove()
    await report.until(lambda progress: progress.message.startswith("Building the environment"))
    await report.until(is_held)
    (container,) = build_containers(docker_client, isolated_owner.name)
    go_on(container)

    assert (await task).prefix.name == (await task).fingerprint


async def test_the_volume_belongs_to_the_user(builds: Builds, docker_client: docker.DockerClient) -> None:
    await builds.ensure(spec_of(KERNEL, "six"))

    found = docker_client.volumes.get(volume_name()).attrs["Labels"]

    assert found[labels.OWNER] == labels.owner()
    assert found[labels.KIND] == "environments"


async def test_passwords_of_indexes_are_seen_nowhere(
    builds: Builds, docker_client: docker.DockerClient, lasting_owner: Owner, run: Callable[..., str], tmp_path: Path
) -> None:
    variables = {**builds.network.variables, "UV_INDEX": "http://me:s3cret@127.0.0.1:9/simple"}
    network = CompanyNetwork(variables, builds.network.ca_bundle)
    report = Reports()
    spec = a_held_package(tmp_path)
    task = asyncio.create_task(builds.failure(spec, report=report, network=network))
    await report.until(lambda progress: progress.message == "Resolving packages")
    (container,) = build_containers(docker_client, lasting_owner.name)

    inspected = json.dumps(docker_client.api.inspect_container(container.id))
    said = b"".join(container.logs(stream=True, follow=True)).decode()

    assert "s3cret" not in inspected + said + await task
    assert run("sh", "-c", f"grep -rl s3cret {VOLUME_PATH} || true", user="0") == ""


# What is there, and how it goes.


async def test_environments_are_listed_with_what_removing_each_frees(builds: Builds, base_image: str) -> None:
    small = await builds.ensure(spec_of(KERNEL, "six"))
    large = await builds.ensure(spec_of(KERNEL, "six", "numpy"))

    found = {info.fingerprint: info for info in await environments.listing(builds.engine)}

    assert tuple(name for name, _ in found[large.fingerprint].packages if name in ("six", "numpy"))[::-1] == (
        "six",
        "numpy",
    )
    assert found[small.fingerprint].image == base_image
    assert found[small.fingerprint].python == small.python
    assert found[small.fingerprint].age >= found[large.fingerprint].age >= timedelta()
    assert found[small.fingerprint].bytes < found[small.fingerprint].size / 2
    assert 20_000_000 < found[large.fingerprint].bytes < found[large.fingerprint].size


async def test_removing_an_environment_frees_its_packages_in_the_cache_too(
    empty_builds: Builds, docker_client: docker.DockerClient, isolated_owner: Owner
) -> None:
    with a_small_disk(docker_client, isolated_owner, "300m"):
        kept = await empty_builds.ensure(spec_of(KERNEL))
        gone = await empty_builds.ensure(spec_of(KERNEL, "numpy"))
        await stop_compiling(empty_builds.engine)

        removal = await environments.remove(empty_builds.engine, [gone.fingerprint])

        assert removal.removed == (gone.fingerprint,)
        assert removal.bytes > 50_000_000
        assert [info.fingerprint for info in await environments.listing(empty_builds.engine)] == [kept.fingerprint]
        again = await empty_builds.ensure(spec_of(KERNEL, "numpy"))
        assert again == gone


async def test_what_kernels_use_is_not_removed(
    builds: Builds, docker_client: docker.DockerClient, base_image: str
) -> None:
    built = await builds.ensure(spec_of(KERNEL, "six"))
    await stop_compiling(builds.engine)
    kernel = docker_client.containers.run(
        base_image,
        ["sleep", "600"],
        detach=True,
        labels={
            labels.OWNER: labels.owner(),
            labels.KIND: "kernel",
            labels.FINGERPRINT: built.fingerprint,
            labels.PROJECT: "myIris",
            labels.RUN_CONFIGURATION: "docker-python",
        },
    )

    removal = await environments.remove(builds.engine, [built.fingerprint, "nobody"])
    upgrade = await builds.failure(spec_of(KERNEL, "six"), upgrade=True)
    kernel.remove(force=True)

    assert removal.removed == ()
    assert removal.kept == (
        (built.fingerprint, "kernels run in it: myIris docker-python"),
        ("nobody", "it is not there"),
    )
    assert upgrade == (
        "The environment of aml_config/conda_dependencies.yml cannot be upgraded while kernels run in it: "
        "myIris docker-python - shut them down first"
    )


async def test_pruning_leaves_what_is_young_or_wanted(builds: Builds) -> None:
    wanted = await builds.ensure(spec_of(KERNEL, "six"))
    other = await builds.ensure(spec_of(KERNEL, "iniconfig"))
    await stop_compiling(builds.engine)

    young = await environments.prune(builds.engine, timedelta(days=1), [])
    removal = await environments.prune(builds.engine, None, [wanted.fingerprint])

    assert young.removed == ()
    assert other.fingerprint in removal.removed
    assert [info.fingerprint for info in await environments.listing(builds.engine)] == [wanted.fingerprint]


async def test_without_a_volume_nothing_is_there(empty_builds: Builds, isolated_owner: Owner) -> None:
    assert await environments.listing(empty_builds.engine) == []
    assert await environments.prune(empty_builds.engine, None, []) == environments.Removal((), 0, ())
    assert isolated_owner.volumes() == []


async def test_an_upgrade_builds_anew_what_is_there(builds: Builds) -> None:
    spec = spec_of(KERNEL, "six")
    built = await builds.ensure(spec)
    await stop_compiling(builds.engine)

    assert await builds.ensure(spec, report := Reports(), upgrade=True) == built
    assert "Resolving packages" in report.messages


async def test_a_local_package_that_changed_is_another_environment(
    builds: Builds, run: Callable[..., str], tmp_path: Path
) -> None:
    for text in ("first", "second"):
        built = await builds.ensure(a_package(tmp_path / "mine", text=text))

        assert run(str(built.prefix / "bin" / "python"), "-c", "import mine; print(mine.text)") == text


# uv for other machines than this one.


async def test_the_uv_of_pypi_runs_in_every_image(builds: Builds, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uv_binary, "_is_glibc", lambda: False)
    spec = spec_of(KERNEL, "six", "iniconfig")

    assert (await builds.ensure(spec, upgrade=True)).python.startswith("3.")


# What is said when an environment cannot be had.


async def test_a_requirement_that_does_not_exist(builds: Builds) -> None:
    assert await builds.failure(spec_of(KERNEL, "jupyter-workbench-nobody-has-this==1.0")) == (
        "The environment cannot be built: aml_config/conda_dependencies.yml:5: expected a package that the index has, "
        "got `jupyter-workbench-nobody-has-this` - correct the name, or name the index that has it with "
        "`--extra-index-url`\n"
        "Because jupyter-workbench-nobody-has-this was not found in the package registry and you require "
        "jupyter-workbench-nobody-has-this==1.0, we can conclude that your requirements are unsatisfiable."
    )


async def test_requirements_that_contradict_each_other(builds: Builds) -> None:
    assert await builds.failure(spec_of(KERNEL, "ipython==8.20.0", "traitlets==4.3")) == (
        "The environment cannot be built: aml_config/conda_dependencies.yml:5: expected versions that fit together, "
        "got those of the lines 5 and 6 - loosen one of them\n"
        "Because ipython==8.20.0 depends on traitlets>=5 and you require ipython==8.20.0, we can conclude that you "
        "require traitlets>=5. And because you require traitlets==4.3, we can conclude that your requirements are "
        "unsatisfiable."
    )


async def test_a_requirement_that_cannot_be_built(builds: Builds, tmp_path: Path) -> None:
    assert await builds.failure(a_broken_package(tmp_path)) == (
        "The environment cannot be built: aml_config/conda_dependencies.yml:5: expected a package that can be "
        f"installed, got `broken @ {tmp_path}/broken`, whose build failed - take a version that has a wheel for this "
        "Python, or name an image with what the build needs as `baseDockerImage`\n"
        "cc: command not found"
    )


async def test_an_index_that_does_not_answer(builds: Builds) -> None:
    network = CompanyNetwork({"UV_DEFAULT_INDEX": "http://127.0.0.1:9/simple"}, None)

    assert await builds.failure(spec_of(KERNEL, "nobody-has-this"), network=network) == (
        "The environment cannot be built: aml_config/conda_dependencies.yml: expected 127.0.0.1:9 to answer, "
        "got: Connection refused (os error 111) - check the network, the proxy and the index settings"
    )


@pytest.mark.parametrize(("size", "package"), [("60m", "scipy"), ("5m", "six")])
async def test_a_disk_that_is_full(
    empty_builds: Builds, docker_client: docker.DockerClient, isolated_owner: Owner, size: str, package: str
) -> None:
    with a_small_disk(docker_client, isolated_owner, size):
        first, *words = (await empty_builds.failure(spec_of(KERNEL, package))).splitlines()

    assert first == (
        "The environment cannot be built: aml_config/conda_dependencies.yml: expected room on the disk of the engine, "
        "got none - free some of it: `workbench environment prune`"
    )
    assert "No space left on device" in words[0]
    assert build_containers(docker_client, isolated_owner.name) == []


async def test_an_image_without_python(builds: Builds, docker_client: docker.DockerClient) -> None:
    with an_image_of(docker_client, "etc/nothing") as name:
        without = replace(builds, image=name, image_id=docker_client.images.get(name).id)
        said = await without.failure(spec_of(KERNEL))

    assert said == (
        f"expected Python 3.8 or newer in the Docker image {name}, got an image without `python3` and `python` on its "
        "PATH - choose one with Python, such as python:3.12"
    )
