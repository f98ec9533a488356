"""The kernels of every project that a server or a command sees, kept as a snapshot that is cheap to refresh."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from jupyter_workbench.config.loader import ProjectCache
from jupyter_workbench.config.project import Project
from jupyter_workbench.config.search import ProjectSearch
from jupyter_workbench.errors import ProjectNotFound
from jupyter_workbench.kernels.names import kernel_name
from jupyter_workbench.kernels.rows import Row, rows


@dataclass(frozen=True)
class Snapshot:
    """What was found at one moment. The same object comes back from a refresh that found no change.

    ``taken`` are kernel names that our kernels would have if they did not belong to others.
    """

    projects: tuple[Project, ...]
    taken: frozenset[str]

    @cached_property
    def rows(self) -> Mapping[str, Row]:
        """Every row by the name of its kernel."""
        return {row.name: row for row in rows(self.projects, self.taken)}

    @cached_property
    def plain_names(self) -> frozenset[str]:
        """The kernel names as they would be if there were no others."""
        return frozenset(
            kernel_name(f"{project.name} {entry.name}") for project in self.projects for entry in project.entries
        )


class Discovery:
    """Finds the project at or above ``root`` and those below it. Thread-safe.

    ``foreign`` tells, at each refresh, which of some kernel names belong to others: they are not shadowed.
    """

    def __init__(self, root: Path, foreign: Callable[[Collection[str]], Collection[str]] = lambda _: ()) -> None:
        self.root = root.resolve()
        self._search = ProjectSearch(root)
        self._cache = ProjectCache()
        self._foreign = foreign
        self._lock = threading.Lock()
        self._last = Snapshot((), frozenset())
        self._looked = False

    def refresh(self) -> Snapshot:
        """Look at the files, reading those that changed, and return what is there now. Blocks for file work."""
        with self._lock:
            projects = tuple(self._projects())
            last = self._last if _same(projects, self._last.projects) else Snapshot(projects, frozenset())
            taken = frozenset(self._foreign(last.plain_names))
            self._last = last if taken == last.taken else Snapshot(projects, taken)
            self._looked = True
            return self._last

    def _projects(self) -> Iterator[Project]:
        for directory in self._search.find():
            with contextlib.suppress(ProjectNotFound):  # it went away since it was found
                yield self._cache.load(directory)

    @property
    def snapshot(self) -> Snapshot:
        """What the last refresh found. Only the very first call does file work."""
        return self._last if self._looked else self.refresh()


def _same(these: tuple[Project, ...], those: tuple[Project, ...]) -> bool:
    """Compare by identity: the cache returns the same object for a project that did not change."""
    return len(these) == len(those) and all(a is b for a, b in zip(these, those, strict=True))
