"""Start a kernel and restart it, each to its first result, as a server does it.

Imports nothing of ours: the environments of other packages run it, too.
"""

from __future__ import annotations

import time

from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager, ServerKernelManager

DEADLINE_SECONDS = 120


class Subject:
    """One kernel that is started, restarted and shut down over and over."""

    def __init__(self, manager: AsyncMappingKernelManager, name: str) -> None:
        self.manager, self.name, self.kernel_id = manager, name, ""

    @property
    def kernel(self) -> ServerKernelManager:
        """Its manager."""
        return self.manager.get_kernel(self.kernel_id)

    async def start(self) -> float:
        """Return the seconds from the request to the result of the first cell."""
        before = time.perf_counter()
        self.kernel_id = await self.manager.start_kernel(kernel_name=self.name)
        await first_result(self.kernel)
        return time.perf_counter() - before

    async def restart(self) -> float:
        """Return the seconds from the request to restart, to the result of the first cell after it."""
        before = time.perf_counter()
        await self.manager.restart_kernel(self.kernel_id)
        await first_result(self.kernel)
        return time.perf_counter() - before

    async def shut_down(self) -> float:
        """Return the seconds until nothing of it is left."""
        before = time.perf_counter()
        await self.manager.shutdown_kernel(self.kernel_id, now=True)
        return time.perf_counter() - before


async def first_result(kernel: ServerKernelManager) -> None:
    """Wait for the result of a cell, which is sent as soon as the kernel is said to be ready."""
    await run(kernel, "1 + 1")


async def run(kernel: ServerKernelManager, code: str) -> None:
    """Wait for the end of a cell."""
    await kernel.ready
    client = kernel.client()
    client.start_channels(iopub=False, stdin=False, hb=False)
    client.execute(code)
    reply = await client.get_shell_msg(timeout=DEADLINE_SECONDS)
    assert reply["content"]["status"] == "ok", reply["content"]
    client.stop_channels()
