"""Which files of a project are copied: all that git would take, `.git` never, and no link that leads out of it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from jupyter_workbench.config.files import shown_name
from jupyter_workbench.targets.docker.copying.ignored import GIT, GITIGNORE, Rules, rules_above, tracked_though_ignored

MANIFEST = ".jupyter-workbench-copied.json"
"""What we keep in the copy itself; a file of that name in the project is not copied."""

OUTPUTS = "outputs"
"""The folder whose files come back."""

Kind: TypeAlias = Literal["file", "folder", "link"]


@dataclass(frozen=True)
class Item:
    """A file, folder or link; ``mode`` has permission bits only, ``target`` is where a link leads."""

    kind: Kind
    mode: int
    size: int = 0
    mtime_ns: int = 0
    target: str = ""


@dataclass(frozen=True)
class ProjectFiles:
    """What is copied, by path below the project with slashes, each folder before what is in it.

    ``unsent`` are the files below `outputs/` that a pattern names: not copied, but the kernel may write the same ones.
    ``notes`` are whole sentences about what is not copied although somebody may expect it.
    """

    items: dict[str, Item] = field(default_factory=dict)
    unsent: dict[str, Item] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many files (and links) there are."""
        return sum(item.kind != "folder" for item in self.items.values())

    @property
    def size(self) -> int:
        """How many bytes are in them."""
        return sum(item.size for item in self.items.values())


def find_files(project: Path) -> ProjectFiles:
    """Look at every file of a project; blocks. What cannot be looked at becomes a note."""
    search = _Search(Path(os.path.realpath(project)))
    try:
        rules = rules_above(search.root)
    except OSError as error:
        search.note_unread(f"{GITIGNORE} of a folder above", error)
        rules = Rules()
    search.look_into("", rules)
    for path in tracked_though_ignored(search.root):
        search.add_tracked(path)
    unsent = {path: item for path, item in search.unsent.items() if path not in search.items}
    return ProjectFiles(dict(sorted(search.items.items(), key=_by_folder)), unsent, tuple(search.notes))


class _Search:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.items: dict[str, Item] = {}
        self.unsent: dict[str, Item] = {}
        self.notes: list[str] = []

    def look_into(self, folder: str, rules: Rules) -> None:
        """Add what is below a folder (``""`` or ending in a slash)."""
        waiting = [(folder, rules)]
        while waiting:
            folder, rules = waiting.pop()
            rules = self._rules_within(folder, rules)
            for entry in self._entries(folder):
                path = folder + entry.name
                is_folder = entry.is_dir(follow_symlinks=False)
                if entry.name == GIT or path == MANIFEST:
                    continue
                if rules.ignores(path, is_folder=is_folder):
                    self._leave(path, is_folder=is_folder)
                    continue
                self._add(path, entry)
                if is_folder:
                    waiting.append((path + "/", rules))

    def add_tracked(self, path: str) -> None:
        """Add one file that its patterns alone would leave out, and the folders above it."""
        if path in self.items or GIT in path.split("/") or path == MANIFEST:
            return
        steps = path.split("/")
        for depth in range(1, len(steps)):
            above = "/".join(steps[:depth])
            if above not in self.items:
                self._add(above, Path(self.root, above))
            if self.items.get(above, _NOTHING).kind != "folder":
                return  # git has not noticed yet that the folder is gone or a link
        if not Path(self.root, path).is_dir():  # of a repository inside this one, git tracks the folder's name only
            self._add(path, Path(self.root, path))

    def note_unread(self, path: str, error: OSError) -> None:
        """Tell that something could not be looked at."""
        self.notes.append(unreadable(path, error))

    def _leave(self, path: str, *, is_folder: bool) -> None:
        """Take notice of what is ignored, as far as the kernel could write it, too."""
        if path.split("/")[0] != OUTPUTS:
            return
        if is_folder:
            for entry in list(self._entries(path)):
                self._leave(f"{path}/{entry.name}", is_folder=entry.is_dir(follow_symlinks=False))
            return
        with suppress(OSError):  # gone meanwhile
            status = os.lstat(self.root / path)
            if stat.S_ISREG(status.st_mode):
                mode = stat.S_IMODE(status.st_mode) & 0o777
                self.unsent[path] = Item("file", mode, status.st_size, status.st_mtime_ns)

    def _rules_within(self, folder: str, rules: Rules) -> Rules:
        try:
            return rules.within(folder, Path(self.root, folder, GITIGNORE))
        except OSError as error:
            self.note_unread(folder + GITIGNORE, error)
            return rules

    def _entries(self, folder: str) -> Iterator[os.DirEntry[str]]:
        try:
            with os.scandir(self.root / folder) as entries:
                yield from entries
        except OSError as error:
            self.note_unread(folder or ".", error)

    def _add(self, path: str, entry: os.DirEntry[str] | Path) -> None:
        try:
            status = entry.stat(follow_symlinks=False)
            mode = stat.S_IMODE(status.st_mode) & 0o777
            if stat.S_ISREG(status.st_mode):
                self.items[path] = Item("file", mode, status.st_size, status.st_mtime_ns)
            elif stat.S_ISDIR(status.st_mode):
                self.items[path] = Item("folder", mode | stat.S_IRWXU, mtime_ns=status.st_mtime_ns)
            elif stat.S_ISLNK(status.st_mode):
                self._add_link(path, status.st_mtime_ns)
        except FileNotFoundError:
            return  # removed while we look: so it is not there
        except OSError as error:
            self.note_unread(path, error)

    def _add_link(self, path: str, mtime_ns: int) -> None:
        target = str(os.readlink(self.root / path))  # noqa: PTH115 - as it is written, `./` too
        leads_to = Path(os.path.realpath(self.root / path))
        if not leads_to.is_relative_to(self.root):
            self.notes.append(
                f"{shown_name(path)}: expected a link that stays in the project, got one to {shown_name(target)} - "
                "it is not copied; put the files themselves there"
            )
            return
        self.items[path] = Item("link", 0o777, 0, mtime_ns, self._inside(path, target, leads_to))

    def _inside(self, path: str, target: str, leads_to: Path) -> str:
        """Return where a link leads in a copy of the project: one that names the project's own place would break."""
        above = os.path.dirname(path)  # noqa: PTH120 - a string with slashes, of whatever bytes
        way = os.path.normpath(f"{above}/{target}" if above else target)
        if not Path(target).is_absolute() and Path(way).parts[:1] != ("..",):
            return target
        return os.path.relpath(leads_to, os.path.realpath(self.root / above))


_NOTHING = Item("file", 0)


def unreadable(path: str, error: OSError) -> str:
    """Say that a file is not copied because it cannot be read."""
    reason = error.strerror or type(error).__name__
    return (
        f"{shown_name(path)}: expected a file that can be read, got an error ({reason}) - "
        f"it is not copied; make it readable, or list it in {GITIGNORE}"
    )


def _by_folder(pair: tuple[str, Item]) -> list[str]:
    return pair[0].split("/")
