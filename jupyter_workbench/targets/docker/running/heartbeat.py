"""Waits for a kernel to answer, on its heartbeat channel.

Source: https://jupyter-client.readthedocs.io/en/stable/messaging.html#heartbeat-for-kernels
"""

from __future__ import annotations

from collections.abc import Mapping

import zmq
import zmq.asyncio

RECONNECT_MILLISECONDS = 10
"""ZeroMQ waits 100 ms before it tries again, which a kernel that is nearly there need not."""


async def answers(connection: Mapping[str, object]) -> None:
    """Return once the kernel of a connection echoes; ``connection`` is what its connection file says to a client."""
    socket = zmq.asyncio.Context.instance().socket(zmq.REQ)
    try:
        socket.linger = 0
        socket.reconnect_ivl = RECONNECT_MILLISECONDS
        if "curve_publickey" in connection:
            _encrypt(socket, connection)
        socket.connect(_address(connection))
        await socket.send(b"ping")
        await socket.recv()
    finally:
        socket.close()


def _address(connection: Mapping[str, object]) -> str:
    transport, ip, port = (connection[name] for name in ("transport", "ip", "hb_port"))
    return f"ipc://{ip}-{port}" if transport == "ipc" else f"tcp://{ip}:{port}"


def _encrypt(socket: zmq.asyncio.Socket, connection: Mapping[str, object]) -> None:
    server = _bytes(connection["curve_publickey"])
    socket.curve_publickey, socket.curve_secretkey = zmq.curve_keypair()
    socket.curve_serverkey = server


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()
