"""The outputs of a run, sent as they were kept: piece by piece from a thread, to be stored and never to be shown.

A kernel wrote them, so a browser must neither run them nor guess what they are.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from tornado.iostream import StreamClosedError

from jupyter_workbench.errors import WorkbenchError
from jupyter_workbench.history.location import ProjectData
from jupyter_workbench.history.reading.outputs import open_output
from jupyter_workbench.server.ranges import NoRangeInside, Span, is_another, is_unchanged, spans
from jupyter_workbench.server.routes.base import Answer, answers
from jupyter_workbench.server.routes.runs.asking import RunsHandler, in_a_thread, named
from jupyter_workbench.server.routes.runs.content import Content, ShortFile, attachment

CRLF = "\r\n"


class NoSuchRange(WorkbenchError):
    """The content has no byte of what was asked for."""

    http_status = 416


class AnotherContent(WorkbenchError):
    """The output does not have the content that was asked for any more."""

    http_status = 412


class Output(RunsHandler):
    """The content of an output."""

    @property
    def content_security_policy(self) -> str:
        """Return a policy that shuts the content in, should a browser show it after all. Called by jupyter_server."""
        return f"{super().content_security_policy}; sandbox"

    def compute_etag(self) -> None:
        """Leave the hash of each answer out: the content has a name already. Called by tornado."""

    @answers
    async def get(self, run_id: str, path: str) -> Answer | None:
        """Send it, or the ranges of it that are asked for."""
        self.check_xsrf_cookie()  # for GET too, as jupyter_server does for files: a Referer of ours is enough
        self.query()
        content = await self.ask(lambda data: _opened(data, run_id, path))
        try:
            return await self._send(content)
        finally:
            await in_a_thread(content.file.close)

    head = get

    async def _send(self, content: Content) -> Answer | None:
        headers = self.request.headers
        if is_another(headers, content.etag):
            raise AnotherContent(
                f"expected {content.path} with the content {headers['If-Match']}, got {content.etag} - ask for it anew"
            )
        self.set_header("ETag", content.etag)
        self.set_header("Cache-Control", "private, no-cache")  # the same path may get another content
        if is_unchanged(headers, content.etag):
            return Answer(None, 304)
        wanted = None if self.request.method == "HEAD" else self._wanted(content)
        self.set_header("Accept-Ranges", "bytes")
        self.set_header("Content-Disposition", attachment(content.path.rpartition("/")[2]))
        self.set_header("X-Content-Type-Options", "nosniff")
        if wanted is None:
            await self._stream(content, [(b"", Span(0, content.size - 1))])
        elif len(wanted) == 1:
            self.set_status(206)
            self.set_header("Content-Range", wanted[0].of(content.size))
            await self._stream(content, [(b"", wanted[0])])
        else:
            self.set_status(206)
            await self._stream_parts(content, wanted)
        return None

    def _wanted(self, content: Content) -> list[Span] | None:
        try:
            return spans(self.request.headers, content.etag, content.size)
        except NoRangeInside:
            self.set_header("Content-Range", f"bytes */{content.size}")
            raise NoSuchRange(
                f"Range: expected bytes of the {content.size} that {content.path} has, "
                f"got {self.request.headers['Range']} - ask for some of these"
            ) from None

    async def _stream_parts(self, content: Content, wanted: Sequence[Span]) -> None:
        """Send several ranges as RFC 9110 has it (14.6)."""
        boundary = secrets.token_hex(16)
        parts: list[tuple[bytes, Span]] = []
        for span in wanted:
            start = "\r\n" if parts else ""
            lines = f"--{boundary}", f"Content-Type: {content.type}", f"Content-Range: {span.of(content.size)}", "", ""
            parts.append((f"{start}{CRLF.join(lines)}".encode(), span))
        kind = f"multipart/byteranges; boundary={boundary}"
        await self._stream(content, parts, f"\r\n--{boundary}--\r\n".encode(), kind)

    async def _stream(
        self, content: Content, parts: Sequence[tuple[bytes, Span]], end: bytes = b"", kind: str | None = None
    ) -> None:
        """Send each span after the bytes before it, as fast as the client takes it."""
        self.set_header("Content-Type", kind or content.type)
        self.set_header("Content-Length", sum(len(before) + span.length for before, span in parts) + len(end))
        try:
            for before, span in parts if self.request.method != "HEAD" else ():
                self.write(before)
                at = span.first
                while at <= span.last:
                    piece = await in_a_thread(content.piece, at, span.last - at + 1)
                    at += len(piece)
                    self.write(piece)
                    await self.flush()
            self.finish(end, set_content_type=kind or content.type)
        except StreamClosedError:
            return  # nobody listens any more
        except (OSError, ShortFile):
            self.log.exception("jupyter_workbench: the output %s is sent in part only", content.path)
            self._break_off()

    def _break_off(self) -> None:
        """Let the client see that what it got is not all: the status is on its way already."""
        connection: Any = self.request.connection
        connection.close()


def _opened(data: ProjectData, run_id: str, path: str) -> Content:
    return Content(*open_output(data, named(data, run_id), path), path)


HANDLERS = [("runs/([^/]+)/outputs/(.+)", Output)]
