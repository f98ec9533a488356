"""Where the Spark UI of a kernel is met: a Unix socket in a folder of its own, as the kernel and the server see it."""

from __future__ import annotations

import logging
import os
import socket
import stat
from pathlib import Path

from jupyter_workbench.targets.base import Elsewhere
from jupyter_workbench.targets.docker import paths
from jupyter_workbench.targets.docker.running.folders import meeting_of

SOCKET = "u"
"""A short name, since the whole path may have 103 bytes on macOS; see `folders.LONGEST_BASE`."""

_log = logging.getLogger(__name__)
_served_below: list[str] = []


def serve_below(path: str) -> None:
    """Note the URL path, without a slash at its end, below which this process serves the UIs of its kernels."""
    _served_below[:] = [path]


def told(kernel_id: str, elsewhere: Elsewhere | None) -> dict[str, str | None]:
    """Return what `spark.json` says of the UI, and make the folder of a kernel that is a process of this machine.

    Both are None where nobody could reach it: no server in this process, an engine that does not see this machine's
    folders, a Python without Unix sockets.
    """
    place = _socket_as_seen(kernel_id, elsewhere) if _served_below and hasattr(socket, "AF_UNIX") else None
    return {"ui_base": f"{_served_below[0]}/{kernel_id}" if place else None, "ui_socket": place}


def socket_of(kernel_id: str) -> Path:
    """Return where the server meets the UI. Whether a socket is there, and whose, is for the caller to look at."""
    return meeting_of(kernel_id).path / SOCKET


def leave(kernel_id: str) -> None:
    """Remove the folder of a kernel that will not be started again; one that is gone is no error."""
    meeting_of(kernel_id).remove()


def is_own_folder(folder: Path) -> bool:
    """Tell whether a folder is there that belongs to this user and that nobody else can enter."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077


def _socket_as_seen(kernel_id: str, elsewhere: Elsewhere | None) -> str | None:
    if elsewhere is not None:
        return str(paths.SOCKETS / SOCKET) if elsewhere.address(kernel_id).transport == "ipc" else None
    place = socket_of(kernel_id)
    return str(place) if _make(place.parent.parent) and _make(place.parent) else None


def _make(folder: Path) -> bool:
    """Make a folder; false where it cannot be one that only this user enters. Anybody may have made it in `/tmp`."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        _log.warning("The Spark UI of this kernel is not served: %s cannot be made (%s)", folder, error.strerror)
        return False
    if not is_own_folder(folder):
        _log.warning("The Spark UI of this kernel is not served: %s is not a folder that only you can enter", folder)
        return False
    return True
