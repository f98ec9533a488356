"""What must be finished even when the one who wants it is cancelled: undoing what was done on an engine."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def undisturbed(work: Coroutine[Any, Any, T]) -> T:
    """Do something to its end; a cancellation that comes meanwhile is raised then."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:  # noqa: PERF203 - it waits
            cancelled = error
    if cancelled is not None:
        raise cancelled from task.exception()
    return task.result()
