"""An environment that another process is building: its progress and its outcome are ours, too."""

from __future__ import annotations

import asyncio
import time

from jupyter_workbench.targets.build_output import Ready
from jupyter_workbench.targets.docker.building.build_container import Order
from jupyter_workbench.targets.docker.building.build_failures import Ended, explain
from jupyter_workbench.targets.docker.building.build_watching import (
    end_of,
    ended,
    follow,
    is_abandoned,
    remove,
    server_of,
)
from jupyter_workbench.targets.docker.engines.engine import Engine
from jupyter_workbench.targets.docker.engines.removing import is_gone_or_going
from jupyter_workbench.targets.progress import Progress, Report

POLL_SECONDS = 0.1
NOT_RUNNING_SECONDS = 120
"""How long the container of a process that we cannot see may be there without running before it is nobody's."""


async def follow_other(engine: Engine, order: Order, report: Report) -> Ready | None:
    """Return what the container of this name makes; None when it ends without a result. Raises `TargetError`."""
    import docker

    try:
        container = await _running(engine, order.container)
        if container is None:
            return None
        report(Progress("environment", f"Waiting for the environment of {order.spec.file}, which is being built"))
        if order.upgrade:  # what is built there may be what is to be upgraded
            await ended(engine, container)
            return None
        outcome = await follow(engine, container, report) or await end_of(engine, container)
    except docker.errors.APIError as error:
        if not is_gone_or_going(error):
            raise
        return None
    if isinstance(outcome, Ready):
        return outcome
    if isinstance(outcome, Ended) and outcome.was_stopped:
        return None
    raise explain(order, outcome)


async def _running(engine: Engine, name: str) -> str | None:
    """Return the id of the container once it runs; None when there is none, or one that nobody looked after."""
    import docker

    deadline = time.monotonic() + NOT_RUNNING_SECONDS
    while True:
        try:
            found = await engine.call(lambda client: client.api.inspect_container(name))
        except docker.errors.NotFound:
            return None
        if found["State"]["Running"]:
            return str(found["Id"])
        if is_abandoned(name, server_of(found)) or time.monotonic() > deadline:
            await remove(engine, found["Id"])
            return None
        await asyncio.sleep(POLL_SECONDS)
