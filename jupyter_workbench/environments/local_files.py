"""Wheels, archives and folders of this machine that a `pip:` list names: where they go, and what is in them.

The builder sees none of the user's files. Each path that is named is put into a numbered folder of its own under
`PLACE`, under its own name, since the name of a wheel means something.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

PLACE = PurePosixPath("/jupyter-workbench-files")
"""Where `EnvironmentSpec.files` must be when the builder runs: see `place`."""

_LEFT_OUT = frozenset({".git", ".hg", ".svn", ".tox", ".venv", "__pycache__", ".ipynb_checkpoints", ".mypy_cache"})


def place(number: int, path: Path) -> PurePosixPath:
    """Return where the builder finds ``files[number]``, whose path is ``path``."""
    return PLACE / str(number) / path.name


def contents(path: Path) -> Iterator[tuple[PurePosixPath, Path]]:
    """Yield the files that are put there for `path`: the path below it (``.`` for a file itself) and the file.

    Sorted; links to folders are not followed; what version control and Python leave in a folder is not part of it.
    """
    if not path.is_dir():
        yield PurePosixPath(), path
        return
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(set(folders) - _LEFT_OUT)
        for name in sorted(names):
            file = Path(folder, name)
            if file.is_file():
                yield PurePosixPath(file.relative_to(path).as_posix()), file
