"""Compute targets `docker` and `localdocker`: a container of an engine that this machine reaches.

    endpoints, contexts, engine   which engine, and calls to it that never block the event loop
    images, pythons, environments what a kernel needs, made once: image, interpreter, packages in a volume
    sight                         which folders of this machine the engine sees; copies: what goes in where it does not
    place -> containers           one kernel: described, started, watched, removed
    leftovers                     what processes that died have left behind
    checks                        what `workbench computetarget test` asks

The members of `targets.base.Target` are here.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

from jupyter_workbench.config.problems import Problem
from jupyter_workbench.config.project import Entry, Project
from jupyter_workbench.targets.base import Prepared
from jupyter_workbench.targets.progress import Report, quiet

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
    if containers := sys.modules.get("jupyter_workbench.targets.docker.containers"):
        await containers.removed()
    if builds := sys.modules.get("jupyter_workbench.targets.docker.build"):
        await builds.compiled()
