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

LONGEST_BASE = 50

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

    def open(self, engine: str) -> int:
        """Make the folder (0700), without the sockets of an earlier process; returns the lease of this server.

        ``engine`` is the endpoint that the containers are at.

        The descriptor is locked: a kernel that can lock the file itself has outlived its server.
        """
        _make_own(self.path.parent)
        _make_own(self.path)
        for number in range(1, 6):
            (self.path / f"{SOCKETS}-{number}").unlink(missing_ok=True)
        (self.path / SERVER).write_text(f"{this_server()}\n{engine}")
        # A new file for each process: the one before may not have ended wholly, and holds its own.
        (self.path / LEASE).unlink(missing_ok=True)
        lease = os.open(self.path / LEASE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if sys.platform != "win32":
            fcntl.flock(lease, fcntl.LOCK_EX)
        return lease

    def write_connection(self, text: str) -> None:
        """Write the connection file (0600)."""
        descriptor = os.open(self.path / CONNECTION_FILE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(text)

    def remove(self) -> None:
        """Remove the folder; one that is gone is no error."""
        shutil.rmtree(self.path, ignore_errors=True)


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
    return [Meeting(path) for path in _base().glob("*") if _is_abandoned(path / SERVER, engine)]


def _is_abandoned(file: Path, engine: str) -> bool:
    try:
        server, _, at = file.read_text().partition("\n")
    except OSError:
        return False  # just being made, or not ours
    return at == engine and is_gone(server)


def _base() -> Path:
    """Return a folder of the user's with a short path, as Jupyter's own runtime folder often has not."""
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if runtime and len(runtime) <= LONGEST_BASE and os.access(runtime, os.W_OK):
        return Path(runtime) / f"jupyter-workbench-{labels.owner()}"
    temporary = tempfile.gettempdir()
    if len(temporary) > LONGEST_BASE:
        temporary = "/tmp"  # noqa: S108 - `_make_own` sees to it that nobody else made our folder there
    return Path(temporary) / f"jupyter-workbench-{labels.owner()}"


def _make_own(folder: Path) -> None:
    """Make a folder that only this user can enter; anybody may have made one of that name in `/tmp`."""
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise TargetError(
            f"expected {folder} to be a folder that only you can enter, got one that is not - remove it: "
            "the sockets of kernels are kept there"
        )
