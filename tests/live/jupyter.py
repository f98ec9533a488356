"""A real `jupyter server` in a process of its own, spoken to as a front end does: over REST and websocket."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_server.services.kernels.connection.base import deserialize_msg_from_ws_v1, serialize_msg_to_ws_v1
from tornado.httpclient import AsyncHTTPClient, HTTPRequest, HTTPResponse
from tornado.websocket import WebSocketClientConnection, websocket_connect

DEADLINE_SECONDS = 60
PAUSE_SECONDS = 0.05
HANDSHAKE_SECONDS = 0.5
"""How long a handshake waits for an answer before it asks again, as the server's own does."""

PROTOCOL = "v1.kernel.websocket.jupyter.org"
"""What JupyterLab speaks: https://jupyter-server.readthedocs.io/en/latest/developers/websocket-protocols.html"""


async def until(what: str, condition: Callable[[], Awaitable[Any]]) -> Any:
    """Ask again and again until ``condition`` gives something true, and return that."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not (value := await condition()):
        assert time.monotonic() < deadline, f"waited {DEADLINE_SECONDS} s in vain until {what}"
        await asyncio.sleep(PAUSE_SECONDS)
    return value


@dataclass
class Reply:
    """What came of one cell."""

    status: str = ""
    text: str = ""
    error: str = ""
    started: asyncio.Event = field(default_factory=asyncio.Event)


class Kernel:
    """A websocket to one kernel, as a notebook has it."""

    def __init__(self, connection: WebSocketClientConnection) -> None:
        self._connection = connection
        self._replies: dict[str, Reply] = {}
        self._waiting: dict[str, set[str]] = {}
        self._done: dict[str, asyncio.Event] = {}
        self.messages: list[dict[str, Any]] = []
        self.reader = asyncio.create_task(self._read())

    async def handshake(self) -> None:
        """Ask who the kernel is until its answer has come on every channel. Only where the server does not do so."""
        asked: list[asyncio.Event] = []

        async def answered() -> bool:
            asked.append(self._request("kernel_info", {})[1])
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(asked[-1].wait(), HANDSHAKE_SECONDS)
            return any(done.is_set() for done in asked)

        await until("the kernel has said who it is", answered)

    def send(self, code: str) -> tuple[Reply, asyncio.Event]:
        """Send a cell; the event is set when it has ended."""
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False}
        return self._request("execute", content)

    def _request(self, kind: str, content: dict[str, Any]) -> tuple[Reply, asyncio.Event]:
        message_id = uuid.uuid4().hex
        header = {"msg_id": message_id, "msg_type": f"{kind}_request", "username": "", "session": "s", "version": "5.3"}
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
        reply, done = Reply(), asyncio.Event()
        self._replies[message_id], self._done[message_id] = reply, done
        self._waiting[message_id] = {f"{kind}_reply", "idle"}
        packed = serialize_msg_to_ws_v1(message, "shell", lambda part: json.dumps(part).encode())
        self._connection.write_message(packed, binary=True)
        return reply, done

    async def run(self, code: str) -> Reply:
        """Run a cell to its end."""
        reply, done = self.send(code)
        await asyncio.wait_for(done.wait(), DEADLINE_SECONDS)
        return reply

    async def _read(self) -> None:
        while (raw := await self._connection.read_message()) is not None:
            header, parent, _, content = map(json.loads, deserialize_msg_from_ws_v1(raw)[1][:4])
            message = {"header": header, "parent_header": parent, "content": content}
            self.messages.append(message)
            self._take(message)

    def _take(self, message: dict[str, Any]) -> None:
        parent = message["parent_header"].get("msg_id")
        if parent not in self._replies:
            return
        reply, kind, content = self._replies[parent], message["header"]["msg_type"], message["content"]
        if kind == "stream":
            reply.text += content["text"]
        elif kind == "execute_result":
            reply.text += content["data"]["text/plain"]
        elif kind == "error":
            reply.error += content["evalue"]
        elif kind == "execute_input":
            reply.started.set()
        elif kind == "execute_reply":
            reply.status = content["status"]
        self._waiting[parent].discard(content.get("execution_state", kind) if kind == "status" else kind)
        if not self._waiting[parent]:
            self._done[parent].set()


@dataclass
class Server:
    """A running server."""

    process: subprocess.Popen[bytes]
    url: str
    token: str
    log: Path

    async def request(self, method: str, path: str, body: Any = None) -> HTTPResponse:
        """Send one request; errors come back as responses."""
        request = HTTPRequest(
            f"{self.url}{path}",
            method,
            headers={"Authorization": f"token {self.token}"},
            body=json.dumps(body) if body is not None else None,
            allow_nonstandard_methods=True,
            request_timeout=DEADLINE_SECONDS,
        )
        return await AsyncHTTPClient().fetch(request, raise_error=False)

    async def json(self, method: str, path: str, body: Any = None) -> Any:
        """Send one request that must succeed."""
        response = await self.request(method, path, body)
        assert response.code < 300, (response.code, response.body)
        return json.loads(response.body) if response.body else None

    async def kernelspecs(self) -> dict[str, Any]:
        """List the kernelspecs by name."""
        return dict((await self.json("GET", "api/kernelspecs"))["kernelspecs"])

    async def start_kernel(self, name: str) -> str:
        """Start a kernel and return its id; it may still be pending."""
        return str((await self.json("POST", "api/kernels", {"name": name}))["id"])

    async def kernel_model(self, kernel_id: str) -> dict[str, Any]:
        """Return what the server says of a kernel."""
        return dict(await self.json("GET", f"api/kernels/{kernel_id}"))

    async def until_state(self, kernel_id: str, *states: str) -> dict[str, Any]:
        """Wait until a kernel is in one of these states."""

        async def reached() -> dict[str, Any] | None:
            model = await self.kernel_model(kernel_id)
            return model if model["execution_state"] in states else None

        return dict(await until(f"kernel {kernel_id} is {' or '.join(states)}", reached))

    async def until_logged(self, text: str) -> str:
        """Wait until the log has this text, and return the log."""

        async def logged() -> str | None:
            log = self.log.read_text()
            return log if text in log else None

        return str(await until(f"the log has: {text}", logged))

    def websocket_url(self, kernel_id: str) -> str:
        """Return where a front end opens its websocket to a kernel."""
        return f"{self.url.replace('http', 'ws', 1)}api/kernels/{kernel_id}/channels?token={self.token}"

    @contextlib.asynccontextmanager
    async def kernel(self, kernel_id: str) -> AsyncIterator[Kernel]:
        """Open a websocket to a kernel."""
        request = HTTPRequest(
            self.websocket_url(kernel_id), connect_timeout=DEADLINE_SECONDS, request_timeout=DEADLINE_SECONDS
        )
        connection = await websocket_connect(request, subprotocols=[PROTOCOL])
        kernel = Kernel(connection)
        try:
            yield kernel
        finally:
            kernel.reader.cancel()
            connection.close()

    def kill(self) -> None:
        """Kill the server at once, as `kill -9` does; its kernels live on for a moment."""
        self.process.kill()
        self.process.wait()


def a_free_port() -> int:
    """Return a port to begin with: older servers cannot choose one themselves, all take the next when it is taken."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextlib.contextmanager
