"""Work that Ctrl-C ends in order: what it has begun is undone before the command exits."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Coroutine
from typing import Any, TypeVar

import click

from jupyter_workbench.cli.progress import ERASE_LINE

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine. Ctrl-C and SIGTERM cancel it; a second one does not wait for it any more.

    Raises KeyboardInterrupt, which becomes exit code 130, once the cancelled work is over.
    """
    return asyncio.run(_until_interrupted(work))


async def _until_interrupted(work: Coroutine[Any, Any, T]) -> T:
    loop = asyncio.get_running_loop()
    task = loop.create_task(work)
    interrupted = False

    def interrupt(number: signal.Signals) -> None:
        nonlocal interrupted
        interrupted = True
        loop.remove_signal_handler(number)
        click.echo(f"{ERASE_LINE if sys.stderr.isatty() else ''}Cancelling ...", err=True)
        task.cancel()

    signals = (signal.SIGINT, signal.SIGTERM)
    try:
        for number in signals:
            loop.add_signal_handler(number, interrupt, number)
    except NotImplementedError:  # Windows: there Ctrl-C raises KeyboardInterrupt by itself
        return await task
    try:
        return await task
    except asyncio.CancelledError:
        if interrupted:
            raise KeyboardInterrupt from None
        raise
    finally:
        for number in signals:
            loop.remove_signal_handler(number)
