"""A server that stops finishes what it has begun, whether it has kernels or not."""

from __future__ import annotations

from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager

from jupyter_workbench.kernels.managers import with_workbench_kernels


async def test_a_manager_without_kernels_is_asked_to_shut_down_too():
    manager = with_workbench_kernels(AsyncMappingKernelManager)()
    said = []

    async def finish() -> None:
        said.append("finished")

    manager.at_shutdown.append(finish)
    assert manager, "ServerApp.cleanup_kernels takes one that is false for none"
    await manager.shutdown_all()
    assert said == ["finished"]
