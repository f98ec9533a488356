"""The next process of a kernel that restarts: begun beside the former one, and never left behind."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

from jupyter_workbench.errors import TargetError
from jupyter_workbench.kernels.ahead import Ahead, call_off, go_ahead
from jupyter_workbench.kernels.starting import Start

LOG = logging.getLogger("test")
START = Start(argv=[], environment={}, directory=Path())


class Process:
    """A process that has begun."""

    is_discarded = False

    async def take_over(self):
        raise AssertionError("nobody lets it take over here")

    async def discard(self):
        self.is_discarded = True


async def prepared() -> Start:
    return START


async def test_what_the_place_refuses_is_the_reason_of_the_restart():
    async def refuse(start: Start) -> None:
        raise TargetError("The engine has no GPU.")

    with pytest.raises(TargetError, match="The engine has no GPU"):
        await go_ahead(prepared(), refuse, LOG)


async def test_a_restart_that_never_comes_leaves_no_process():
    process = Process()

    async def begin(start: Start) -> Process:
        return process

    task = asyncio.create_task(go_ahead(prepared(), begin, LOG))
    await asyncio.wait([task])
    await call_off(task, LOG)
    assert process.is_discarded


async def test_a_preparation_that_is_called_off_begins_nothing():
    begun = []

    async def prepare_for_ever() -> Start:
        await asyncio.Event().wait()
        return START

    async def begin(start: Start) -> None:
        begun.append(start)

    task = asyncio.create_task(go_ahead(prepare_for_ever(), begin, LOG))
    await asyncio.sleep(0)
    await call_off(task, LOG)
    assert task.cancelled()
    assert begun == []


async def test_a_process_that_cannot_be_ended_is_told_in_the_log(caplog):
    class Stubborn(Process):
        async def discard(self):
            raise RuntimeError("no")

    async def ahead() -> Ahead:
        return Ahead(START, None, Stubborn())

    task = asyncio.create_task(ahead())
    await asyncio.wait([task])
    await call_off(task, LOG)
    assert caplog.messages == ["What was begun for a restart could not be ended."]
