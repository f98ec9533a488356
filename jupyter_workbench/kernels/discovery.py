"""The kernels of every project that a server or a command sees, kept as a snapshot that is cheap to refresh."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from jupyter_workbench.config.loader import ProjectCache
from jupyter_workbench.config.project import Project
from jupyter_workbench.config.search import ProjectSearch
from jupyter_workbench.kernels.rows import Row, rows


@dataclass(frozen=True)
class Snapshot:
    """What was found at one moment. The same object comes back from a refresh that found no change."""

    projects: tuple[Project, ...]
    taken: frozenset[str]

    @cached_property
    def rows(self) -> Mapping[str, Row]:
        """Every row by the name of its kernel."""
        return {row.name: row for row in rows(self.projects, self.taken)}


class Discovery:
    """Finds the project at or above ``root`` and those below it. Thread-safe.

    ``taken`` tells, at each refresh, which kernel names belong to others: they are not shadowed.
    """

    def __init__(self, root: Path, taken: Callable[[], Collection[str]] = tuple) -> None:
        self._search = ProjectSearch(root)
        self._cache = ProjectCache()
        self._taken = taken
        self._lock = threading.Lock()
        self._last: Snapshot | None = None

    def refresh(self) -> Snapshot:
        """Look at the files, reading those that changed, and return what is there now. Blocks for file work."""
        with self._lock:
            projects = tuple(self._cache.load(directory) for directory in self._search.find())
            taken = frozenset(self._taken())
            last = self._last
            if last is None or taken != last.taken or not _same(projects, last.projects):
                self._last = last = Snapshot(projects, taken)
            return last

    @property
    def snapshot(self) -> Snapshot:
        """What the last refresh found. Only the very first call does file work."""
        return self._last or self.refresh()


def _same(these: tuple[Project, ...], those: tuple[Project, ...]) -> bool:
    """Compare by identity: the cache returns the same object for a project that did not change."""
    return len(these) == len(those) and all(a is b for a, b in zip(these, those, strict=True))
