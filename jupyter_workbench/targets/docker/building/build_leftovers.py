"""Containers that killed processes left: builds and looks into the volume that have ended and that nobody waits for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jupyter_workbench.targets.docker import labels
from jupyter_workbench.targets.docker.building.build_watching import is_abandoned, remove
from jupyter_workbench.targets.docker.engines.engine import Engine
from jupyter_workbench.targets.docker.servers import is_gone

KINDS = ("build", "probe")
RUNNING = ("running", "paused", "restarting")


async def leftover_builds(engine: Engine) -> tuple[str, ...]:
    """Remove this user's ended containers of processes that are gone; return their names.

    What still runs is left alone: an environment that is being built will be wanted again.
    """
    gone = []
    for container in await engine.call(_ended):
        name = container["Names"][0].lstrip("/")
        if _is_left(name, container["Labels"]):
            await remove(engine, container["Id"])
            gone.append(name)
    return tuple(gone)


def _is_left(name: str, found: Mapping[str, str]) -> bool:
    server = found.get(labels.SERVER, "")
    return is_abandoned(name, server) if found[labels.KIND] == "build" else is_gone(server)


def _ended(client: Any) -> list[dict[str, Any]]:
    found = client.api.containers(all=True, filters={"label": f"{labels.OWNER}={labels.owner()}"})
    named = [each for each in found if each["Names"]]  # one that is being removed has lost its name already
    return [each for each in named if each["Labels"].get(labels.KIND) in KINDS and each["State"] not in RUNNING]
