"""Environments with Spark as soon as a kernel can use them."""

from __future__ import annotations

import os
from contextlib import closing, suppress
from pathlib import Path

import docker

from jupyter_workbench.kernels.preparing import prepare_environment
from jupyter_workbench.targets.docker.building.build import compiled
from jupyter_workbench.targets.progress import Report, quiet

from ..docker.builds import build_containers
from ..docker.owners import client_of


async def build_soon(project: Path, report: Report = quiet) -> None:
    """Build the environment of a run configuration, without an archive, which takes longer than all the rest."""
    await prepare_environment(project, "docker", dict(os.environ), report)
    with closing(client_of(os.environ["DOCKER_HOST"])) as client:
        for container in build_containers(client, os.environ["LOGNAME"]):
            with suppress(docker.errors.APIError):  # it has ended by itself
                container.kill()
    await compiled()
