"""One request to whatever listens at a kernel's socket: bounded in time and size, and not led elsewhere by links.

HTTP/1.0 is spoken, so an answer ends with its length or with the connection, and there is nothing else to decode.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import stat
from collections.abc import AsyncIterator, Awaitable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from jupyter_workbench.targets.docker.running.folders import is_own

T = TypeVar("T")

MOST_HEAD = 64 << 10
"""Bytes of a status line and its headers."""

MOST_BODY = 512 << 20
BLOCK = 64 << 10
PATIENCE_SECONDS = 60.0
"""How long it may say nothing: Spark may be slow to put a page together while its jobs take every core."""

_STATUS = re.compile(rb"HTTP/1\.[01] ([2-5]\d\d)(?: [^\r\n]*)?\Z")
_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*\Z")
_LENGTH = re.compile(r"\d{1,15}\Z", re.ASCII)


class NobodyThere(Exception):
    """No socket of this user's is there, or nobody listens at it."""


class BadAnswer(Exception):
    """What came is no answer, is too large, or took too long; the message says which."""


@dataclass(frozen=True)
class Answer:
    """The head of an answer, with header names in lower case; the last one of a name counts."""

    status: int
    headers: Mapping[str, str]
    length: int | None
    _reader: asyncio.StreamReader
    _writer: asyncio.StreamWriter

    async def blocks(self) -> AsyncIterator[bytes]:
        """Yield the body; nothing is read ahead of who takes it. Raises BadAnswer when it is cut off."""
        got = 0
        while self.length is None or got < self.length:
            block = await self._block(BLOCK if self.length is None else min(BLOCK, self.length - got))
            if not block:
                if self.length is not None:
                    raise BadAnswer("it ended too early")
                return
            got += len(block)
            if got > MOST_BODY:
                raise BadAnswer(f"it is larger than {MOST_BODY >> 20} MiB")
            yield block

    async def _block(self, most: int) -> bytes:
        try:
            return await _in_time(self._reader.read(most))
        except OSError as error:
            raise BadAnswer("it ended too early") from error

    def abandon(self) -> None:
        """Let go of the connection: whoever waits for a block gets none any more."""
        self._writer.transport.abort()


@contextlib.asynccontextmanager
async def ask(place: Path, method: str, target: str, headers: Mapping[str, str]) -> AsyncIterator[Answer]:
    """Send one request without a body, and give the answer as soon as its head is there.

    ``target`` and ``headers`` must be fit for a request's head. Raises NobodyThere and BadAnswer.
    """
    reader, writer = await _connect(place)
    try:
        lines = [f"{method} {target} HTTP/1.0", *(f"{name}: {value}" for name, value in headers.items())]
        writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
        yield _answer(method, await _head(reader), reader, writer)
    finally:
        writer.transport.abort()


async def _connect(place: Path) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if not hasattr(asyncio, "open_unix_connection"):  # Windows
        raise NobodyThere
    try:
        with _pinned(place) as address:
            return await asyncio.wait_for(asyncio.open_unix_connection(address, limit=MOST_HEAD), PATIENCE_SECONDS)
    except (OSError, asyncio.TimeoutError) as error:
        raise NobodyThere from error


@contextlib.contextmanager
def _pinned(place: Path) -> Iterator[str]:
    """Give an address of the socket that is at ``place``, which stays that one whatever a kernel puts there meanwhile.

    Raises OSError for anything but a socket of this user's in a folder that nobody else can reach.
    """
    if not is_own(place.parent.parent) or not stat.S_ISDIR(place.parent.lstat().st_mode):
        raise NotADirectoryError(f"{place.parent} is not a folder of this user's")
    if not hasattr(os, "O_PATH"):  # not Linux: no container shares a socket, and other kernels are the user
        _check(place.lstat())
        yield str(place)
        return
    descriptor = os.open(place, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        _check(os.fstat(descriptor))
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)


def _check(found: os.stat_result) -> None:
    if not stat.S_ISSOCK(found.st_mode) or found.st_uid != os.getuid():
        raise PermissionError("not a socket of this user's")


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await _in_time(reader.readuntil(b"\r\n\r\n"))
    except asyncio.IncompleteReadError as error:
        if not error.partial:
            raise NobodyThere from error  # the forwarder lives, Spark does not
        raise BadAnswer("it ended too early") from error
    except OSError as error:  # the same without a good-bye, or the queue of the socket was full
        raise NobodyThere from error
    except asyncio.LimitOverrunError as error:
        raise BadAnswer("its headers are too long") from error


async def _in_time(work: Awaitable[T]) -> T:
    try:
        return await asyncio.wait_for(work, PATIENCE_SECONDS)
    except asyncio.TimeoutError as error:
        raise BadAnswer(f"nothing came for {PATIENCE_SECONDS:.0f} s") from error


def _answer(method: str, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Answer:
    first, *rest = head[:-4].split(b"\r\n")
    status = _STATUS.match(first)
    headers: dict[str, str] = {}
    for line in rest:
        header = _HEADER.match(line)
        if header is None or status is None:
            raise BadAnswer("it is not HTTP")
        name = header[1].decode("ascii").lower()
        if name == "content-length" and headers.get(name, header[2].decode("latin-1")) != header[2].decode("latin-1"):
            raise BadAnswer("it is not HTTP")
        headers[name] = header[2].decode("latin-1")
    if status is None or "transfer-encoding" in headers:
        raise BadAnswer("it is not HTTP/1.0")
    return Answer(int(status[1]), headers, _length(method, int(status[1]), headers), reader, writer)


def _length(method: str, status: int, headers: Mapping[str, str]) -> int | None:
    """Return how many bytes come, None where the end of the connection will tell."""
    told = headers.get("content-length")
    if told is not None and not _LENGTH.match(told):
        raise BadAnswer("it is not HTTP")
    if method == "HEAD" or status in (204, 304):
        return 0
    return None if told is None else int(told)
