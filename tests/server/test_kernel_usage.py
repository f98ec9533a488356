from __future__ import annotations

import asyncio
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from jupyter_workbench.kernels.remote_process import RemoteProcess
from jupyter_workbench.server import kernel_usage
from jupyter_workbench.server.kernel_usage import Usage, Usages
from jupyter_workbench.targets.base import Consumption


@dataclass
class Elsewhere:
    """Stands for a kernel in a container."""

    uses: Consumption | None

    async def consumption(self) -> Consumption | None:
        return self.uses


def remote(uses: Consumption | None) -> Any:
    return RemoteProcess(Elsewhere(uses))  # type: ignore[arg-type]


async def test_nothing_is_known_of_a_kernel_that_is_not_started_or_has_ended():
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    usages = Usages()
    assert [await usages.of("k", process) for process in (None, ended, remote(None))] == [Usage()] * 3


async def test_the_memory_of_a_process_here_is_told_with_that_of_its_children():
    command = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'print(1, flush=True); input()'])"
    with subprocess.Popen([sys.executable, "-c", command], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None
        parent.stdout.readline()
        both = await Usages().of("k", parent)
        parent.stdin.close()
    assert both.memory is not None
    assert both.memory > 8_000_000


@dataclass
class Clock:
    """A clock that is set, in seconds."""

    time: float = 0.0

    def __call__(self) -> float:
        return self.time


async def test_the_share_of_a_processor_takes_two_looks():
    clock = Clock()
    usages = Usages(clock)
    assert await usages.of("k", remote(Consumption(1000, 1.0))) == Usage(1000, None)
    clock.time = 5.0
    assert await usages.of("k", remote(Consumption(2000, 2.0))) == Usage(2000, 20.0)


async def test_who_asks_again_at_once_is_told_the_same():
    clock = Clock()
    usages = Usages(clock)
    await usages.of("k", remote(Consumption(1000, 1.0)))
    clock.time = 5.0
    of_one_page = await usages.of("k", remote(Consumption(2000, 2.0)))
    clock.time = 5.1
    assert await usages.of("k", remote(Consumption(3000, 9.0))) == of_one_page


async def test_a_kernel_that_was_restarted_has_used_nothing_rather_than_less_than_that():
    clock = Clock()
    usages = Usages(clock)
    await usages.of("k", remote(Consumption(1000, 9.0)))
    clock.time = 5.0
    assert (await usages.of("k", remote(Consumption(1000, 1.0)))).cpu_percent == 0


async def test_a_kernel_that_is_gone_is_forgotten():
    clock = Clock()
    usages = Usages(clock)
    await usages.of("k", remote(Consumption(1000, 1.0)))
    usages.keep_only([])
    clock.time = 5.0
    assert (await usages.of("k", remote(Consumption(1000, 2.0)))).cpu_percent is None


async def test_an_engine_that_thinks_for_long_keeps_nobody_waiting(monkeypatch):
    class Hung:
        async def consumption(self) -> None:
            await asyncio.Event().wait()

    monkeypatch.setattr(kernel_usage, "PATIENCE_SECONDS", 0.01)
    assert await Usages().of("k", RemoteProcess(Hung())) == Usage()  # type: ignore[arg-type]
