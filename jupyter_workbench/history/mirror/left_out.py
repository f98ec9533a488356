"""The runs that a server did not take, and when each is tried again: ever more seldom, down to once an hour."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_workbench.history.mirror.snapshot import Changed

SHORTEST_SECONDS = 60.0
LONGEST_SECONDS = 3600.0


class _Refused(NamedTuple):
    changed: Changed
    reason: str
    pause: float
    due: float


class LeftOut:
    """What is wrong may be mended on the server, of which a run that has ended here would never hear."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._refused: dict[str, _Refused] = {}

    def add(self, changed: Changed, reason: str) -> bool:
        """Leave a run out for a while; returns whether it was not left out for this reason before."""
        before = self._refused.get(changed.run)
        pause = SHORTEST_SECONDS if before is None else min(2 * before.pause, LONGEST_SECONDS)
        self._refused[changed.run] = _Refused(changed, reason, pause, self._clock() + pause)
        return before is None or before.reason != reason

    def remove(self, run: str) -> None:
        """Forget a run that the server took."""
        self._refused.pop(run, None)

    def due(self) -> list[Changed]:
        """List those that are to be tried again now."""
        now = self._clock()
        return [refused.changed for refused in self._refused.values() if refused.due <= now]

    def holds(self, changed: Changed) -> bool:
        """Whether it is too early for this revision of a run."""
        refused = self._refused.get(changed.run)
        return refused is not None and refused.changed == changed and refused.due > self._clock()
