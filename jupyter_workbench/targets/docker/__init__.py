"""Compute targets `docker` and `localdocker`: a container of an engine that this machine reaches.

    preparing                 from a run configuration to a place where its kernel can start; it calls, in this order,
    engines, images           which engine; which image, and its Python
    building                  the environment, in a volume
    copying                   the project, where it cannot be mounted
    running                   the container of the kernel
    checks, needs             what `workbench computetarget test` and `workbench environment list` ask
    labels, paths, servers    names that all of them share

The members of `targets.base.Target` are here.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Mapping

from jupyter_workbench.config.problems import Problem
from jupyter_workbench.config.project import Entry, Project
from jupyter_workbench.targets.base import Prepared
from jupyter_workbench.targets.progress import Report, quiet

COMPILING_SECONDS = 5.0
"""How long a server that stops waits for a builder that still compiles what no kernel needs at once."""

# What these need costs a tenth of a second to import, which projects without Docker need not pay.


async def problems(project: Project, entry: Entry, environment: Mapping[str, str]) -> tuple[Problem, ...]:
    """Tell whether the engine answers."""
    from jupyter_workbench.targets.docker import checks

    return await checks.problems(project, entry, environment)


async def prepare(
    project: Project,
    entry: Entry,
    environment: Mapping[str, str],
    report: Report = quiet,
    *,
    build: bool = True,
    upgrade: bool = False,
) -> Prepared:
    """Make the image, the environment and the files ready."""
    from jupyter_workbench.targets.docker import preparing

    return await preparing.prepare(project, entry, environment, report, build=build, upgrade=upgrade)


async def settled() -> None:
    """Return when no builder of this process compiles any more, and no container of it is about to be removed."""
    if containers := sys.modules.get("jupyter_workbench.targets.docker.running.containers"):
        await containers.removed()
    if builds := sys.modules.get("jupyter_workbench.targets.docker.building.build"):
        with contextlib.suppress(asyncio.TimeoutError):  # it goes on by itself, and the next server removes it
            await asyncio.wait_for(builds.compiled(), COMPILING_SECONDS)
