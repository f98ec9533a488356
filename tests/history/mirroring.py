"""What the tests of the mirror share: a history on paper, and a mirror of it that says what it was told."""

from __future__ import annotations

from typing import Any

from kernel_on_paper import FACTS, STREAM, lines, opened

from jupyter_workbench.history.location import ProjectData
from jupyter_workbench.history.mirror.addresses import Address
from jupyter_workbench.history.mirror.mirror import Mirror
from jupyter_workbench.history.mirror.rounds import Told
from jupyter_workbench.history.mirror.tracking import Tracking
from jupyter_workbench.history.store.store import Store

URI = "http://tracking.example:5000"


class Kernel:
    """A kernel whose records are in the store as soon as they are written."""

    def __init__(self, store: Store, stream: str = STREAM) -> None:
        self._store = store
        self._stream = stream
        self._offset = 0
        self.writes(opened())

    def writes(self, *records: dict[str, Any]) -> None:
        self._offset = self._store.apply(self._stream, self._offset, lines(*records), FACTS)


def a_mirror(data: ProjectData, said: list[str] | None = None, uri: str = URI, **settings: Any) -> Mirror:
    """A mirror as a process that begins now has it."""
    told = Told((said if said is not None else []).append, lambda done, total: None)
    return Mirror(data, Tracking(Address.of(uri)), told, **settings)
