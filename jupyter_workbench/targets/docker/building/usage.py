"""Who uses the environments of this user on an engine, as the labels of running containers tell."""

from __future__ import annotations

from collections.abc import Mapping

from jupyter_workbench.targets.docker import labels
from jupyter_workbench.targets.docker.engines.engine import Engine

ENDED = ("exited", "dead", "removing", "stopped")
"""States of containers that hold nothing any more; the last one is Podman's."""


async def users(engine: Engine) -> Mapping[str, tuple[str, ...]]:
    """Return for each fingerprint the kernels that run in it, as ``PROJECT RUN-CONFIGURATION``."""
    found: dict[str, set[str]] = {}
    for given in await _labels(engine, "kernel"):
        user = f"{given.get(labels.PROJECT, '')} {given.get(labels.RUN_CONFIGURATION, '')}".strip()
        found.setdefault(given.get(labels.FINGERPRINT, ""), set()).add(user or "a kernel")
    return {fingerprint: tuple(sorted(names)) for fingerprint, names in found.items()}


async def being_built(engine: Engine) -> frozenset[str]:
    """Return the fingerprints of the environments that somebody builds, or goes on compiling, at this moment."""
    return frozenset(given.get(labels.FINGERPRINT, "") for given in await _labels(engine, "build"))


async def _labels(engine: Engine, kind: str) -> list[dict[str, str]]:
    filters = {"label": [f"{labels.KIND}={kind}", f"{labels.OWNER}={labels.owner()}"]}
    found = await engine.call(lambda client: client.api.containers(all=True, filters=filters))
    return [dict(container.get("Labels") or {}) for container in found if container["State"] not in ENDED]
