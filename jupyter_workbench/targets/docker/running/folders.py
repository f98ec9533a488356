"""The folder of this machine that a container and its server share: Unix sockets, connection file, lease."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jupyter_workbench.errors import TargetError
from jupyter_workbench.targets.docker import labels
from jupyter_workbench.targets.docker.servers import is_gone, this_server

if sys.platform != "win32":
    import fcntl

SOCKETS = "k"
"""Sockets are called `k-1` to `k-5`: their whole path may have 107 bytes (unix(7))."""

LONGEST_BASE = 88
"""Bytes: a kernel's folder and the name of a socket come on top of it."""

MOST_OF_SERVER = 4096

CONNECTION_FILE = "connection.json"
LEASE = "lease"
SERVER = "server"


@dataclass(frozen=True)
class Meeting:
    """One kernel's folder, the same for each of its processes."""

    path: Path

    @property
    def ip(self) -> str:
        """What Jupyter calls the address of sockets."""
        return str(self.path / SOCKETS)

    def make(self) -> None:
        """Make the folder (0700). Raises `TargetError` where it would not be the user's alone."""
        for folder in (self.path.parent, self.path):
            folder.mkdir(mode=0o700, exist_ok=True)
            if not is_own(folder):  # anybody may have made one of that name in `/tmp`
                raise TargetError(
                    f"expected {folder} to be a folder that only you can enter, got one that is not - remove it: "
                    "the sockets of kernels are kept there"
                )

    def open(self, engine: str) -> int:
        """Make the folder (0700); returns the lease of this server, for one process.

        ``engine`` is the endpoint that the containers are at.

        The descriptor is locked: a kernel that can lock the file itself has outlived its server.
        """
        self.make()
        self._write(SERVER, f"{this_server()}\n{engine}")
        return locked(self._make(LEASE))

    def hand_over(self, connection_text: str) -> None:
        """Make the address free for the next process, and write its connection file (0600).

        The former one must have ended: at its end it removes the sockets and the file, whoever has made them.
        """
        for number in range(1, 6):
            _remove(self.path / f"{SOCKETS}-{number}")
        self._write(CONNECTION_FILE, connection_text)

    def _write(self, name: str, text: str) -> None:
        with os.fdopen(self._make(name), "w") as file:
            file.write(text)

    def _make(self, name: str) -> int:
        """Make a file anew and open it: a kernel, which can write here, may have put a link or a pipe in its place."""
        file = self.path / name
        _remove(file)
        return os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0), 0o600)

    def remove(self) -> None:
        """Remove the folder; one that is gone is no error."""
        shutil.rmtree(self.path, ignore_errors=True)


def _remove(path: Path) -> None:
    """Remove whatever is there, without following a link; a kernel may have made a folder."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def locked(descriptor: int) -> int:
    """Lock an open file (flock(2)) and return it: its lock ends with its last descriptor, so with this process too."""
    if sys.platform != "win32":
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    return descriptor


def unlock(descriptor: int) -> None:
    """Unlock and close a file that is `locked`, also for a child that was forked meanwhile."""
    if sys.platform != "win32":
        fcntl.flock(descriptor, fcntl.LOCK_UN)
    os.close(descriptor)


def connection_text(connection: Mapping[str, object], ip: str) -> str:
    """Return a connection file's text, with the kernel's own idea of the address.

    https://jupyter-client.readthedocs.io/en/stable/kernels.html#connection-files
    """
    told = {name: value.decode() if isinstance(value, bytes) else value for name, value in connection.items()}
    return json.dumps({**told, "ip": ip})


def meeting_of(kernel_id: str) -> Meeting:
    """Return the folder of a kernel."""
    return Meeting(_base() / hashlib.sha256(kernel_id.encode()).hexdigest()[:12])


def abandoned(engine: str) -> list[Meeting]:
    """Find the folders of kernels at an engine whose server is gone."""
    if not is_own(_base()):
        return []
    return [Meeting(path) for path in _base().glob("*") if _is_abandoned(path / SERVER, engine)]


def _is_abandoned(file: Path, engine: str) -> bool:
    """Tell by the file that a server writes; it may be anything by now, since kernels can write here."""
    try:
        descriptor = os.open(file, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb") as open_file:
            text = open_file.read(MOST_OF_SERVER).decode("utf-8", "replace")
    except OSError:
        return False  # just being made, or not ours
    server, _, at = text.partition("\n")
    return at == engine and is_gone(server)


def _base() -> Path:
    """Return a folder of the user's with a short path, as Jupyter's own runtime folder often has not.

    Not in `XDG_RUNTIME_DIR`: that is removed when the user logs out, and kernels of a server in tmux go on.
    """
    name = f"jupyter-workbench-{labels.owner()}"
    base = Path(tempfile.gettempdir()) / name
    if len(os.fsencode(base)) <= LONGEST_BASE:
        return base
    # `Meeting.make` sees to it that nobody else made our folder there.
    return Path("/tmp") / f"jupyter-workbench-{hashlib.sha256(name.encode()).hexdigest()[:12]}"  # noqa: S108


def is_own(folder: Path) -> bool:
    """Tell whether a folder is there that only this user can enter."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    if sys.platform == "win32":
        return stat.S_ISDIR(found.st_mode)
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077
