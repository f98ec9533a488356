"""What a container uses, as its engine tells: https://docs.docker.com/reference/api/engine/ (ContainerStats)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jupyter_workbench.targets.base import Consumption
from jupyter_workbench.targets.docker.engines.engine import Engine, EngineError


async def consumption_of(engine: Engine, container_id: str) -> Consumption | None:
    """Ask for one sample; None where the engine does not answer or the container does not run."""
    import docker.errors

    try:
        told = await engine.call(lambda client: client.api.stats(container_id, stream=False, one_shot=True))
    except (docker.errors.DockerException, EngineError):
        return None
    return read_sample(told)


def read_sample(told: Mapping[str, Any]) -> Consumption | None:
    """Read an answer of an engine. Files that the system keeps in memory while there is room do not count."""
    memory, processor = told.get("memory_stats") or {}, told.get("cpu_stats") or {}
    usage, spent = memory.get("usage"), (processor.get("cpu_usage") or {}).get("total_usage")
    if not usage or spent is None:
        return None  # it has ended
    details = memory.get("stats") or {}
    cached = details.get("inactive_file", details.get("total_inactive_file", 0))  # cgroups of version 2, of version 1
    return Consumption(memory=max(0, usage - cached), processor=spent / 1e9)
