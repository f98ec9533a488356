"""Which files of a project git would not take: its `.gitignore` files, those above it, and `.git/info/exclude`.

The user's own excludes file (`core.excludesFile`) is not read: it belongs to one machine, not to the project.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jupyter_workbench.targets.docker.copying.git_patterns import Patterns, parse

GITIGNORE = ".gitignore"
GIT = ".git"
MAX_BYTES = 1024 * 1024
"""Nobody writes more patterns than that; what follows is not read."""

GIT_SECONDS = 10


@dataclass(frozen=True)
class Rules:
    """The patterns that hold in a folder; ``levels`` are (path of the patterns' folder, patterns), outermost first.

    Paths begin at the top of the repository. ``above`` leads from there to the project: empty, or ending in a slash.
    """

    above: str = ""
    levels: tuple[tuple[bytes, Patterns], ...] = ()

    def within(self, folder: str, file: Path) -> Rules:
        """Return the rules of a folder of the project (``""`` or ending in a slash), whose `.gitignore` is ``file``.

        Raises OSError when there is one that cannot be read. As for git, one that is a link counts as none.
        """
        patterns = None if file.is_symlink() else read_patterns(file)
        if patterns is None:
            return self
        return Rules(self.above, (*self.levels, (os.fsencode(self.above + folder), patterns)))

    def ignores(self, path: str, *, is_folder: bool = False) -> bool:
        """Tell whether a path is ignored, given that no folder above it is: the innermost pattern decides."""
        whole = os.fsencode(self.above + path)
        for prefix, patterns in reversed(self.levels):
            decided = patterns.decide(whole[len(prefix) :], is_folder=is_folder)
            if decided is not None:
                return decided
        return False


def rules_above(project: Path) -> Rules:
    """Return what the repository around a project says of it.

    A project that its repository ignores as a whole is not bound by it: copying nothing would help nobody.
    """
    top = next((folder for folder in (project, *project.parents) if os.path.lexists(folder / GIT)), None)
    if top is None:
        return Rules()
    steps = project.relative_to(top).parts
    rules = Rules(levels=tuple(_excludes(top)))
    for depth, step in enumerate(steps):
        folder = "".join(f"{each}/" for each in steps[:depth])
        rules = rules.within(folder, top.joinpath(*steps[:depth], GITIGNORE))
        if rules.ignores(folder + step, is_folder=True):
            return Rules()
    return Rules("".join(f"{each}/" for each in steps), rules.levels)


def read_patterns(file: Path) -> Patterns | None:
    """Read a file of patterns; None when there is none. Raises OSError."""
    try:
        with file.open("rb") as opened:
            data = opened.read(MAX_BYTES)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return None
    return parse(data)


def tracked_though_ignored(project: Path) -> tuple[str, ...]:
    """Return the files of a project that git tracks although a pattern names them; without git, none."""
    if not any(os.path.lexists(folder / GIT) for folder in (project, *project.parents)):
        return ()
    # A repository may name a program to be run (core.fsmonitor); variables of git would name another repository.
    command = ["git", "-c", "core.fsmonitor=false", "ls-files", "-z", "--cached", "--ignored", "--exclude-standard"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        done = subprocess.run(
            command, cwd=project, env=environment, capture_output=True, check=False, timeout=GIT_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return tuple(os.fsdecode(name) for name in done.stdout.split(b"\0") if name) if done.returncode == 0 else ()


def _excludes(top: Path) -> Iterator[tuple[bytes, Patterns]]:
    try:
        patterns = read_patterns(top / GIT / "info" / "exclude")
    except OSError:
        return  # git warns of it and goes on
    if patterns is not None:
        yield b"", patterns
