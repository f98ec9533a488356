"""A process of this machine that stands for a kernel elsewhere: its signals are the kernel's, so is its exit code."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import NoReturn

from jupyter_workbench.errors import TargetError
from jupyter_workbench.kernels.starting import Start
from jupyter_workbench.targets.base import KernelProcess, Running

PASSED_ON = (signal.SIGINT, signal.SIGTERM)
PARENT_SECONDS = 1.0


async def stand_in_for(start: Start, kernel_id: str, connection_file: Path) -> int:
    """Start the kernel of ``start`` with a client's connection file, and return its exit code when it has ended."""
    assert start.elsewhere is not None
    assert start.spool is not None
    connection = json.loads(await asyncio.to_thread(connection_file.read_text))
    if connection.get("transport") != "tcp":
        raise TargetError(
            f"expected a connection file with transport tcp, got {connection.get('transport')} - "
            "leave the transport of the client at its default"
        )
    process = KernelProcess(kernel_id, start.argv, connection, start.spool.folder)
    starting = asyncio.create_task(start.elsewhere.start(process))
    _while_starting(starting)
    running = await starting
    _pass_signals_on(running)
    orphaned = asyncio.create_task(_end_with_the_parent(running))
    try:
        return await running.wait()
    finally:
        orphaned.cancel()


def exit_as(code: int) -> NoReturn:
    """End this process as the kernel ended: with its exit code, or by its signal."""
    if code < 0 and os.name != "nt":
        if -code != signal.SIGKILL:
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    sys.exit(code)


def _while_starting(starting: asyncio.Task[Running]) -> None:
    for number in PASSED_ON:
        asyncio.get_running_loop().add_signal_handler(number, starting.cancel)


def _pass_signals_on(running: Running) -> None:
    tasks = set()

    def pass_on(number: int) -> None:
        task = asyncio.ensure_future(running.signal(number))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    for number in PASSED_ON:
        asyncio.get_running_loop().add_signal_handler(number, pass_on, number)


async def _end_with_the_parent(running: Running) -> None:
    """End the kernel when the client that started this process is gone: the kernel would not notice."""
    parent = os.getppid()
    while os.getppid() == parent:  # noqa: ASYNC110 - nothing tells a process that its parent ended
        await asyncio.sleep(PARENT_SECONDS)
    await running.signal(signal.SIGTERM)
