"""A process of this machine that stands for a kernel elsewhere: its signals are the kernel's, so is its exit code."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from jupyter_workbench.errors import TargetError
from jupyter_workbench.kernels.starting import Start
from jupyter_workbench.targets.base import KernelProcess, Running

T = TypeVar("T")

PASSED_ON = (signal.SIGINT, signal.SIGTERM)
PARENT_SECONDS = 1.0

_PARENT = os.getppid()
"""The client, or what started this process for it."""


class EndedBySignal(Exception):
    """A signal came, or the client went, before there was a kernel that it could be passed on to."""

    def __init__(self, number: int) -> None:
        super().__init__(f"ended by signal {number}")
        self.number = number


async def unless_ended(work: Coroutine[Any, Any, T]) -> T:
    """Do what comes before the kernel; a signal ends it, and so does the end of the client: raises `EndedBySignal`."""
    task = asyncio.ensure_future(work)
    ended_by: list[int] = []

    def end(number: int) -> None:
        ended_by.append(number)
        task.cancel()

    _on_signals(end)
    orphaned = asyncio.create_task(_parent_gone())
    orphaned.add_done_callback(lambda done: None if done.cancelled() else end(signal.SIGTERM))
    try:
        return await task
    except asyncio.CancelledError:
        if not ended_by:
            raise
        raise EndedBySignal(ended_by[0]) from None
    finally:
        orphaned.cancel()


async def start_kernel(start: Start, kernel_id: str, connection_file: Path) -> Running:
    """Start the kernel of ``start`` with a client's connection file. Raises `TargetError`."""
    assert start.elsewhere is not None
    assert start.spool is not None
    connection = json.loads(await asyncio.to_thread(connection_file.read_text))
    if connection.get("transport") != "tcp":
        raise TargetError(
            f"expected a connection file with transport tcp, got {connection.get('transport')} - "
            "leave the transport of the client at its default"
        )
    return await start.elsewhere.start(KernelProcess(kernel_id, start.argv, connection, start.spool.folder))


async def stand_in_for(running: Running) -> int:
    """Pass signals on to a kernel until it has ended and nothing of it is left; returns its exit code."""
    tasks: set[asyncio.Future[None]] = set()

    def pass_on(number: int) -> None:
        task = asyncio.ensure_future(running.signal(number))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    _on_signals(pass_on)
    orphaned = asyncio.create_task(_end_with_the_parent(running))
    try:
        code = await running.wait()
        await running.gone()
        return code
    finally:
        orphaned.cancel()


def exit_as(code: int) -> NoReturn:
    """End this process as the kernel ended: with its exit code, or by its signal."""
    if -code in set(signal.Signals) and os.name != "nt":
        if -code != signal.SIGKILL:
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    sys.exit(code & 0xFF)


def _on_signals(do: Callable[[int], None]) -> None:
    with contextlib.suppress(NotImplementedError):  # Windows has none that could come
        for number in PASSED_ON:
            asyncio.get_running_loop().add_signal_handler(number, do, number)


async def _end_with_the_parent(running: Running) -> None:
    """End the kernel when the client that started this process is gone: the kernel would not notice."""
    await _parent_gone()
    await running.signal(signal.SIGTERM)


async def _parent_gone() -> None:
    while os.getppid() == _PARENT:  # noqa: ASYNC110 - nothing tells a process that its parent ended
        await asyncio.sleep(PARENT_SECONDS)
