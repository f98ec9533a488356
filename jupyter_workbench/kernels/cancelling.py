"""Work of a start that can be cancelled from outside."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from jupyter_workbench.errors import StartCancelled

T = TypeVar("T")


class Cancellable:
    """Runs one piece of work after the other, until `cancel`."""

    def __init__(self, name: str) -> None:
        """``name``: what is started, for the message."""
        self._name = name
        self._is_cancelled = False
        self._work: asyncio.Task[Any] | None = None

    def cancel(self) -> None:
        """End the work; whatever is to run later fails, too."""
        self._is_cancelled = True
        if self._work is not None:
            self._work.cancel()

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Await the work. Raises `StartCancelled` when `cancel` ends it.

        An ordinary exception: jupyter_client leaves a kernel whose start raises `CancelledError` pending for ever.
        """
        cancelled = StartCancelled(f"The start of {self._name} was cancelled.")
        if self._is_cancelled:
            work.close()
            raise cancelled
        self._work = asyncio.create_task(work)
        try:
            return await asyncio.shield(self._work)
        except asyncio.CancelledError:
            if not self._work.cancelled():  # it is we who are cancelled, not the work
                self._work.cancel()
                raise
            raise cancelled from None
        finally:
            self._work = None
