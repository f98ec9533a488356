"""Projects below a folder: a bounded search that leaves alone what belongs to tools."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from jupyter_workbench.config.project import CONFIG_FOLDER, find_home, is_folder
from jupyter_workbench.config.stamps import Stamp, is_settled, stamp_of
from jupyter_workbench.errors import ProjectNotFound

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

MAX_DEPTH = 5
"""Folders below the root that are looked into; samples keep their projects one to three levels down."""

MAX_FOLDERS = 5_000
"""Folders looked into at most, the nearest first: a server started in a home folder must not read the disk."""

_OF_TOOLS = frozenset(
    {"__pycache__", "build", "dist", "env", "node_modules", "outputs", "site-packages", "venv", CONFIG_FOLDER}
)
_MARKS_OF_ENVIRONMENTS = frozenset({"pyvenv.cfg", "conda-meta"})
_PYPROJECT = "pyproject.toml"


@dataclass(frozen=True)
class _Folder:
    """What a folder held when it was looked into."""

    stamp: Stamp
    settled: bool
    is_project: bool = False
    below: tuple[str, ...] = ()
    pyproject: Stamp | None = None
    excluded: frozenset[str] = frozenset()

    def is_current(self, path: str) -> bool:
        """Tell whether the folder holds the same names as when it was looked into, and the same exclusions."""
        if not self.settled or stamp_of(path) != self.stamp:
            return False
        return self.pyproject is None or stamp_of(f"{path}{os.sep}{_PYPROJECT}") == self.pyproject


class ProjectSearch:
    """Finds the project at or above ``root`` and those below it.

    Hidden folders, folders of tools and environments, and links to folders are not looked into; a link can therefore
    lead neither out of the root nor in a circle. A ``pyproject.toml`` excludes folders below its own with
    ``[tool.jupyter_workbench] exclude = ["tests"]``.
    """

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._known: dict[str, _Folder] = {}

    def find(self) -> tuple[Path, ...]:
        """Return the folders of all projects, sorted. A folder that did not change since last time costs one stat."""
        known: dict[str, _Folder] = {}
        projects: list[str] = []
        excluded: set[str] = set()
        level = [str(self._root)]
        if (home := _home_above(self._root)) is not None:
            known[home] = self._look(home)
            projects.append(home)
            excluded |= known[home].excluded
        for _ in range(MAX_DEPTH + 1):
            level = level[: max(0, MAX_FOLDERS - len(known))]
            known.update((path, self._look(path)) for path in level)
            excluded.update(path for folder in level for path in known[folder].excluded)
            projects += (path for path in level if known[path].is_project)
            level = [path for folder in level for path in known[folder].below if path not in excluded]
        self._known = known
        return tuple(Path(path) for path in sorted(projects))

    def _look(self, path: str) -> _Folder:
        last = self._known.get(path)
        return last if last is not None and last.is_current(path) else _look_into(path)


def _home_above(root: Path) -> str | None:
    """Return the project that the root is a folder of, unless the root is its home itself."""
    try:
        home = find_home(root)
    except ProjectNotFound:
        return None
    return None if home == root else str(home)


def _look_into(path: str) -> _Folder:
    """Read the names in a folder. One that cannot be read counts as empty: nobody could use a project in it."""
    now, stamp = time.time_ns(), stamp_of(path)
    try:
        with os.scandir(path) as scan:
            entries = {entry.name: entry for entry in scan}
        below = () if _MARKS_OF_ENVIRONMENTS & entries.keys() else _folders_below(entries.values())
    except OSError:
        return _Folder(stamp, is_settled(stamp, now))
    is_project = CONFIG_FOLDER in entries and is_folder(f"{path}{os.sep}{CONFIG_FOLDER}")
    pyproject, excluded = _excluded(path) if _PYPROJECT in entries else (None, frozenset[str]())
    settled = is_settled(stamp, now) and (pyproject is None or is_settled(pyproject, now))
    return _Folder(stamp, settled, is_project, below, pyproject, excluded)


def _folders_below(entries: Iterable[os.DirEntry[str]]) -> tuple[str, ...]:
    folders = (entry for entry in entries if entry.is_dir(follow_symlinks=False))
    names = ((entry.name, entry.path) for entry in folders)
    return tuple(sorted(path for name, path in names if not name.startswith(".") and name not in _OF_TOOLS))


def _excluded(folder: str) -> tuple[Stamp, frozenset[str]]:
    """Return the folders that a ``pyproject.toml`` excludes, as absolute paths, and the stamp of the file.

    A file that cannot be read excludes nothing: other tools own it and say what is wrong in it.
    """
    path = Path(folder, _PYPROJECT)
    stamp = stamp_of(str(path))
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8") if path.is_file() else "")
        names = settings["tool"]["jupyter_workbench"]["exclude"]
        return stamp, frozenset(os.path.normpath(f"{folder}/{name}") for name in names)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return stamp, frozenset()
