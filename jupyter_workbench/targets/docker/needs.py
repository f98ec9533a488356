"""Which environments on an engine the run configurations of some projects need, as their files say now."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from jupyter_workbench.config.models import DockerCompute, RunConfiguration
from jupyter_workbench.config.project import Entry, Project
from jupyter_workbench.environments.fingerprint import fingerprint
from jupyter_workbench.environments.spec import read_spec
from jupyter_workbench.errors import ConfigurationError
from jupyter_workbench.targets.docker.building.environments import EnvironmentInfo
from jupyter_workbench.targets.docker.engines.engine import Engine
from jupyter_workbench.targets.docker.images.images import image_id


@dataclass(frozen=True)
class Needs:
    """The run configurations, as ``PROJECT RUN-CONFIGURATION``, by the fingerprint of the environment that they need.

    Where the engine lacks an image nobody knows the fingerprint: then they are in ``by_image``, and whatever was built
    in an image of that name may be theirs. ``unknown`` has a sentence for each whose files do not tell.
    """

    by_fingerprint: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    by_image: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()

    def of(self, info: EnvironmentInfo) -> tuple[str, ...]:
        """Return the run configurations that need an environment."""
        named = self.by_image.get(info.image, ()) if info.image else ()
        return tuple(sorted({*self.by_fingerprint.get(info.fingerprint, ()), *named}))

    def row(self, info: EnvironmentInfo) -> dict[str, Any]:
        """Return an environment as the JSON contract in `docs/reference` has it."""
        return {
            "fingerprint": info.fingerprint,
            "python": info.python,
            "image": info.image,
            "packages": [{"name": name, "version": version} for name, version in info.packages],
            "spark": {"version": info.spark[0], "java": info.spark[1]} if info.spark else None,
            "size": info.size,
            "own_size": info.bytes,
            "created_utc": datetime.fromtimestamp(info.created, timezone.utc).isoformat(timespec="seconds"),
            "run_configurations": list(self.of(info)),
            "kernels": list(info.users),
        }


async def needs_of(engine: Engine, projects: Iterable[Project]) -> Needs:
    """Find out what the run configurations of these projects need. Raises `EngineError`."""
    found = _Search(engine)
    for project in projects:
        for entry in project.entries:
            if entry.target_type == DockerCompute.type:
                await found.add(project, entry)
    return Needs(_frozen(found.by_fingerprint), _frozen(found.by_image), tuple(found.unknown))


@dataclass
class _Search:
    engine: Engine
    by_fingerprint: dict[str, list[str]] = field(default_factory=dict)
    by_image: dict[str, list[str]] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    image_ids: dict[str, str | None] = field(default_factory=dict)

    async def add(self, project: Project, entry: Entry) -> None:
        if not isinstance(entry.compute, DockerCompute) or entry.configuration is None:
            self.unknown.append(_unknown(project, entry))
            return
        name, image = f"{project.name} {entry.name}", entry.compute.image
        if (found := await self._image_id(image)) is None:
            self.by_image.setdefault(image, []).append(name)
            return
        architecture = self.engine.architecture
        try:
            needed = await asyncio.to_thread(_fingerprint, project, entry.configuration, found, architecture)
        except (ConfigurationError, OSError):
            self.unknown.append(_unknown(project, entry))
        else:
            self.by_fingerprint.setdefault(needed, []).append(name)

    async def _image_id(self, image: str) -> str | None:
        if image not in self.image_ids:
            self.image_ids[image] = await image_id(self.engine, image)
        return self.image_ids[image]


def _fingerprint(project: Project, configuration: RunConfiguration, image_id: str, architecture: str) -> str:
    return fingerprint(read_spec(project.directory, configuration), image_id, architecture)


def _unknown(project: Project, entry: Entry) -> str:
    return (
        f"Nobody can tell which environment {project.name} {entry.name} needs: "
        f"see `workbench project check` in {project.directory}"
    )


def _frozen(found: dict[str, list[str]]) -> Mapping[str, tuple[str, ...]]:
    return {key: tuple(names) for key, names in found.items()}
