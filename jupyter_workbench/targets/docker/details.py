"""What a Docker target has to run kernels with: processors, memory, disk and its image, as its engine tells it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Mapping
from typing import Any

from jupyter_workbench.config.models import DockerCompute
from jupyter_workbench.targets.details import Details, Disk, Image
from jupyter_workbench.targets.docker.engines.engine import Engine, connect
from jupyter_workbench.targets.docker.images.images import inspected


async def details(compute: DockerCompute, environment: Mapping[str, str]) -> Details:
    """Ask the engine; nothing is pulled or started. Raises `EngineError`, and `TargetError` for no name of an image."""
    engine = await connect(environment)
    info = await engine.call(lambda client: client.info())
    return Details(
        cores=_smaller(info.get("NCPU"), compute.cpus),
        memory=_smaller(info.get("MemTotal"), compute.memory),
        disk=await _disk(engine, info),
        image=await _image(engine, compute.image),
    )


def _smaller(has: Any, may_take: float | None) -> Any:
    """Return what a kernel gets of something, where both are known the smaller."""
    return min((one for one in (has or None, may_take) if one is not None), default=None)


async def _disk(engine: Engine, info: Mapping[str, Any]) -> Disk | None:
    """Look at the folder of the engine, where this machine has it: not where it is in a virtual machine."""
    folder = info.get("DockerRootDir")
    if not folder or not engine.is_on_this_machine:
        return None
    try:
        usage = await asyncio.to_thread(shutil.disk_usage, folder)
    except OSError:
        return None
    return Disk(str(folder), usage.total, usage.free)


async def _image(engine: Engine, name: str) -> Image:
    found = await inspected(engine, name)
    return Image(name) if found is None else Image(name, found["Id"], found.get("Size"))
