"""Any class of the server's websockets to kernels, with what ours need: wait until the kernel is there to talk to."""

from __future__ import annotations

from typing import Any

from jupyter_server.services.kernels.connection.base import BaseKernelWebsocketConnection
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyter_server.utils import ensure_async
from tornado import web

from jupyter_workbench.kernels.managers import WorkbenchKernels, failure_of
from jupyter_workbench.kernels.starting import reason_of


class WorkbenchConnection(BaseKernelWebsocketConnection):
    """Makes the class that it is put before wait for our kernels; websockets to others are left alone.

    A pending kernel has no ports at first: a class that connects at once talks to port 0 for ever.
    """

    async def prepare(self) -> None:
        """Wait for the kernel. Called by the server before it accepts the websocket; 500 when the start failed."""
        kernels = self.multi_kernel_manager
        if isinstance(kernels, WorkbenchKernels) and await kernels.owns(self.kernel_manager):
            error = await failure_of(self.kernel_manager)
            if error is not None:
                raise web.HTTPError(500, reason_of(error)) from error
            if getattr(self.websocket_handler, "connection", self) is not self:  # the server has disconnected us
                raise web.HTTPError(400, "The websocket was closed while its kernel was being prepared.")
        theirs: Any = getattr(super(), "prepare", None)
        if theirs is not None:
            await ensure_async(theirs())


def with_workbench_connections(base: type[BaseKernelWebsocketConnection]) -> type[BaseKernelWebsocketConnection]:
    """Return ``base`` with the wait added; a class that waits already, as the server's own, comes back as it is."""
    waits = getattr(base, "prepare", None) is ZMQChannelsWebsocketConnection.prepare
    if waits or issubclass(base, WorkbenchConnection):
        return base
    return type(f"Workbench{base.__name__}", (WorkbenchConnection, base), {"__module__": __name__})
