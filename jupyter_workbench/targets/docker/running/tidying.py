"""When leftovers are removed: once for each engine that a process meets, beside whatever else it does."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

from jupyter_workbench.errors import TargetError
from jupyter_workbench.targets.docker.running import folders, met

if TYPE_CHECKING:
    from jupyter_workbench.targets.docker.engines.engine import Engine

_log = logging.getLogger(__name__)
_tasks: set[asyncio.Task[None]] = set()


async def after_a_crash(environment: Mapping[str, str]) -> None:
    """Look for leftovers now if kernels in containers have lost their server; without them no engine is asked."""
    from jupyter_workbench.targets.docker.engines.contexts import find_endpoint

    try:
        endpoint = await asyncio.to_thread(find_endpoint, environment)
        if await asyncio.to_thread(folders.abandoned, endpoint.url):
            begin(await _connected(environment))
    except TargetError as error:
        _log.warning("Kernels of a server that is gone may have left containers: %s", error)


async def _connected(environment: Mapping[str, str]) -> Engine:
    from jupyter_workbench.targets.docker.engines.engine import connect

    return await connect(environment)


def begin(engine: Engine) -> None:
    """Remove what was left on an engine, unless this process has done so already."""
    if met.is_new(engine.id):
        task = asyncio.create_task(_tidy(engine))
        _tasks.add(task)
        task.add_done_callback(_tasks.discard)


async def _tidy(engine: Engine) -> None:
    from jupyter_workbench.targets.docker.engines.endpoints import EngineError
    from jupyter_workbench.targets.docker.running.leftovers import remove_leftovers

    try:
        removed = await remove_leftovers(engine)
    except EngineError as error:
        met.forget(engine.id)
        _log.warning("Containers that nobody owns stay until the next start: %s", error)
    except Exception:  # a boundary: no kernel fails for want of tidiness, and the next process tries again
        _log.warning("Containers that nobody owns could not be removed from %s.", engine.endpoint, exc_info=True)
    else:
        if removed:
            _log.info("Removed containers that nobody owned any more: %s", ", ".join(removed))
