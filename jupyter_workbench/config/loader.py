"""Projects in memory: an unchanged one costs a look at its files and no reading."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jupyter_workbench.config.project import Project, read
from jupyter_workbench.config.stamps import Stamp, is_settled, stamp_of


@dataclass(frozen=True)
class _Loaded:
    project: Project
    stamps: Mapping[str, Stamp]
    settled: bool

    def is_current(self) -> bool:
        return self.settled and all(stamp_of(path) == stamp for path, stamp in self.stamps.items())


class ProjectCache:
    """Loads projects, reading one again only when a file that it looked at last time has changed. Thread-safe."""

    def __init__(self) -> None:
        self._loaded: dict[Path, _Loaded] = {}
        self._lock = threading.Lock()

    def load(self, directory: Path) -> Project:
        """Return the project as its files are now: the same object as long as they say the same.

        Raises ProjectNotFound when the folder has no ``aml_config/`` any more.
        """
        with self._lock:
            last = self._loaded.pop(directory, None)
            if last is None or not last.is_current():
                last = _load(directory, last)
            self._loaded[directory] = last
            return last.project


def _load(directory: Path, last: _Loaded | None) -> _Loaded:
    started = time.time_ns()
    project, stamps = read(directory)
    if last is not None and last.project == project:
        project = last.project
    return _Loaded(project, stamps, all(is_settled(stamp, started) for stamp in stamps.values()))
