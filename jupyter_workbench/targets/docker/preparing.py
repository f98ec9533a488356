"""From a run configuration to a place where its kernel can start: engine, image, environment, files."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shlex
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_workbench.config.models import DockerCompute, RunConfiguration
from jupyter_workbench.config.project import Entry, Project
from jupyter_workbench.errors import TargetError
from jupyter_workbench.targets.base import Prepared
from jupyter_workbench.targets.docker import paths
from jupyter_workbench.targets.docker.running.container_kernels import ContainerKernels
from jupyter_workbench.targets.docker.running.overlay import overlay_python
from jupyter_workbench.targets.docker.running.place import Place
from jupyter_workbench.targets.progress import Progress, Report, quiet
from jupyter_workbench.targets.share import SHARE_VARIABLE, problem_at, share_folder
from jupyter_workbench.targets.spark import spark_document

if TYPE_CHECKING:
    from jupyter_workbench.environments.spec import EnvironmentSpec
    from jupyter_workbench.targets.docker.building.environments import Built
    from jupyter_workbench.targets.docker.engines.engine import Engine
    from jupyter_workbench.targets.docker.images.network import CompanyNetwork
    from jupyter_workbench.targets.docker.running.sight import Sight


async def prepare(
    project: Project,
    entry: Entry,
    environment: Mapping[str, str],
    report: Report = quiet,
    *,
    build: bool = True,
    upgrade: bool = False,
) -> Prepared:
    """Make everything ready that a container of this run configuration needs. Raises `TargetError`."""
    compute, _ = _models(entry)
    made = await _make(project, entry, environment, report, build=build, upgrade=upgrade)
    place = await _place(project, entry, environment, made)
    return Prepared(
        python=overlay_python(paths.KERNEL),
        directory=paths.PROJECT,
        environment={},
        notice="\n".join((*made.built.notes, *_notices(compute, made.seen))) or None,
        inkernel=paths.INKERNEL,
        elsewhere=ContainerKernels(place, report),
        spark=_spark(project, entry, made.spec, made.built, compute),
        fingerprint=made.built.fingerprint,
    )


@dataclass(frozen=True)
class _Made:
    """What an engine has for a run configuration: its image, its environment, and the folders that it sees."""

    engine: Engine
    image_id: str
    company: CompanyNetwork
    spec: EnvironmentSpec
    built: Built
    seen: Sight


async def _make(
    project: Project, entry: Entry, environment: Mapping[str, str], report: Report, *, build: bool, upgrade: bool
) -> _Made:
    from jupyter_workbench.environments.spec import read_spec
    from jupyter_workbench.targets.docker.building import environments
    from jupyter_workbench.targets.docker.images import images, network, pythons
    from jupyter_workbench.targets.docker.running import sight

    compute, configuration = _models(entry)
    spec = await asyncio.to_thread(read_spec, project.directory, configuration)
    engine = await _engine(entry, compute, environment, report)
    image_id = await images.ensure_image(engine, compute.image, report)
    company = network.company_network(environment)
    python = await pythons.image_python(engine, compute.image, image_id, report)
    building = environments.ensure(engine, compute.image, image_id, spec, company, report, build=build, upgrade=upgrade)
    looking = sight.sight_of(engine, image_id, python.executable, project.directory, Place.user_of(engine))
    try:
        built, seen = await _both(building, looking)
    except environments.NotPrepared:
        raise _not_prepared(project, entry) from None
    return _Made(engine, image_id, company, spec, built, seen)


async def _engine(entry: Entry, compute: DockerCompute, environment: Mapping[str, str], report: Report) -> Engine:
    from jupyter_workbench.targets.docker.checks import gpu_problem
    from jupyter_workbench.targets.docker.engines import engine as engines
    from jupyter_workbench.targets.docker.running import tidying

    report(Progress("engine", "Connecting to the Docker engine"))
    engine = await engines.connect(environment)
    tidying.begin(engine)
    if compute.nvidia_docker and (problem := await gpu_problem(engine)):
        raise TargetError(str(problem_at(entry, "nvidiaDocker", problem)))
    return engine


async def _place(project: Project, entry: Entry, environment: Mapping[str, str], made: _Made) -> Place:
    compute, configuration = _models(entry)
    engine, seen = made.engine, made.seen
    copied = compute.shared_volumes is False or not seen.project
    return Place(
        engine=engine,
        image_id=made.image_id,
        built=made.built,
        project=project,
        run_configuration=entry.name,
        compute=compute,
        variables=_variables(configuration, environment, made.company.in_container(str(paths.CA_BUNDLE))),
        project_volume=await _project_volume(engine, project) if copied else None,
        share=await _share(engine, project, entry, compute, seen),
        ca_bundle=made.company.ca_bundle,
        sees_folders=seen.folders,
    )


async def _both(building: Coroutine[Any, Any, Built], looking: Coroutine[Any, Any, Sight]) -> tuple[Built, Sight]:
    """Do both at the same time, and neither any more when one fails."""
    look = asyncio.create_task(looking)
    try:
        return await building, await look
    finally:
        look.cancel()
        await asyncio.wait([look])


def _spark(
    project: Project, entry: Entry, spec: EnvironmentSpec, built: Built, compute: DockerCompute
) -> dict[str, object] | None:
    if spec.spark is None or built.spark is None:
        return None
    return spark_document(spec.spark, built.spark, built.prefix, f"{project.name} {entry.name}", compute.memory)


def _not_prepared(project: Project, entry: Entry) -> TargetError:
    return TargetError(
        f"{project.name} {entry.name} has no environment yet, and `PrepareEnvironment: false` in {entry.file} "
        f"keeps a start from building one - run: workbench experiment prepare -c {shlex.quote(entry.name)}"
    )


def _models(entry: Entry) -> tuple[DockerCompute, RunConfiguration]:
    if not isinstance(entry.compute, DockerCompute) or entry.configuration is None:
        raise TypeError(f"{entry.file} is not a run configuration of a Docker compute target")
    return entry.compute, entry.configuration


def _variables(
    configuration: RunConfiguration, environment: Mapping[str, str], network: Mapping[str, str]
) -> dict[str, str]:
    """Return the variables of the kernel: the project's own, and of the server's only what it needs to work."""
    notebook = {name: environment[name] for name in ("JPY_SESSION_NAME",) if name in environment}
    variables = {
        **network,
        **notebook,
        SHARE_VARIABLE: f"{paths.SHARE}/",
        **configuration.environment_variables,
    }
    return {name: value for name, value in variables.items() if value is not None}


async def _project_volume(engine: Engine, project: Project) -> str:
    from jupyter_workbench.targets.docker.copying import copies

    return await copies.project_volume(engine, _key(project))


async def _share(engine: Engine, project: Project, entry: Entry, compute: DockerCompute, seen: Sight) -> Path | str:
    """Return the share folder, or the volume that stands for it on an engine that cannot mount it."""
    if seen.folders:
        return await asyncio.to_thread(share_folder, project, entry, compute.native_shared_directory)
    from jupyter_workbench.targets.docker.copying import copies

    return await copies.share_volume(engine, _key(project))


def _key(project: Project) -> str:
    """Name the volumes of a project: two clones of one project have the same id, and must not share a copy."""
    return hashlib.sha256(os.fsencode(project.directory)).hexdigest()[:12]


def _notices(compute: DockerCompute, seen: Sight) -> list[str]:
    """Return what the user must know about the files, a line each."""
    notices = []
    if compute.shared_volumes is not False and not seen.project:
        notices.append(
            f"The Docker engine cannot mount this project ({seen.reason}), so the kernel works on a copy: "
            "what it writes below outputs/ comes back, other files stay there."
        )
    if not seen.folders:
        notices.append("The share folder is a volume of the Docker engine, since the engine cannot mount the folder.")
    return notices
