"""Hands the files of Maven repositories to Java: a server on loopback that only who knows its address can ask."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from types import TracebackType
from typing import Any
from urllib.parse import unquote

from .repositories import Answer, Repositories, Unreachable, pieces_of

MOST_IN_MEMORY = 1024 * 1024


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
            if found is not None and found.size is None and not only_look:
                found = whole(found)
        except Unreachable as error:
            self._note(number, path, error)
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
            if only_look:
                return
            try:
                self._pass_on(found, path.rpartition("/")[2], answer.wfile)
            except Unreachable as error:  # Java sees that it got less than was announced
                self._note(number, path, error)
                answer.close_connection = True

    def _note(self, number: int, path: str, error: Unreachable) -> None:
        with self.lock:
            self.failures.append((number, path, str(error)))

    def _pass_on(self, found: Answer, name: str, target: Any) -> None:
        done = 0
        for piece in pieces_of(found):
            target.write(piece)
            done += len(piece)
            if name.endswith(".jar"):
                self.say(f"Fetching {name}", done, found.size, "bytes")


def whole(found: Answer) -> Answer:
    """Read a file whose size nobody said, which Java could not tell from one that breaks off. Raises Unreachable."""
    file = tempfile.SpooledTemporaryFile(MOST_IN_MEMORY)  # noqa: SIM115 - who passes it on closes it
    with found.stream:
        for piece in pieces_of(found):
            file.write(piece)
    size = file.tell()
    file.seek(0)
    return Answer(file, size)


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
