"""Whether an engine can be reached at all: one connection, without the docker SDK, for lists of many kernels."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

from jupyter_workbench.targets.docker.engines.contexts import find_endpoint
from jupyter_workbench.targets.docker.engines.endpoints import Endpoint, EngineError
from jupyter_workbench.targets.docker.engines.unreachable import not_connected

CONNECT_SECONDS = 1.0
VALID_SECONDS = 5.0

_answers: dict[Endpoint, tuple[float, str | None]] = {}
"""What was found out, and when by the monotonic clock."""


async def why_unreachable(environment: Mapping[str, str]) -> str | None:
    """Return why the engine of this environment cannot be reached, or None; an answer is kept for five seconds."""
    try:
        endpoint = find_endpoint(environment)
    except EngineError as error:
        return str(error)
    asked, answer = _answers.get(endpoint, (0.0, None))
    if not asked or time.monotonic() - asked > VALID_SECONDS:
        answer = await _try(endpoint)
        _answers[endpoint] = (time.monotonic(), answer)
    return answer


async def _try(endpoint: Endpoint) -> str | None:
    if endpoint.url.startswith("npipe:"):
        return None  # named pipes cannot be tried without opening them
    try:
        _, writer = await asyncio.wait_for(_open(endpoint), CONNECT_SECONDS)
    except (OSError, asyncio.TimeoutError) as error:
        return str(not_connected(endpoint, error))
    writer.close()
    return None


async def _open(endpoint: Endpoint) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if endpoint.socket:
        return await asyncio.open_unix_connection(endpoint.socket)
    host, _, port = endpoint.url.removeprefix("tcp://").rpartition(":")
    return await asyncio.open_connection(host.strip("[]"), int(port))
