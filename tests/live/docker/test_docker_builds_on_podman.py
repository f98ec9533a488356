"""Environments on Podman's Docker-compatible service."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from jupyter_workbench.targets.docker import labels
from jupyter_workbench.targets.docker.building import environments
from jupyter_workbench.targets.docker.building.environments import Built

from .builds import KERNEL, Reports, a_held_package, build_containers, builds_on, go_on, is_held, spec_of
from .engines import Podman
from .owners import client_of

pytestmark = pytest.mark.live


async def test_an_environment_is_built_found_again_and_removed(podman_engine: Podman, base_image: str) -> None:
    async with builds_on(dict(os.environ), base_image) as builds:
        built = await builds.ensure(spec_of(KERNEL))
        environments.forget(builds.engine, built.fingerprint)

        assert await builds.ensure(spec_of(KERNEL), build=False) == built
        assert [info.fingerprint for info in await environments.listing(builds.engine)] == [built.fingerprint]


async def test_two_callers_share_a_build_and_a_cancelled_one_leaves_nothing(
    podman_engine: Podman, base_image: str, tmp_path: Path
) -> None:
    client = client_of(podman_engine.host)
    async with builds_on(dict(os.environ), base_image) as builds:
        spec, report = a_held_package(tmp_path), Reports()
        task = asyncio.create_task(builds.ensure(spec, report))
        await report.until(is_held)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert build_containers(client, labels.owner()) == []

        one = asyncio.create_task(builds.ensure(spec, report))
        await report.until(is_held)
        (container,) = build_containers(client, labels.owner())
        go_on(container)
        assert isinstance(await one, Built)
