"""Hands the files of Maven repositories to Java: a server on loopback that only who knows its address can ask."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from types import TracebackType
from typing import Any
from urllib.parse import unquote

from .repositories import Repositories, Unreachable

PIECE = 256 * 1024


class Relay:
    """A server for the time of a ``with``; ``failures`` are (number of the repository, path, why)."""

    def __init__(self, repositories: Repositories, say: Callable[..., None]) -> None:
        self.repositories = repositories
        self.say = say
        self.failures: list[tuple[int, str, str]] = []
        self.token = secrets.token_hex(16)
        self.lock = Lock()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(self))
        self.server.daemon_threads = True

    def address(self, number: int) -> str:
        """Return where a repository is for Java."""
        return f"http://127.0.0.1:{self.server.server_address[1]}/{self.token}/{number}/"

    def __enter__(self) -> Relay:
        """Begin to serve."""
        Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End."""
        self.server.shutdown()
        self.server.server_close()

    def fetch(self, number: int, path: str, answer: Any, *, only_look: bool) -> None:
        """Answer one request."""
        with self.lock:
            is_out = any(number == failed for failed, _, _ in self.failures)
        if is_out:  # its time was used up
            answer.send_error(503)
            return
        try:
            found = self.repositories.open(number, path, only_look=only_look)
        except Unreachable as error:
            with self.lock:
                self.failures.append((number, path, str(error)))
            answer.send_error(503)
            return
        if found is None:
            answer.send_error(404)
            return
        with found.stream:
            answer.send_response(200)
            if found.size is not None:
                answer.send_header("Content-Length", str(found.size))
            answer.end_headers()
            if not only_look:
                self._pass_on(found.stream, found.size, path.rpartition("/")[2], answer.wfile)

    def _pass_on(self, source: Any, size: int | None, name: str, target: Any) -> None:
        if not name.endswith(".jar") or not size:
            shutil.copyfileobj(source, target, PIECE)
            return
        done = 0
        for piece in iter(lambda: source.read(PIECE), b""):
            target.write(piece)
            done += len(piece)
            self.say(f"Fetching {name}", done, size, "bytes")


def handler_of(relay: Relay) -> type[BaseHTTPRequestHandler]:
    """Return what a server makes for each request to a relay."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer(only_look=False)

        def do_HEAD(self) -> None:
            self.answer(only_look=True)

        def answer(self, *, only_look: bool) -> None:
            _, token, number, path = [*unquote(self.path.partition("?")[0]).split("/", 3), "", "", ""][:4]
            if not secrets.compare_digest(token.encode(), relay.token.encode()) or ".." in path.split("/"):
                self.send_error(404)
                return
            relay.fetch(int(number), path, self, only_look=only_look)

        def log_message(self, *_: Any) -> None:
            """Say nothing: what matters is remembered."""

    return Handler
