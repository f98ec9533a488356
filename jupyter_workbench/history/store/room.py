"""Whether a project may keep another output: the limits that the user set, against what is there."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jupyter_workbench.history.store.store import Store


class NoRoomError(Exception):
    """The project's outputs would take more than the user allows."""


class NoRoomNowError(Exception):
    """Less of the disk would stay free than the user wants."""


class Room:
    """For outputs that are taken in one after the other: what was there before is added up once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._taken: int | None = None

    def check(self, size: int) -> None:
        """See that another output of so many bytes can be kept. Raises ``NoRoomError`` and ``NoRoomNowError``."""
        limits = self._store.limits
        if self._taken is None:
            self._taken = self._store.size_of_outputs()
        if self._taken + size > limits.outputs:
            raise NoRoomError(limits.output_left_out)
        if shutil.disk_usage(self._store.data.root).free - size < limits.keep_free:
            raise NoRoomNowError(limits.output_waits)

    def take(self, size: int) -> None:
        """Count in an output that was kept after `check`."""
        if self._taken is not None:
            self._taken += size
