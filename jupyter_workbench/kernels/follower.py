"""Follows the records of one kernel process, from its IOPub channel into the run history, until its last one is in."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from typing import Any

import zmq
from jupyter_client.session import Session
from zmq.eventloop.zmqstream import ZMQStream

from jupyter_workbench.history.disk.spool import Spool
from jupyter_workbench.history.intake.collector import Collector
from jupyter_workbench.kernels.packages import KernelPackages
from jupyter_workbench.kernels.starting import Start
from jupyter_workbench.targets.base import Running

RECORDS = "jupyter_workbench_records"
"""The type of our private messages and the ZMQ topic that they come on."""

PATIENCE_SECONDS = 5
"""How long a shutdown waits for the last records: another process may hold the history for longer."""

_MOST_WAITING = 100
"""Messages that wait for files; each may be as large as the kernel likes."""

FOLLOWED: set[str] = set()
"""The streams that this process follows: a sweep leaves them alone, since it does not know how their kernels ended."""

_unfinished: set[asyncio.Task[None]] = set()
"""Event loops keep only weak references to their tasks."""


class Follower:
    """Brings the records of one kernel process into the run history.

    Only our topic is subscribed to: a flood of the user's output costs nothing here and crowds out no record.
    """

    def __init__(self, spool: Spool, collector: Collector, packages: KernelPackages, log: logging.Logger) -> None:
        self._spool, self._collector, self._packages, self._log = spool, collector, packages, log
        FOLLOWED.add(spool.stream)
        self._stream: ZMQStream | None = None
        self._session: Session | None = None
        self._wanted_end: str | None = None
        self._looking: asyncio.Task[str | None] | None = None
        self._settling: asyncio.Task[None] | None = None
        self._exit_code: int | None = None
        self._why: str | None = None
        self._running: Running | None = None
        self._to_bring: list[dict[str, Any]] = []
        self._has_complained = False
        self._bringing: asyncio.Task[None] | None = None

    @classmethod
    def of(cls, start: Start, log: logging.Logger) -> Follower | None:
        """Return the follower of a start, or None for one that keeps no records."""
        if start.spool is None or start.data is None:
            return None
        packages = KernelPackages(start.python, start.environment, is_elsewhere=start.elsewhere is not None)
        return cls(start.spool, Collector(start.data, start.spool, packages), packages, log)

    def follow(self, kernel_manager: Any, running: Running | None = None) -> None:
        """Listen to the kernel from now on. Managers without an event loop are not listened to: the spool has all.

        ``running`` is asked for its packages, and for its files when the kernel tells of more than a message carries.
        """
        self._running = self._packages.running = running
        stream = kernel_manager.connect_iopub()
        if not isinstance(stream, ZMQStream):
            stream.close()
            return
        stream.socket.setsockopt(zmq.UNSUBSCRIBE, b"")
        stream.socket.setsockopt(zmq.SUBSCRIBE, RECORDS.encode())
        # A session of our own: the manager's would take a message of ours for a duplicate of the server's copy.
        self._session = Session(config=kernel_manager.session.config, key=kernel_manager.session.key)
        self._stream = stream
        stream.on_recv(self._receive)

    def end_is_wanted(self, what: str) -> None:
        """Remember that the user ``what`` (restarted, shut down) the kernel: its death is no accident."""
        self._wanted_end = what

    def ended(self, exit_code: int, why: str | None = None) -> str | None:
        """Note the end of the process, once, and bring in its last records. Called on the event loop.

        ``why`` is what its place knows of the end beyond the exit code. Returns `death` the first time.
        """
        if self._settling is not None:
            return None
        self._exit_code, self._why = exit_code, why
        self._begin_to_settle()
        return self.death

    @property
    def death(self) -> str | None:
        """How the process died, in words; None while it lives and where its end was wanted."""
        return (
            self._why or describe_exit(self._exit_code)
            if self._exit_code is not None and not self._wanted_end
            else None
        )

    async def finish(self) -> None:
        """Return once everything that the process wrote is in the history, or when that takes too long.

        Then it is brought in meanwhile, or by a later sweep: the spool has it.
        """
        settling = self._settling or self._begin_to_settle()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(asyncio.shield(settling), PATIENCE_SECONDS)

    async def why_never_ready(self) -> str | None:
        """Return why the process ended before it was a kernel, or None when it was one or when the end was wanted."""
        if self._looking is None:
            self._begin_to_settle()
        assert self._looking is not None
        reason = await asyncio.shield(self._looking)
        return reason if self._wanted_end is None else None

    def _begin_to_settle(self) -> asyncio.Task[None]:
        self._looking = asyncio.create_task(asyncio.to_thread(self._look_for_failure))
        self._settling = asyncio.create_task(self._settle(self._looking))
        _unfinished.add(self._settling)
        self._settling.add_done_callback(_unfinished.discard)
        return self._settling

    def _receive(self, frames: list[bytes]) -> None:
        assert self._session is not None
        try:
            content = self._session.deserialize(self._session.feed_identities(frames)[1])["content"]
        except Exception as error:  # a boundary: a kernel says what it likes, and this stream has to go on
            if not self._has_complained:
                self._has_complained = True
                self._log.warning("A message about runs was not understood (%s); the spool has its records.", error)
            return
        if self._running is not None and _has_outputs(content):
            self._begin_to_bring(content)
        else:
            self._collector.receive(content)

    def _begin_to_bring(self, content: dict[str, Any]) -> None:
        """Bring in the files that a message tells of, then take the message."""
        if len(self._to_bring) == _MOST_WAITING:
            self._to_bring = [{"stream": self._spool.stream}]  # has the spool read, which has all of them
        else:
            self._to_bring.append(content)
        if self._bringing is None or self._bringing.done():
            self._bringing = asyncio.create_task(self._bring())
            _unfinished.add(self._bringing)
            self._bringing.add_done_callback(_unfinished.discard)

    async def _bring(self) -> None:
        """Bring in the files of all messages that have come meanwhile at once."""
        assert self._running is not None
        while self._to_bring:
            contents, self._to_bring = self._to_bring, []
            try:
                await self._running.outputs()
            except Exception as error:  # they come when the kernel ends, if they can
                self._log.warning("What the kernel saved cannot be brought in now: %s", error)
            for content in contents:
                self._collector.receive(content)

    async def _settle(self, looking: asyncio.Task[str | None]) -> None:
        if self._stream is not None:
            self._stream.close()
            self._stream = None
        await looking  # before the spool is removed
        try:
            await self._collector.settle(self._reason())
        finally:
            await self._collector.close()
            FOLLOWED.discard(self._spool.stream)

    def _look_for_failure(self) -> str | None:
        error = self._spool.start_error()
        if error is None and not self._spool.was_ready():
            return (
                f"The kernel's process ended before it was ready ({self._why or describe_exit(self._exit_code)}).\n"
                f"What it said is in the log of the server."
            )
        return error

    def _reason(self) -> str:
        if self._wanted_end is not None:
            return f"The kernel was {self._wanted_end} before the cell ended."
        return f"The kernel died before the cell ended ({self._why or describe_exit(self._exit_code)})."


def _has_outputs(content: object) -> bool:
    """Tell whether a message tells of a file, or of records that only the kernel's own file holds."""
    if not isinstance(content, dict):
        return False
    data = content.get("data")
    return '"e":"output"' in data if isinstance(data, str) else True


def describe_exit(code: int | None) -> str:
    """Return an exit code in words, such as ``killed by SIGKILL`` for -9."""
    if code is None:
        return "exit code unknown"
    if code < 0:
        try:
            return f"killed by {signal.Signals(-code).name}"
        except ValueError:
            return f"killed by signal {-code}"
    return f"exit code {code}"
