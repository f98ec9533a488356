"""Any manager of the server's kernels, with what ours need: start while pending, cancel, and say why they failed."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import Awaitable, Callable, Iterator
from contextvars import ContextVar
from typing import Any, cast

import zmq
from jupyter_server.services.kernels.kernelmanager import MappingKernelManager
from jupyter_server.utils import ensure_async
from tornado import web
from traitlets import Bool

from jupyter_workbench.errors import StartCancelled, WorkbenchError
from jupyter_workbench.kernels.follower import RECORDS
from jupyter_workbench.kernels.provisioner import WorkbenchProvisioner
from jupyter_workbench.kernels.specs import WorkbenchSpecs
from jupyter_workbench.kernels.starting import reason_of

RECONNECT_MILLISECONDS = 10
"""ZeroMQ waits 100 ms before it connects again: longer than a kernel that restarts needs for its first output."""

_pending_now: ContextVar[bool] = ContextVar("pending_now", default=False)


class _PendingForOurs(Bool):  # type: ignore[type-arg]
    """`use_pending_kernels` as the server has it, except while one of our kernels starts."""

    def get(self, obj: Any, cls: Any = None) -> bool | None:
        return True if _pending_now.get() else super().get(obj, cls)


class WorkbenchKernels(MappingKernelManager):
    """Changes how our kernels start in the manager class that it is put before; others are left alone.

    A start that blocks its request leaves JupyterLab on the old kernel, where Shift+Enter then runs: on the wrong
    compute target. So our kernels are pending while they are prepared (`docs/explanation/pending-kernels.md`).
    """

    workbench_pending_kernels = Bool(
        default_value=True,
        help="Start the kernels of run configurations as pending kernels, whatever `use_pending_kernels` says.",
    ).tag(config=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._failed_to_start: set[str] = set()
        self.at_shutdown: list[Callable[[], Awaitable[None]]] = []

    def track_message_type(self, message_type: str | None) -> bool:
        """Tell whether a message is activity of the user's. Ours is not: an idle kernel must be culled on time."""
        return message_type != RECORDS and bool(super().track_message_type(message_type))

    async def start_kernel(self, *, kernel_name: str | None = None, **kwargs: Any) -> str:  # type: ignore[override]
        """Start a kernel. Called by the server for each session; without pending kernels a failure is its answer."""
        ours = await self._is_ours(kernel_name or self.default_kernel_name)
        if not self._initialized_culler:
            self.initialize_culler()  # here, since its timer keeps the context that it is made in
        self.context.setsockopt(zmq.RECONNECT_IVL, RECONNECT_MILLISECONDS)  # of every socket to come
        try:
            with _pending(ours and self.workbench_pending_kernels):
                return await super().start_kernel(kernel_name=kernel_name, **kwargs)
        except WorkbenchError as error:
            raise web.HTTPError(error.http_status, str(error)) from error
        finally:
            self._forget_failed_starts()

    async def shutdown_kernel(  # type: ignore[override]
        self, kernel_id: str, now: bool | None = False, restart: bool | None = False
    ) -> None:
        """Shut a kernel down. Called by the server; one that is still being prepared is cancelled first."""
        await self._end_preparation(kernel_id)
        await ensure_async(super().shutdown_kernel(kernel_id, now=now, restart=restart))

    async def _async_shutdown_kernel(
        self, kernel_id: str, now: bool | None = False, restart: bool | None = False
    ) -> None:
        """Do the same when the whole server shuts down, which takes this way."""
        await self._end_preparation(kernel_id)
        await super()._async_shutdown_kernel(kernel_id, now=now, restart=restart)

    def __bool__(self) -> bool:
        """Be true without kernels, too: a server that stops takes an empty manager for none, and never calls it."""
        return True

    async def shutdown_all(self, now: bool = False) -> None:  # type: ignore[override]
        """Shut all kernels down. Called by a server that stops; extensions of ours have no other way to hear of it."""
        await ensure_async(super().shutdown_all(now=now))
        for finish in self.at_shutdown:
            await finish()

    async def restart_kernel(self, kernel_id: str, now: bool = False) -> Any:  # type: ignore[override]
        """Restart a kernel. Called by the server; one that never started is watched from now on, as any kernel is."""
        self._refuse_while_preparing(kernel_id)
        outcome: Any = await ensure_async(super().restart_kernel(kernel_id, now=now))
        if kernel_id in self._failed_to_start:
            self._failed_to_start.discard(kernel_id)
            kernel = self._kernels[kernel_id]
            kernel.execution_state = "starting"
            await super()._finish_kernel_start(kernel_id)
            # Its answer tells that it has started: the server's watch may begin too late to see any status of it.
            outcome.add_done_callback(functools.partial(_has_answered, kernel))
        return outcome

    def interrupt_kernel(self, kernel_id: str) -> Any:
        """Interrupt a kernel. Called by the server; one that is still being prepared has nothing to interrupt."""
        self._refuse_while_preparing(kernel_id)
        return super().interrupt_kernel(kernel_id)

    async def owns(self, kernel: Any) -> bool:
        """Tell whether a kernel is that of a run configuration, whatever came of its start."""
        if getattr(kernel, "provisioner", None) is not None:
            return self._has_our_provisioner(kernel)
        return await self._is_ours(kernel.kernel_name)  # it has no provisioner yet, or failed before it had one

    def remove_kernel(self, kernel_id: str) -> Any:
        """Forget a kernel. Called by the server after its end."""
        self._failed_to_start.discard(kernel_id)
        # jupyter_client forgets only those that started here, and a server that stops then hangs on the others.
        self._pending_kernels.pop(kernel_id, None)
        return super().remove_kernel(kernel_id)

    async def _finish_kernel_start(self, kernel_id: str) -> None:
        """Set the state of a kernel whose start failed: the server leaves it `starting`, without a reason."""
        await super()._finish_kernel_start(kernel_id)
        kernel = self._kernels.get(kernel_id)
        if kernel is None or not kernel.ready.done() or kernel.ready.cancelled():
            return
        error = kernel.ready.exception()
        if error is not None and await self.owns(kernel):
            self._failed_to_start.add(kernel_id)
            kernel.execution_state, kernel.reason = "dead", reason_of(error)

    def _get_changed_ports(self, kernel_id: str) -> Any:
        """Tell the server of no new ports where none were used: it would watch twice, and not see a restart's end."""
        return None if kernel_id in self._failed_to_start else super()._get_changed_ports(kernel_id)

    async def _end_preparation(self, kernel_id: str) -> None:
        """Cancel what is being prepared. A first start ends where the server waits for it, a restart ends here."""
        kernel = self._kernels.get(kernel_id)
        if kernel is None or not self._has_our_provisioner(kernel) or kernel.ready.done():
            return
        kernel.provisioner.cancel()
        if kernel_id not in self._pending_kernels:
            kernel.stop_restarter()
            await failure_of(kernel)

    def _refuse_while_preparing(self, kernel_id: str) -> None:
        kernel = self._kernels.get(kernel_id)
        if kernel is not None and self._has_our_provisioner(kernel) and not kernel.ready.done():
            raise web.HTTPError(409, "This kernel is still being prepared - wait for it, or shut it down.")

    def _forget_failed_starts(self) -> None:
        """Forget starts that failed: a server that stops would ask for these kernels, and hang on the answer."""
        for kernel_id, task in list(self._pending_kernels.items()):
            if task.done() and kernel_id not in self._kernels:
                del self._pending_kernels[kernel_id]

    def _has_our_provisioner(self, kernel: Any) -> bool:
        return isinstance(getattr(kernel, "provisioner", None), WorkbenchProvisioner)

    async def _is_ours(self, kernel_name: str) -> bool:
        """Tell whether a kernel is ours, looking at the files again for a name that nobody knows yet."""
        specs = self.kernel_spec_manager
        if not isinstance(specs, WorkbenchSpecs):
            return False
        if not specs.is_ours(kernel_name) and kernel_name not in specs.find_kernel_specs():
            await specs.refresh()
        return specs.is_ours(kernel_name)