def running_server(
    root: Path, *options: str, python: str = sys.executable, at: int | None = None, **run_as: Any
) -> Iterator[Server]:
    """Run a server on ``root`` with nothing configured; it has its own log beside the runtime folder.

    ``at`` is its port, where that matters. ``run_as`` are arguments of `subprocess.Popen` that name another user.
    """
    runtime = Path(os.environ["JUPYTER_RUNTIME_DIR"])
    log = runtime.parent / f"server-{uuid.uuid4().hex[:8]}.log"
    port = f"--ServerApp.port={at or a_free_port()}"
    command = [python, "-m", "jupyter_server", "--allow-root", "--no-browser", port, *options]
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=root, stdout=output, stderr=subprocess.STDOUT, **run_as)
    try:
        yield _server(process, runtime / f"jpserver-{process.pid}.json", log)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(DEADLINE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            raise


def _server(process: subprocess.Popen[bytes], info_file: Path, log: Path) -> Server:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while True:
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        # The file is there a moment before the port is.
        with contextlib.suppress(FileNotFoundError, json.JSONDecodeError, ConnectionRefusedError):
            info = json.loads(info_file.read_text())
            socket.create_connection(("127.0.0.1", info["port"])).close()
            return Server(process, info["url"].replace("localhost", "127.0.0.1"), info["token"], log)
        time.sleep(PAUSE_SECONDS)
