"""What a Docker compute target needs, looked at point by point; nothing is changed."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from typing import TYPE_CHECKING

from jupyter_workbench.config.models import DockerCompute
from jupyter_workbench.config.problems import Problem
from jupyter_workbench.config.project import Entry, Project
from jupyter_workbench.errors import TargetError
from jupyter_workbench.targets.check import Check
from jupyter_workbench.targets.docker.engines.engine import Engine, connect
from jupyter_workbench.targets.docker.engines.reach import why_unreachable
from jupyter_workbench.targets.progress import quiet
from jupyter_workbench.targets.share import problem_at

if TYPE_CHECKING:
    from jupyter_workbench.targets.docker.images.pythons import ImagePython

GIGABYTE = 10**9
LEAST_FREE = 2 * GIGABYTE
"""An environment with scikit-learn and pandas takes half a gigabyte, one with torch five."""

_FREE = "import os, sys; disk = os.statvfs('/'); sys.stdout.write(str(disk.f_bavail * disk.f_frsize))"


async def problems(_: Project, entry: Entry, environment: Mapping[str, str]) -> tuple[Problem, ...]:
    """Tell what would keep a kernel from starting, as far as that is known in milliseconds: an engine out of reach."""
    why = await why_unreachable(environment)
    return (problem_at(entry, "type", why),) if why else ()


async def checks(_: Project, entry: Entry, environment: Mapping[str, str]) -> list[Check]:
    """Look at the engine, the image, its Python, the GPU runtime and the disk.

    What cannot be judged because of something before it is left out.
    """
    if not isinstance(entry.compute, DockerCompute):
        raise TypeError(f"{entry.file} is not a run configuration of a Docker compute target")
    try:
        engine = await connect(environment)
    except TargetError as error:
        return [_failed("engine", error)]
    found = [await _engine(engine)]
    if entry.compute.nvidia_docker:
        found.append(await _gpu(engine))
    return found + await _image(engine, entry.compute.image)


async def gpu_problem(engine: Engine) -> str | None:
    """Return why an engine cannot give GPUs to containers, or None when it can."""
    info = await engine.call(lambda client: client.info())
    runtimes = sorted(info.get("Runtimes") or ())
    devices = [str(device.get("ID", "")) for device in info.get("DiscoveredDevices") or ()]
    if "nvidia" in runtimes or any(device.startswith("nvidia.com/gpu") for device in devices):
        return None
    if engine.place.socket and shutil.which("nvidia-container-runtime-hook"):
        return None  # what the engine looks for when it is asked for GPUs
    return (
        f"expected a Docker engine with NVIDIA's container runtime, got one with the runtimes {', '.join(runtimes)} - "
        f"install nvidia-container-toolkit on its machine, or set nvidiaDocker to false"
    )


async def _engine(engine: Engine) -> Check:
    version = await engine.call(lambda client: client.version())
    product = "Podman" if engine.is_podman else "Docker"
    rootless = ", rootless" if engine.is_rootless else ""
    return Check(
        "engine", True, f"{product} {version['Version']} at {engine.endpoint} ({engine.architecture}{rootless})"
    )


async def _gpu(engine: Engine) -> Check:
    problem = await gpu_problem(engine)
    return (
        _failed("GPU", TargetError(problem)) if problem else Check("GPU", True, "NVIDIA's container runtime is there")
    )


async def _image(engine: Engine, image: str) -> list[Check]:
    from jupyter_workbench.targets.docker.images import images, pythons

    try:
        image_id = await images.image_id(engine, image)
        if image_id is None:
            await images.find_at_registry(engine, image)
            return [Check("image", True, f"{image} is not on the engine, and can be pulled: the first start does that")]
    except TargetError as error:
        return [_failed("image", error)]
    there = Check("image", True, f"{image} is on the engine")
    try:
        python = await pythons.image_python(engine, image, image_id, quiet)
        return [there, _python(python), await _disk(engine, image, image_id, python)]
    except TargetError as error:
        return [there, _failed("Python", error)]


def _python(python: ImagePython) -> Check:
    return Check("Python", True, f"{python.executable} is Python {python.version} ({python.libc})")


async def _disk(engine: Engine, image: str, image_id: str, python: ImagePython) -> Check:
    from jupyter_workbench.targets.docker.images import pythons

    free = int(await pythons.ask(engine, image, image_id, python.executable, _FREE) or 0)
    message = f"{free / GIGABYTE:.1f} GB are free on the engine"
    if free >= LEAST_FREE:
        return Check("disk", True, message)
    fix = "remove environments with `workbench environment prune`, or images with `docker image prune`"
    return Check("disk", False, f"expected {LEAST_FREE // GIGABYTE} GB for an environment; {message}", fix)


def _failed(name: str, error: TargetError) -> Check:
    message, _, fix = str(error).rpartition(" - ")
    return Check(name, False, message, fix)