@contextlib.contextmanager
def _pending(wanted: bool) -> Iterator[None]:
    token = _pending_now.set(wanted or _pending_now.get())
    try:
        yield
    finally:
        _pending_now.reset(token)


def _has_answered(kernel: Any, answer: asyncio.Future[Any]) -> None:
    if not answer.cancelled() and answer.exception() is None and kernel.execution_state == "starting":
        kernel.execution_state = "idle"


async def failure_of(kernel: Any) -> Exception | None:
    """Wait for the end of a kernel's start and return why it failed. Cancelling the wait leaves the start alone."""
    ready = kernel.ready if isinstance(kernel.ready, asyncio.Future) else asyncio.wrap_future(kernel.ready)
    await asyncio.wait([ready])
    if ready.cancelled():
        return StartCancelled(f"The start of {kernel.kernel_name} was cancelled.")
    return cast("Exception | None", ready.exception())  # jupyter_client puts nothing else there


def with_workbench_kernels(base: type[MappingKernelManager]) -> type[MappingKernelManager]:
    """Return ``base`` with the ways of our kernels added; a class that has them already comes back as it is."""
    if issubclass(base, WorkbenchKernels):
        return base
    inherited = base.class_traits().get("use_pending_kernels")
    pending = _PendingForOurs(
        default_value=bool(inherited.default_value) if inherited is not None else False,
        help=inherited.help if inherited is not None else "",
    ).tag(config=True)
    members = {"__module__": __name__, "use_pending_kernels": pending}
    return type(f"Workbench{base.__name__}", (WorkbenchKernels, base), members)
