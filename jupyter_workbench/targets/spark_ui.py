"""Where the Spark UI of a kernel is met: a Unix socket in a folder of its own, as the kernel and the server see it."""

from __future__ import annotations

import logging
import socket
from pathlib import Path

from jupyter_workbench.errors import TargetError
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


def _socket_as_seen(kernel_id: str, elsewhere: Elsewhere | None) -> str | None:
    if elsewhere is not None:
        return str(paths.SOCKETS / SOCKET) if elsewhere.address(kernel_id).transport == "ipc" else None
    try:
        meeting_of(kernel_id).make()
    except (OSError, TargetError) as error:
        _log.warning("The Spark UI of this kernel is not served: %s", error)
        return None
    return str(socket_of(kernel_id))
