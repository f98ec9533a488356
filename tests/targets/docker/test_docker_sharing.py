"""Work that is shared: done once, heard by all, given up with the last who wants it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from jupyter_workbench.targets.docker.building.sharing import Shared
from jupyter_workbench.targets.docker.engines.undisturbed import undisturbed
from jupyter_workbench.targets.progress import Progress, Report, quiet

STEP = Progress("environment", "Resolving packages")


class Work:
    """Waits until it is let go."""

    def __init__(self) -> None:
        self.go_on = asyncio.Event()
        self.has_begun = asyncio.Event()
        self.undone = asyncio.Event()
        self.times = 0

    async def __call__(self, report: Report) -> str:
        self.times += 1
        report(STEP)
        self.has_begun.set()
        try:
            await self.go_on.wait()
        except asyncio.CancelledError:
            await asyncio.sleep(0)
            self.undone.set()
            raise
        return "done"


async def test_it_is_done_once_and_heard_by_who_comes_late() -> None:
    work, heard = Work(), []
    shared = Shared(work)
    first = asyncio.create_task(shared.join(quiet))
    await work.has_begun.wait()
    second = asyncio.create_task(shared.join(heard.append))
    await asyncio.sleep(0)
    work.go_on.set()

    assert [await first, await second, work.times] == ["done", "done", 1]
    assert heard == [STEP]


async def test_who_comes_late_hears_what_was_said() -> None:
    heard: list[Progress] = []
    go_on = asyncio.Event()

    async def work(report: Report) -> None:
        for line in ("Resolved 1 package in 2ms", " + six==1.16.0"):
            report(replace(STEP, said=(line,)))
        await go_on.wait()

    shared = Shared(work)
    first = asyncio.create_task(shared.join(quiet))
    await asyncio.sleep(0)
    second = asyncio.create_task(shared.join(heard.append))
    await asyncio.sleep(0)
    go_on.set()
    await asyncio.gather(first, second)

    assert heard == [replace(STEP, said=("Resolved 1 package in 2ms", " + six==1.16.0"))]


async def test_one_who_is_cancelled_leaves_it_to_the_others() -> None:
    work = Work()
    shared = Shared(work)
    first, second = asyncio.create_task(shared.join(quiet)), asyncio.create_task(shared.join(quiet))
    await work.has_begun.wait()
    first.cancel()
    await asyncio.wait([first])
    work.go_on.set()

    assert first.cancelled()
    assert await second == "done"


async def test_the_last_one_who_is_cancelled_waits_until_it_is_undone() -> None:
    work = Work()
    shared = Shared(work)
    only = asyncio.create_task(shared.join(quiet))
    await work.has_begun.wait()
    only.cancel()

    with pytest.raises(asyncio.CancelledError):
        await only
    assert work.undone.is_set()
    assert shared.is_over


async def test_it_cannot_be_joined_while_it_is_undone() -> None:
    work = Work()
    shared = Shared(work)
    only = asyncio.create_task(shared.join(quiet))
    await work.has_begun.wait()
    only.cancel()
    await asyncio.sleep(0)

    assert shared.is_over
    assert not work.undone.is_set()
    await asyncio.wait([only])


async def test_its_error_is_everybodys() -> None:
    async def fail(report: Report) -> None:
        raise ValueError("no")

    shared = Shared(fail)
    results = await asyncio.gather(shared.join(quiet), shared.join(quiet), return_exceptions=True)

    assert list(map(str, results)) == ["no", "no"]


async def test_undoing_is_finished_however_often_it_is_cancelled() -> None:
    go_on, undone = asyncio.Event(), asyncio.Event()

    async def undo() -> None:
        await go_on.wait()
        undone.set()

    task = asyncio.create_task(undisturbed(undo()))
    for _ in range(3):
        await asyncio.sleep(0)
        task.cancel()
    go_on.set()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert undone.is_set()
