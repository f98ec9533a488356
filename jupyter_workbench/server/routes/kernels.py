"""`/workbench/api/kernels`: the kernels of run configurations, how far one is with its start, and an end to that."""

from __future__ import annotations

import asyncio
from typing import Any

from jupyter_server.utils import ensure_async

from jupyter_workbench.errors import WorkbenchError
from jupyter_workbench.kernels.managers import WorkbenchKernels
from jupyter_workbench.server.kernel_state import KernelState, state_of
from jupyter_workbench.server.routes.base import Answer, WorkbenchHandler, answers


class NoSuchKernel(WorkbenchError):
    """No kernel of a run configuration has that id."""

    http_status = 404


class NothingToCancel(WorkbenchError):
    """A kernel is not being prepared."""

    http_status = 409


class KernelHandler(WorkbenchHandler):
    """Routes of one kernel."""

    async def kernel(self, kernel_id: str) -> KernelState:
        """Return what there is to say of a kernel of ours. Raises NoSuchKernel."""
        return state_of(kernel_id, await our_kernel(self.kernel_manager, kernel_id))


async def our_kernel(kernels: Any, kernel_id: str) -> Any:
    """Return the server's manager of a kernel of ours. Raises NoSuchKernel."""
    if kernel_id not in kernels:
        raise NoSuchKernel(f"expected the id of a kernel of this server, got {kernel_id} - GET /api/kernels lists them")
    kernel = kernels.get_kernel(kernel_id)
    if not isinstance(kernels, WorkbenchKernels) or not await kernels.owns(kernel):
        raise NoSuchKernel(
            f"expected the id of a kernel of a run configuration, got {kernel_id}, "
            f"which is a kernel {kernel.kernel_name} - ask for it at GET /api/kernels/{kernel_id}"
        )
    return kernel


class Kernels(WorkbenchHandler):
    """The kernels of run configurations that this server has."""

    @answers
    async def get(self) -> Answer:
        """List them with what they use now: of a processor since the last request, so null at the first one."""
        kernels = self.kernel_manager
        if not isinstance(kernels, WorkbenchKernels):
            return Answer([])
        everything = [(kernel_id, kernels.get_kernel(kernel_id)) for kernel_id in kernels.list_kernel_ids()]
        ours = [(kernel_id, kernel) for kernel_id, kernel in everything if await kernels.owns(kernel)]
        usages = self.workbench.usages
        usages.keep_only([kernel_id for kernel_id, _ in ours])
        found = await asyncio.gather(*(usages.of(kernel_id, _process(kernel)) for kernel_id, kernel in ours))
        states = [state_of(kernel_id, kernel) for kernel_id, kernel in ours]
        return Answer([{**state.as_json(), **usage.as_json()} for state, usage in zip(states, found, strict=True)])


def _process(kernel: Any) -> Any:
    return getattr(kernel.provisioner, "process", None)  # there is no provisioner before its start


class OneKernel(KernelHandler):
    """The kernel of a run configuration."""

    @answers
    async def get(self, kernel_id: str) -> Answer:
        """Tell how far it is, and why it is dead if it is."""
        return Answer((await self.kernel(kernel_id)).as_json())


class CancelStart(KernelHandler):
    """The end of a start."""

    @answers
    async def post(self, kernel_id: str) -> Answer:
        """Cancel what is being prepared, as Shut Down does: the kernel is gone then."""
        kernel = await self.kernel(kernel_id)
        if kernel.state not in ("preparing", "starting"):
            raise NothingToCancel(
                f"expected a kernel that is being prepared, got one that is {kernel.state} - "
                f"to shut it down: DELETE /api/kernels/{kernel_id}"
            )
        await ensure_async(self.kernel_manager.shutdown_kernel(kernel_id))
        return Answer(None, 204)


HANDLERS = [("kernels", Kernels), ("kernels/([^/]+)", OneKernel), ("kernels/([^/]+)/cancel", CancelStart)]
