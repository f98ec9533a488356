"""Runs git on a repository that nobody vouches for: bounded in time and size, no network, no prompt, no pager."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator, Mapping, Sequence
    from typing import IO

PATIENCE_SECONDS = 10.0
"""For everything that one look at a repository needs."""

MAX_BYTES = 1 << 20
_POLL_SECONDS = 0.02
_KEPT = ("PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP")
_OF_THE_USER = ("HOME", "USERPROFILE", "XDG_CONFIG_HOME", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM")
_ALWAYS = {
    "LC_ALL": "C",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",
    "GIT_ALLOW_PROTOCOL": "none",  # a partial clone would fetch what it lacks
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_LITERAL_PATHSPECS": "1",
}


class GitError(Exception):
    """Git did not answer; the message says why, in words."""


class Answer(NamedTuple):
    """What a git command said; ``text`` breaks off at a limit when ``is_cut``."""

    code: int
    text: bytes
    said: str
    is_cut: bool


class Git:
    """The git of this machine, for one look at one repository; ``stop`` ends whatever it does."""

    def __init__(self, work_tree: Path, stop: threading.Event, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._stop, self._patience_seconds = stop, patience_seconds
        self._deadline = time.monotonic() + patience_seconds
        found = shutil.which("git", path=_path_outside(work_tree))
        if found is None:
            raise GitError("git is not installed on this machine")
        self._program = found

    def run(self, folder: Path, *arguments: str, variables: Mapping[str, str], limit: int = MAX_BYTES) -> Answer:
        """Run a command in ``folder``, with no other environment than these variables. Raises `GitError`."""
        command = [self._program, "--no-pager", "--no-optional-locks", *arguments]
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as said:
            try:
                process = subprocess.Popen(
                    command, cwd=folder, env=dict(variables), stdin=subprocess.DEVNULL, stdout=out, stderr=said
                )
            except OSError as error:
                raise GitError(f"git cannot be started ({error.strerror})") from error
            try:
                is_cut = self._wait(process, out, limit)
            finally:
                _end(process)
            out.seek(0)
            said.seek(0)
            return Answer(process.returncode, out.read(limit), said.read(limit).decode("utf-8", "replace"), is_cut)

    def _wait(self, process: subprocess.Popen[bytes], out: IO[bytes], limit: int) -> bool:
        """Whether it said more than may be read, and need not go on."""
        while True:
            with suppress(subprocess.TimeoutExpired):
                process.wait(_POLL_SECONDS)
                return os.fstat(out.fileno()).st_size > limit
            if os.fstat(out.fileno()).st_size > limit:
                return True
            self.check()

    def check(self) -> None:
        """Raise `GitError` when the look has to end."""
        if self._stop.is_set():
            raise GitError("the kernel ended before git had answered")
        if time.monotonic() > self._deadline:
            raise GitError(f"git took longer than {self._patience_seconds:g} seconds")


def of_the_user(ceiling: Path) -> dict[str, str]:
    """Variables for commands that read settings, run nothing and look into no file of the work tree.

    The settings of user and machine count: they tell whose repositories may be read.
    """
    return {**dict(_taken((*_KEPT, *_OF_THE_USER))), **_ALWAYS, "GIT_CEILING_DIRECTORIES": str(ceiling)}


def of_nobody(home: Path) -> dict[str, str]:
    """Variables for commands that see no settings but those of the folder that GIT_DIR names."""
    nothing = {"HOME": str(home), "XDG_CONFIG_HOME": str(home), "GIT_CONFIG_GLOBAL": os.devnull}
    return {
        **dict(_taken(_KEPT)),
        **_ALWAYS,
        **nothing,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_ATTR_NOSYSTEM": "1",
    }


def _path_outside(work_tree: Path) -> str:
    """Return where programs are looked for: a git in the project, in its environment say, would be the project's."""
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    outside = (each for each in map(Path, folders) if each.is_absolute())
    return os.pathsep.join(str(each) for each in outside if not each.resolve().is_relative_to(work_tree.resolve()))


def _taken(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    for name in names:
        if (value := os.environ.get(name)) is not None:
            yield name, value


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.kill()
        process.wait()
