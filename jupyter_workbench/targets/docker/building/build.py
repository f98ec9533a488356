"""One environment is built: by a container of ours, or by that of another process which was first.

Whoever builds removes the container when it has ended. That of a process that died ends by itself, and is removed by
whoever meets it next: here, or in `build_leftovers`.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine

from jupyter_workbench.errors import TargetError
from jupyter_workbench.targets.build_output import Ready
from jupyter_workbench.targets.docker.building import build_container, volume_programs
from jupyter_workbench.targets.docker.building.build_container import Order
from jupyter_workbench.targets.docker.building.build_failures import KILLED, explain, refused
from jupyter_workbench.targets.docker.building.build_of_others import follow_other
from jupyter_workbench.targets.docker.building.build_watching import (
    end_of,
    ended,
    follow,
    holding,
    is_abandoned,
    remove,
    server_of,
)
from jupyter_workbench.targets.docker.engines.engine import Engine, EngineError
from jupyter_workbench.targets.docker.engines.undisturbed import undisturbed
from jupyter_workbench.targets.progress import Progress, Report

STOP_SECONDS = 8
"""How long the builder may take to remove what is half-built."""

_endings: set[asyncio.Task[None]] = set()


async def build(engine: Engine, order: Order, report: Report) -> Ready | None:
    """Build an environment and return its facts as soon as it can be used; its container goes on compiling then.

    None: somebody else was building it, and nothing came of that. Raises `TargetError`. When it is cancelled, the
    container and what is half-built are removed before `CancelledError` is raised.
    """
    with contextlib.ExitStack() as held:
        held.enter_context(holding(order.container))
        container = await _create(engine, order)
        if container is not None:
            ready = await _build_in(engine, order, container, report)
            _in_the_background(_removed_when_ended(engine, container, held.pop_all()))
            return ready
    try:
        return await follow_other(engine, order, report)
    finally:
        _in_the_background(_removed_if_abandoned(engine, order.container))


async def compiled() -> None:
    """Wait until the containers that this event loop started have ended and are removed."""
    while _endings:
        await asyncio.wait(_endings)


async def _create(engine: Engine, order: Order) -> str | None:
    import docker

    task = asyncio.ensure_future(build_container.create(engine, order))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await undisturbed(_remove_made(engine, task))
        raise
    except docker.errors.APIError as error:
        raise refused(order, error) from error


async def _remove_made(engine: Engine, making: asyncio.Future[str | None]) -> None:
    with contextlib.suppress(Exception):  # what could not be made need not be removed
        if container := await making:
            await remove(engine, container)


async def _build_in(engine: Engine, order: Order, container: str, report: Report) -> Ready:
    import docker

    try:
        report(Progress("environment", f"Building the environment of {order.spec.file}"))
        await build_container.fill(engine, order, container)
        await engine.call(lambda client: client.api.start(container))
        outcome = await follow(engine, container, report) or await end_of(engine, container)
        if isinstance(outcome, Ready):
            return outcome
    except docker.errors.APIError as error:
        await undisturbed(_stop(engine, order, container))
        raise refused(order, error) from error
    except BaseException:
        await undisturbed(_stop(engine, order, container))
        raise
    await undisturbed(_stop(engine, order, container))
    raise explain(order, outcome)


async def _stop(engine: Engine, order: Order, container: str) -> None:
    """Leave nothing of a build: the builder itself removes what is half-built unless it is killed."""
    import docker

    with contextlib.suppress(docker.errors.NotFound, TargetError):  # the container, the volume or the engine is gone
        with contextlib.suppress(docker.errors.APIError):  # it need not have been started
            await engine.call(lambda client: client.api.stop(container, timeout=STOP_SECONDS))
        state = (await engine.call(lambda client: client.api.inspect_container(container)))["State"]
        await remove(engine, container)
        if state["ExitCode"] == KILLED:
            await volume_programs.remove_unfinished(engine, order.image_id, order.python, order.fingerprint)


def _in_the_background(work: Coroutine[None, None, None]) -> None:
    task = asyncio.get_running_loop().create_task(work)
    _endings.add(task)
    task.add_done_callback(_endings.discard)


async def _removed_when_ended(engine: Engine, container: str, held: contextlib.ExitStack) -> None:
    with held, contextlib.suppress(EngineError):  # an engine that went away ends it, and `leftovers` removes it
        await ended(engine, container)
        await remove(engine, container)


async def _removed_if_abandoned(engine: Engine, name: str) -> None:
    """Remove the container of a process that was killed while we waited for it: the next look may be far away."""
    import docker

    with contextlib.suppress(docker.errors.NotFound, EngineError):
        await ended(engine, name)
        found = await engine.call(lambda client: client.api.inspect_container(name))
        if not found["State"]["Running"] and is_abandoned(name, server_of(found)):
            await remove(engine, found["Id"])
