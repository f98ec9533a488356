"""Which run configurations use which environments of the Docker engine: both have only a fingerprint in common."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from pathlib import Path

from jupyter_workbench.config.models import DockerCompute, RunConfiguration
from jupyter_workbench.config.project import Entry, Project
from jupyter_workbench.errors import ConfigurationError
from jupyter_workbench.kernels.rows import problems_of


async def used_by(projects: Iterable[Project], environment: Mapping[str, str]) -> dict[str, list[tuple[Project, str]]]:
    """Return the project and the name of each run configuration that uses an environment, by its fingerprint.

    Only what could start a kernel now counts: its files have no problem, and the engine has its image. The engine is
    the one that ``environment`` leads to. Raises `TargetError` when it does not answer.
    """
    from jupyter_workbench.targets.docker.engine import connect  # the SDK takes a while to import
    from jupyter_workbench.targets.docker.images import image_id

    engine = await connect(environment)
    used: dict[str, list[tuple[Project, str]]] = {}
    ids: dict[str, str | None] = {}
    for project, entry, compute, configuration in _on_docker(projects):
        if compute.image not in ids:
            ids[compute.image] = await image_id(engine, compute.image)
        found = await asyncio.to_thread(
            _fingerprint, project.directory, configuration, ids[compute.image], engine.architecture
        )
        if found is not None:
            used.setdefault(found, []).append((project, entry.name))
    return used


def _on_docker(projects: Iterable[Project]) -> Iterable[tuple[Project, Entry, DockerCompute, RunConfiguration]]:
    for project in projects:
        for entry in project.entries:
            compute, configuration = entry.compute, entry.configuration
            if isinstance(compute, DockerCompute) and configuration is not None and not problems_of(entry):
                yield project, entry, compute, configuration


def _fingerprint(
    project_dir: Path, configuration: RunConfiguration, image_id: str | None, architecture: str
) -> str | None:
    from jupyter_workbench.environments.fingerprint import fingerprint
    from jupyter_workbench.environments.spec import read_spec

    if image_id is None:
        return None
    try:
        return fingerprint(read_spec(project_dir, configuration), image_id, architecture)
    except (ConfigurationError, OSError):  # the file, or one that it names, cannot be read: nothing can be built of it
        return None
