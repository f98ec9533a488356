"""What answers like a Docker engine on a socket, as far as a test needs it."""

from __future__ import annotations

import asyncio
import json
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socket import SHUT_RDWR
from typing import Any

VERSION = {"ApiVersion": "1.41", "Arch": "amd64", "Version": "20.10.24", "Components": [{"Name": "Engine"}]}
INFO = {"ID": "ONE", "SecurityOptions": ["name=seccomp,profile=default"], "Runtimes": {"runc": {}}}

Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Answers with what stands in the server's ``answers`` for the end of a path."""

    protocol_version = "HTTP/1.1"
    server: Engine

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.server.asked.append(path)
        for end, answer in self.server.answers.items():
            if path.endswith(end):
                return answer(self) if callable(answer) else self.reply(answer)
        return self.reply({"message": "page not found"}, 404)

    do_POST = do_GET  # noqa: N815 - the name is http.server's

    def reply(self, content: Any, status: int = 200) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def pong(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"OK")

    def begin_stream(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def chunk(self, content: Any) -> None:
        body = json.dumps(content).encode() + b"\n"
        self.wfile.write(b"%x\r\n%s\r\n" % (len(body), body))

    def wait_until_the_client_is_gone(self) -> None:
        self.server.is_waiting.set()
        self.connection.recv(1)
        self.server.client_is_gone.set()
        self.close_connection = True

    def address_string(self) -> str:
        return "a client"

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


class Engine(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """An engine on a Unix socket. ``answers``: ends of paths to a JSON value or a function of the handler."""

    daemon_threads = True
    request_queue_size = 20

    def __init__(self, socket: Path) -> None:
        super().__init__(str(socket), Handler)
        self.socket_path = socket
        self.answers: dict[str, Any] = {"/version": VERSION, "/info": INFO, "/_ping": Handler.pong}
        self.asked: list[str] = []
        self.is_waiting = threading.Event()
        self.client_is_gone = threading.Event()
        self.connections: list[Any] = []

    @property
    def host(self) -> str:
        return f"unix://{self.socket_path}"

    def get_request(self) -> Any:
        connection, address = super().get_request()
        self.connections.append(connection)
        return connection, address


@contextmanager
def running(socket: Path) -> Iterator[Engine]:
    """Run an engine; at the end its socket is gone and its connections are cut, as when a daemon stops."""
    engine = Engine(socket)
    thread = threading.Thread(target=engine.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield engine
    finally:
        engine.shutdown()
        thread.join()
        engine.server_close()
        for connection in engine.connections:
            with suppress(OSError):  # ended already
                connection.shutdown(SHUT_RDWR)
        socket.unlink()


async def on_a_port(engine: Engine, context: ssl.SSLContext | None = None) -> asyncio.Server:
    """Let an engine answer on a port of this machine, too, encrypted if a context is given."""

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        engine_reader, engine_writer = await asyncio.open_unix_connection(engine.socket_path)
        await asyncio.gather(_copy(reader, engine_writer), _copy(engine_reader, writer))

    return await asyncio.start_server(forward, "127.0.0.1", 0, ssl=context)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
    writer.close()
