"""A folder of ours that stands for a project's ``.git``: its index and objects, and none of its settings.

A kernel in a container can write into the project's ``.git``. Settings name programs (filters, fsmonitor, textconv,
external diffs, hooks, ssh commands, includes of more settings), and they could change between a look at them and their
use. So git never sees them when it looks into files: there is no list of them that could be incomplete.
"""

from __future__ import annotations

import mmap
import os
import re
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING

from jupyter_workbench.history.disk.beneath import RefusedError, open_beneath
from jupyter_workbench.history.surroundings.git_program import GitError, of_nobody

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

MAX_BYTES = 256 << 20
"""Of all that is copied: an index of two million files."""

HARMLESS = ("filemode", "symlinks", "ignorecase", "autocrlf", "eol", "precomposeunicode", "trustctime", "checkstat")
"""Settings below ``core.`` that say how files of this system compare with those of a commit."""

_WORD = re.compile(r"[A-Za-z0-9]{1,16}\Z")
# The extension of a split index: its length, and the hash that the other half is called by.
# https://git-scm.com/docs/index-format#_split_index
_LINK = re.compile(rb"link[\0-\xff]{4}([\0-\xff]{20})([\0-\xff]{12})?")
_MOST_LINKS = 10  # the same letters may stand elsewhere
_CHUNK = 1 << 20


def make_stand_in(
    folder: Path,
    git_folder: Path,
    commit: str,
    settings: Mapping[str, str],
    ignored: Path | None,
    check: Callable[[], None],
) -> None:
    """Make ``folder`` what git needs to compare ``commit`` with files. Raises `GitError` and ``OSError``.

    ``check`` is called again and again, and raises when it takes too long.
    """
    for name in ("objects", "refs", "info"):
        (folder / name).mkdir(parents=True)
    (folder / "HEAD").write_text(f"{commit}\n", "ascii")
    (folder / "config").write_text(_config(settings, ignored), "utf-8")
    copies = _Copies(git_folder, folder, check)
    copies.make("info", "exclude")
    if copies.make("index"):
        for name in islice(_other_halves(folder / "index"), _MOST_LINKS):
            copies.make(name)


def variables_of(folder: Path, objects: Path, work_tree: Path) -> dict[str, str]:
    """Return the environment in which git takes the stand-in for the repository."""
    return {
        **of_nobody(folder),
        "GIT_DIR": str(folder),
        "GIT_WORK_TREE": str(work_tree),
        "GIT_OBJECT_DIRECTORY": str(objects),
    }


def _config(settings: Mapping[str, str], ignored: Path | None) -> str:
    lines = ["[core]", "bare = false", "fsmonitor = false", "bigFileThreshold = 8m", f"hooksPath = {os.devnull}"]
    said = ((name, settings.get(f"core.{name}", "")) for name in HARMLESS)
    lines += [f"{name} = {value}" for name, value in said if _WORD.match(value)]
    if ignored is not None:
        lines.append('excludesFile = "{}"'.format(str(ignored).replace("\\", "\\\\").replace('"', '\\"')))
    if settings.get("extensions.objectformat") == "sha256":
        lines += ["repositoryformatversion = 1", "[extensions]", "objectformat = sha256"]
    else:
        lines.append("repositoryformatversion = 0")
    return "\n".join(lines) + "\n"


def _other_halves(index: Path) -> Iterator[str]:
    """Yield what the files may be called that a split index goes on in."""
    with index.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        for found in _LINK.finditer(content):
            yield f"sharedindex.{found[1].hex()}"
            if found[2]:
                yield f"sharedindex.{(found[1] + found[2]).hex()}"


class _Copies:
    """Copies of files that a kernel may have made, and may be writing at this moment."""

    def __init__(self, source: Path, folder: Path, check: Callable[[], None]) -> None:
        self._source, self._folder, self._check = source, folder, check
        self._room = MAX_BYTES

    def make(self, *parts: str) -> bool:
        """Copy a file that need not be there; its time tells git which entries it must look into.

        Returns whether there is anything in it.
        """
        copy = self._folder.joinpath(*parts)
        try:
            descriptor = open_beneath(self._source, *parts)
        except FileNotFoundError:
            return False
        except RefusedError as error:
            raise GitError(f"{self._source.joinpath(*parts)} is {error.strerror}") from error
        with os.fdopen(descriptor, "rb") as file, copy.open("wb") as written:
            status = os.fstat(file.fileno())
            while piece := file.read(_CHUNK):
                self._check()
                self._room -= len(piece)
                if self._room < 0:
                    raise GitError(f"{self._source} has more than {MAX_BYTES >> 20} MB of lists of files")
                written.write(piece)
            is_empty = not written.tell()
        with suppress(OSError):
            os.utime(copy, ns=(status.st_atime_ns, status.st_mtime_ns))
        return not is_empty
