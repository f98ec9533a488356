"""Whether a compute target could run kernels, asked point by point and without a run configuration."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TypeAlias

from jupyter_workbench.config.computes import ComputeFile
from jupyter_workbench.config.models import LocalCompute
from jupyter_workbench.config.problems import listed
from jupyter_workbench.config.project import Entry, Project
from jupyter_workbench.errors import ConfigurationError
from jupyter_workbench.targets import interpreters
from jupyter_workbench.targets.check import Check

Checks: TypeAlias = Callable[[Project, Entry, Mapping[str, str]], Awaitable[Sequence[Check]]]


async def checks(project: Project, compute: ComputeFile, environment: Mapping[str, str]) -> Sequence[Check]:
    """Ask everything that a kernel on this compute target needs; look, and change nothing.

    ``environment`` is that of the process that asks. Raises ConfigurationError for a file that cannot be used.
    """
    if compute.target is None:
        problems = "\n".join(map(str, compute.problems))
        raise ConfigurationError(f"The compute target {compute.name} of {project.name} cannot be tested:\n{problems}")
    ask = _CHECKS.get(compute.target.type)
    if ask is None:
        message = f"{compute.target.type} targets cannot run kernels today"
        return [Check("type", ok=False, message=message, fix=f"choose {listed(sorted(_CHECKS))}")]
    return await ask(project, _entry(compute), environment)


async def _local(project: Project, entry: Entry, environment: Mapping[str, str]) -> Sequence[Check]:
    assert isinstance(entry.compute, LocalCompute)
    try:
        choice = await interpreters.choose(entry.compute.python_location, environment, project.directory)
    except interpreters.UnusableInterpreter as error:
        message, _, fix = str(error).rpartition(" - ")
        return [Check("Python", ok=False, message=message, fix=fix)]
    return [Check("Python", ok=True, message=choice.notice or str(choice.python))]


async def _docker(project: Project, entry: Entry, environment: Mapping[str, str]) -> Sequence[Check]:
    from jupyter_workbench.targets.docker.checks import checks  # the SDK takes a while to import

    return await checks(project, entry, environment)


_CHECKS: Mapping[str, Checks] = MappingProxyType({"local": _local, "docker": _docker})


def _entry(compute: ComputeFile) -> Entry:
    """Return what a run configuration on this compute target would be."""
    return Entry(
        name=compute.name,
        file=compute.file,
        compute=compute.target,
        target=compute.name,
        target_type=compute.type,
        framework="Python",
        locations=compute.locations,
    )
