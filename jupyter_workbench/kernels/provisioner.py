"""The one kernel provisioner: resolves a run configuration at each start, starts its kernel, keeps its records.

Registered under the entry point group `jupyter_client.kernel_provisioners`.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Unicode

from jupyter_workbench.errors import StartCancelled, TargetError
from jupyter_workbench.kernels.addresses import ManagedAddress
from jupyter_workbench.kernels.ahead import Ahead, call_off, go_ahead
from jupyter_workbench.kernels.cancelling import Cancellable
from jupyter_workbench.kernels.follower import Follower
from jupyter_workbench.kernels.progress import StartReporter, State
from jupyter_workbench.kernels.remote_process import RemoteProcess, see_off
from jupyter_workbench.kernels.starting import Start, fallback_start, prepare_start, reason_of
from jupyter_workbench.targets import spark_ui
from jupyter_workbench.targets.base import Begun, Elsewhere, KernelProcess, Running

EXIT_SECONDS = 0.005


class WorkbenchProvisioner(LocalProvisioner):
    """Starts the kernel of one run configuration.

    A first start that fails raises: the server shows the reason. Any later one starts the fallback kernel instead,
    since the client that asked for a restart shows nothing and an exception would end the automatic restarts.
    """

    project_dir = Unicode(help="The folder of the project.").tag(config=True)
    run_configuration = Unicode(help="The name of the run configuration.").tag(config=True)

    _is_first_start = True
    _follower: Follower | None = None
    _death: str | None = None
    """How the last process died, until the user restarts the kernel."""
    _noting: asyncio.Task[None] | None = None
    _running: Running | None = None
    _elsewhere: Elsewhere | None = None
    _ahead: asyncio.Task[Ahead] | None = None
    _begun: Begun | None = None
    _start: Start
    _end_wanted = False

    target: str | None = None
    """The compute target of its last start, whatever the files say since."""

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Prepare the compute target. Called by the kernel manager before each start, automatic restarts included."""
        self._environment = kwargs.get("env") or os.environ  # not a copy: the server renames the notebook in it
        self._end_wanted = False
        if self._ahead is None:
            self._reporter.begins()
        self._start = await self._next_start()
        self.target = self._start.spool.facts.target if self._start.spool else None
        if self._start.elsewhere is not None:
            self._elsewhere = self._start.elsewhere
        if not self._start.is_fallback and self._address.use(self._start.elsewhere, str(self.kernel_id)):
            self.ports_cached = False
        kwargs = await super().pre_launch(**kwargs)  # ports and connection file
        if self._follower is None:
            self._follower = Follower.of(self._start, self.log)
        return {**kwargs, **self._popen_arguments(self._start)}

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start the process. Called by the kernel manager with what `pre_launch` returned."""
        try:
            connection_info = await self._launch(cmd, kwargs)
        except (OSError, ValueError) as error:  # all that `subprocess` raises: no such program, too long, a NUL
            what = f"The kernel of {self.run_configuration} cannot be started: {cmd[0]}: {error}"
            connection_info = await self._launch_instead(TargetError(what), kwargs)
        except (StartCancelled, asyncio.CancelledError):
            await self._finish_follower()
            await self._leave()
            self._tell("dead")
            raise
        except Exception as error:
            connection_info = await self._launch_instead(error, kwargs)
        self._is_first_start = False
        return connection_info

    async def post_launch(self, **kwargs: Any) -> None:
        """Follow the records of the kernel. Called by the kernel manager once the process runs."""
        await super().post_launch(**kwargs)
        if self._follower is not None:
            self._follower.follow(self._manager, self._running)

    async def poll(self) -> int | None:
        """Tell whether the process has ended. Called every few seconds, so a death is noticed here."""
        code = await super().poll()
        if code is None and self._has_left_its_container():
            code = 0
        if code is not None and self.process is not None:
            self._note_end(code)
        return code

    async def wait(self) -> int | None:
        """Wait for the end of the process. Called by the kernel manager when it shuts a kernel down."""
        if self._running is None or self.process is None:
            code = await super().wait()
        else:
            while (code := await self.poll()) is None:  # noqa: ASYNC110 - nothing tells that a lock was dropped
                await asyncio.sleep(EXIT_SECONDS)
            self.process = None  # that of the base class does the same, and looks ten times a second
            if self._running.poll() is None:
                see_off(self._running)
        if code is not None:
            self._note_end(code)
        return code

    async def send_signal(self, signum: int) -> None:
        """Send a signal. Called by the kernel manager for interrupts, and to end the process."""
        if self._running is None:
            await super().send_signal(signum)
        elif self.process is not None:
            await self._running.signal(signum)

    async def shutdown_requested(self, restart: bool = False) -> None:
        """Remember that the end is wanted. Called by the kernel manager when it asks the kernel to end."""
        if await self.poll() is None:  # the reason of a death stays, however soon the user restarts
            self._end_is_wanted(restart)
            if restart and self._running is not None:
                self._reporter.begins()
                await self._call_off()
                self._ahead = asyncio.create_task(go_ahead(self._prepare(None), self._begin, self.log))
        await super().shutdown_requested(restart=restart)

    async def kill(self, restart: bool = False) -> None:
        """Kill the process. Called by the kernel manager for an end at once."""
        if await self.poll() is None:
            self._end_is_wanted(restart)
        await super().kill(restart=restart)

    async def cleanup(self, restart: bool = False) -> None:
        """Bring in the last records. Called by the kernel manager after the end; a restart does not wait for it."""
        if self._follower is not None and not restart:
            await self._follower.finish()
        if not restart:
            self._reporter.forget()
            await self._leave()
        await super().cleanup(restart=restart)

    def cancel(self) -> None:
        """Prepare no more: a start that is under way, or comes later, fails with `StartCancelled`."""
        self._work.cancel()

    def _has_left_its_container(self) -> bool:
        """Tell whether a kernel that shall end has ended, where that can be seen: its container takes longer."""
        spool = self._start.spool
        if not self._end_wanted or self._running is None or not self._running.shares_files or spool is None:
            return False
        return spool.was_ready() and not spool.is_alive()

    async def _leave(self) -> None:
        """Remove what served all processes of this kernel, wherever the last one ran."""
        await self._call_off()
        elsewhere, self._elsewhere = self._elsewhere, None
        if elsewhere is not None:
            await elsewhere.leave(str(self.kernel_id))
        else:
            await asyncio.to_thread(spark_ui.leave, str(self.kernel_id))

    async def _call_off(self) -> None:
        """End what was begun for a restart that never came."""
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            await call_off(ahead, self.log)
        begun, self._begun = self._begun, None
        if begun is not None:
            await begun.discard()

    @property
    def _manager(self) -> Any:
        """The kernel manager, which makes the ports and the connection file."""
        return self.parent

    @cached_property
    def _address(self) -> ManagedAddress:
        return ManagedAddress(self._manager)

    @cached_property
    def _work(self) -> Cancellable:
        return Cancellable(self.run_configuration)

    @cached_property
    def _reporter(self) -> StartReporter:
        return StartReporter(str(self.kernel_id), Path(self.project_dir), self.run_configuration)

    def _popen_arguments(self, start: Start) -> dict[str, Any]:
        return {
            "cmd": start.command(self._manager.connection_file),
            "env": start.environment,
            "cwd": str(start.directory),
        }

    async def _next_start(self) -> Start:
        follower, self._follower = self._follower, None
        self.process = self._running = None
        try:
            if self._ahead is None:
                await self._call_off()
            # A process that ended before it was a kernel would do so again: its reason is told instead.
            if follower is not None and (reason := await follower.why_never_ready()):
                return self._instead(TargetError(reason))
            if self._ahead is not None:
                return await self._work.run(self._take_ahead())
            return await self._work.run(self._prepare(follower.death if follower is not None else None))
        except StartCancelled:
            self._manager.cleanup_connection_file()
            await self._leave()  # the server just forgets a kernel whose restart failed
            self._tell("dead")
            raise
        except Exception as error:
            return self._instead(error)

    async def _prepare(self, death: str | None) -> Start:
        notice = f"The kernel died ({death}) and was restarted: its variables are gone." if death else None
        return await prepare_start(
            Path(self.project_dir),
            self.run_configuration,
            str(self.kernel_id),
            dict(self._environment),
            lambda progress: self._reporter.tell("preparing", progress, self._death),
            notice,
        )

    async def _take_ahead(self) -> Start:
        """Return the start that began when the restart was asked for."""
        assert self._ahead is not None
        ahead = await self._ahead
        self._ahead, self._follower, self._begun = None, ahead.follower, ahead.begun
        return ahead.start

    async def _begin(self, start: Start) -> Begun | None:
        """Begin the next process where it will have the address of this one."""
        elsewhere = start.elsewhere
        if elsewhere is None or elsewhere.address(str(self.kernel_id)) != self._address.now:
            return None
        return await elsewhere.begin(self._process(start))

    def _process(self, start: Start) -> KernelProcess:
        assert start.spool is not None
        return KernelProcess(str(self.kernel_id), start.argv, self.connection_info, folder=start.spool.folder)

    async def _launch(self, cmd: list[str], kwargs: dict[str, Any]) -> KernelConnectionInfo:
        if self._start.elsewhere is None:
            connection_info = await super().launch_kernel(cmd, **kwargs)
            if not self._start.is_fallback:
                self._tell("running")
            return connection_info
        self._tell("starting")
        if self._begun is not None:
            starting = self._begun.take_over()
        else:
            starting = self._start.elsewhere.start(self._process(self._start))
        self._running = await self._work.run(starting)
        self._begun = None
        self.process = cast("subprocess.Popen[bytes]", RemoteProcess(self._running))
        self.pid = self.pgid = None
        self._noting = asyncio.create_task(self._note_end_of(self._running))
        self._tell("running")
        return self.connection_info

    async def _launch_instead(self, error: Exception, kwargs: dict[str, Any]) -> KernelConnectionInfo:
        await self._finish_follower()
        if self._is_first_start:
            await self._leave()
        arguments = self._popen_arguments(self._instead(error))
        return await super().launch_kernel(arguments.pop("cmd"), **{**kwargs, **arguments})

    async def _finish_follower(self) -> None:
        follower, self._follower = self._follower, None
        if follower is not None:
            await follower.finish()

    def _instead(self, error: Exception) -> Start:
        """Return the kernel that tells ``error``, or raise it when this was the first start."""
        reason = reason_of(error)
        self.log.warning("%s", reason)
        self._tell("dead", reason=reason)
        if self._is_first_start:
            self._is_first_start = False
            self._manager.cleanup_connection_file()
            raise error
        return fallback_start(reason, self._environment, Path(self.project_dir))

    def _end_is_wanted(self, restart: bool) -> None:
        self._end_wanted = True
        self._death = None
        if getattr(self._manager, "reason", None):
            self._manager.reason = ""
        if self._follower is not None:
            self._follower.end_is_wanted("restarted" if restart else "shut down")

    async def _note_end_of(self, running: Running) -> None:
        """Note an end as soon as its place knows of it; the kernel manager looks every few seconds."""
        code = await running.wait()
        if running is self._running:
            self._note_end(code)

    def _note_end(self, code: int) -> None:
        why = self._running.why() if self._running is not None else None
        if self._follower is not None and (death := self._follower.ended(code, why)):
            self._death = self._manager.reason = f"The kernel died ({death})."
            self._tell("dead")

    def _tell(self, state: State, reason: str | None = None) -> None:
        self._reporter.tell(state, reason=reason or self._death)
