"""Encryption of what a kernel and its server say to each other over TCP: CurveZMQ, where both ends have it.

Anybody on a machine can connect to its ports; without encryption what a kernel publishes can be read there. Source:
https://jupyter.org/enhancement-proposals/transport-encryption
"""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import zmq
from packaging.version import Version

FIRST_WITH_CURVE = {"ipykernel": Version("7.3"), "jupyter_client": Version("8.9")}


def kernel_has_curve(ipykernel: str | None) -> bool:
    """Tell whether a kernel of this version of ipykernel can encrypt."""
    return ipykernel is not None and Version(ipykernel) >= FIRST_WITH_CURVE["ipykernel"]


def server_has_curve() -> bool:
    """Tell whether this process can; its own ipykernel must, since its fallback kernel takes over the address."""
    return zmq.has("curve") and all(Version(version(name)) >= first for name, first in FIRST_WITH_CURVE.items())


def encrypt(manager: Any, wanted: bool) -> None:
    """Give a kernel manager keys for its next connection file, or take them away. Needs `server_has_curve`."""
    manager.cleanup_connection_file()
    keys = zmq.curve_keypair() if wanted else (None, None)
    manager.curve_publickey, manager.curve_secretkey = keys
