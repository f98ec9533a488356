"""The one kernel provisioner: resolves a run configuration at each start, starts its kernel, keeps its records.

Registered under the entry point group `jupyter_client.kernel_provisioners`.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Unicode

from jupyter_workbench.errors import StartCancelled, TargetError
from jupyter_workbench.kernels.follower import Follower
from jupyter_workbench.kernels.starting import Start, fallback_start, prepare_start, reason_of


class WorkbenchProvisioner(LocalProvisioner):
    """Starts the kernel of one run configuration.

    A first start that fails raises: the server shows the reason. Any later one starts the fallback kernel instead,
    since the client that asked for a restart shows nothing and an exception would end the automatic restarts.
    """

    project_dir = Unicode(help="The folder of the project.").tag(config=True)
    run_configuration = Unicode(help="The name of the run configuration.").tag(config=True)

    _is_first_start = True
    _is_cancelled = False
    _preparation: asyncio.Task[Start] | None = None
    _follower: Follower | None = None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Prepare the compute target. Called by the kernel manager before each start, automatic restarts included."""
        kwargs = await super().pre_launch(**kwargs)  # ports and connection file
        self._environment: dict[str, str] = kwargs["env"]
        start = await self._start()
        self._follower = Follower.of(start, self.log)
        return {**kwargs, **self._popen_arguments(start)}

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start the process. Called by the kernel manager with what `pre_launch` returned."""
        try:
            connection_info = await super().launch_kernel(cmd, **kwargs)
        except (OSError, ValueError) as error:  # all that `subprocess` raises: no such program, too long, a NUL
            follower, self._follower = self._follower, None
            if follower is not None:
                await follower.finish()
            what = f"The kernel of {self.run_configuration} cannot be started: {cmd[0]}: {error}"
            arguments = self._popen_arguments(self._instead(TargetError(what)))
            connection_info = await super().launch_kernel(arguments.pop("cmd"), **{**kwargs, **arguments})
        self._is_first_start = False
        return connection_info

    async def post_launch(self, **kwargs: Any) -> None:
        """Follow the records of the kernel. Called by the kernel manager once the process runs."""
        await super().post_launch(**kwargs)
        if self._follower is not None:
            self._follower.follow(self._manager)

    async def poll(self) -> int | None:
        """Tell whether the process has ended. Called every few seconds, so a death is noticed here."""
        code = await super().poll()
        if code is not None and self.process is not None and self._follower is not None:
            self._follower.ended(code)
        return code

    async def wait(self) -> int | None:
        """Wait for the end of the process. Called by the kernel manager when it shuts a kernel down."""
        code = await super().wait()
        if code is not None and self._follower is not None:
            self._follower.ended(code)
        return code

    async def shutdown_requested(self, restart: bool = False) -> None:
        """Remember that the end is wanted. Called by the kernel manager when it asks the kernel to end."""
        self._end_is_wanted(restart)
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
        await super().cleanup(restart=restart)

    def cancel(self) -> None:
        """Prepare no more: a start that is under way, or comes later, fails with `StartCancelled`."""
        self._is_cancelled = True
        if self._preparation is not None:
            self._preparation.cancel()

    @property
    def _manager(self) -> Any:
        """The kernel manager, which makes the ports and the connection file."""
        return self.parent

    def _popen_arguments(self, start: Start) -> dict[str, Any]:
        return {
            "cmd": start.command(self._manager.connection_file),
            "env": start.environment,
            "cwd": str(start.directory),
        }

    async def _start(self) -> Start:
        follower, self._follower = self._follower, None
        try:
            # A process that ended before it was a kernel would do so again: its reason is told instead.
            if follower is not None and (reason := await follower.why_never_ready()):
                return self._instead(TargetError(reason))
            return await self._prepare()
        except StartCancelled:
            self._manager.cleanup_connection_file()
            raise
        except Exception as error:
            return self._instead(error)

    async def _prepare(self) -> Start:
        cancelled = StartCancelled(f"The start of {self.run_configuration} was cancelled.")
        if self._is_cancelled:
            raise cancelled
        project_dir, kernel_id = Path(self.project_dir), str(self.kernel_id)
        preparation = prepare_start(project_dir, self.run_configuration, kernel_id, self._environment)
        self._preparation = asyncio.create_task(preparation)
        try:
            return await asyncio.shield(self._preparation)
        except asyncio.CancelledError:
            if not self._preparation.cancelled():  # it is we who are cancelled, not the preparation
                self._preparation.cancel()
                raise
            # An ordinary exception: jupyter_client leaves a cancelled kernel pending for ever.
            raise cancelled from None
        finally:
            self._preparation = None

    def _instead(self, error: Exception) -> Start:
        """Return the kernel that tells ``error``, or raise it when this was the first start."""
        self.log.warning("%s", reason_of(error))
        if self._is_first_start:
            self._is_first_start = False
            self._manager.cleanup_connection_file()
            raise error
        return fallback_start(reason_of(error), self._environment, Path(self.project_dir))

    def _end_is_wanted(self, restart: bool) -> None:
        if self._follower is not None:
            self._follower.end_is_wanted("restarted" if restart else "shut down")
