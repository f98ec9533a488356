"""Tells front ends, by a Jupyter event, that the kernels of projects have changed: within a second or so."""

from __future__ import annotations

import asyncio
import math
import time
from pathlib import Path

from jupyter_server.serverapp import ServerApp
from tornado.ioloop import PeriodicCallback

from jupyter_workbench.kernels.discovery import Discovery, Snapshot
from jupyter_workbench.server.last_failures import LastFailures

SCHEMA = Path(__file__).parent / "event_schemas" / "kernels_changed.v1.yaml"
SCHEMA_ID = "https://jupyter-workbench.dev/events/kernels_changed/v1"

INTERVAL_SECONDS = 1.0
LARGEST_SHARE = 0.02
"""Of one core: a tree that takes long to look at is looked at less often."""


class Watch:
    """Looks at the files of the projects again and again, in a thread."""

    def __init__(self, serverapp: ServerApp, discovery: Discovery, failures: LastFailures) -> None:
        assert serverapp.event_logger is not None, "a server that loads extensions has made it"
        self._events, self._discovery, self._failures = serverapp.event_logger, discovery, failures
        self._last: Snapshot | None = None
        self._looked = -math.inf
        """When the last look began: the files were the old ones at that time."""
        self._timer = PeriodicCallback(self._look, INTERVAL_SECONDS * 1000)

    def start(self) -> None:
        """Begin once the server's event loop runs; it ends with the loop."""
        self._events.register_event_schema(SCHEMA)
        self._timer.start()

    async def _look(self) -> None:
        begins = time.monotonic()
        snapshot, took = await asyncio.to_thread(self._refresh)
        self._timer.callback_time = max(INTERVAL_SECONDS, took / LARGEST_SHARE) * 1000
        if snapshot is not self._last:
            self._failures.forget_those_before(self._looked)  # what began later may have had the new files
            self._events.emit(schema_id=SCHEMA_ID, data={"kernel_names": sorted(snapshot.rows)})
        self._last, self._looked = snapshot, begins

    def _refresh(self) -> tuple[Snapshot, float]:
        """Return the kernels and the seconds of a core that it took: on a busy machine waiting is no reason to rest."""
        before = time.thread_time()
        return self._discovery.refresh(), time.thread_time() - before
