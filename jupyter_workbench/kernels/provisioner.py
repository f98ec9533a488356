"""The one kernel provisioner: resolves a run configuration at each start, starts its kernel, keeps its records.

Registered under the entry point group `jupyter_client.kernel_provisioners`.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Unicode

from jupyter_workbench.errors import StartCancelled
from jupyter_workbench.kernels.follower import Follower
from jupyter_workbench.kernels.starting import Start, fallback_start, prepare_start, reason_of


class WorkbenchProvisioner(LocalProvisioner):
    """Starts the kernel of one run configuration.

    A first start that fails raises: the server shows the reason. Any later one starts the fallback kernel instead,
    since the client that asked for a restart shows nothing and an exception would end the automatic restarts.
    """

    project_dir = Unicode(help="The folder of the project.").tag(config=True)
    run_configuration = Unicode(help="The name of the run configuration.").tag(config=True)

    _started_before = False
    _preparation: asyncio.Task[Start] | None = None
    _follower: Follower | None = None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Prepare the compute target. Called by the kernel manager before each start, automatic restarts included."""
        kwargs = await super().pre_launch(**kwargs)  # ports and connection file
        start = await self._start(kwargs["env"])
        self._started_before = True
        self._follower = Follower.of(start, self.log)
        return {
            **kwargs,
            "cmd": start.command(self._manager.connection_file),
            "env": start.environment,
            "cwd": str(start.directory),
        }

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
        """Bring in the last records. Called by the kernel manager after the end, before any restart."""
        if self._follower is not None:
            await self._follower.finish()
        await super().cleanup(restart=restart)

    def cancel(self) -> None:
        """Stop preparing, if that is under way: the start then fails with `StartCancelled`."""
        if self._preparation is not None:
            self._preparation.cancel()

    @property
    def _manager(self) -> Any:
        """The kernel manager, which makes the ports and the connection file."""
        return self.parent

    async def _start(self, environment: dict[str, str]) -> Start:
        if reason := await self._reason_of_last_end():
            return fallback_start(reason, environment, Path(self.project_dir))
        try:
            return await self._prepare(environment)
        except StartCancelled:
            raise
        except Exception as error:
            self.log.warning("%s", reason_of(error))
            if not self._started_before:
                self._started_before = True
                self._manager.cleanup_connection_file()
                raise
            return fallback_start(reason_of(error), environment, Path(self.project_dir))

    async def _prepare(self, environment: dict[str, str]) -> Start:
        project_dir, kernel_id = Path(self.project_dir), str(self.kernel_id)
        preparation = prepare_start(project_dir, self.run_configuration, kernel_id, environment)
        self._preparation = asyncio.create_task(preparation)
        try:
            return await asyncio.shield(self._preparation)
        except asyncio.CancelledError:
            if not self._preparation.cancelled():  # it is we who are cancelled, not the preparation
                self._preparation.cancel()
                raise
            # An ordinary exception: jupyter_client leaves a cancelled kernel pending for ever.
            raise StartCancelled(f"The start of {self.run_configuration} was cancelled.") from None
        finally:
            self._preparation = None

    async def _reason_of_last_end(self) -> str | None:
        """Return why the last process ended before it was a kernel; starting it again would end the same way."""
        follower, self._follower = self._follower, None
        return await follower.why_never_ready() if follower is not None else None

    def _end_is_wanted(self, restart: bool) -> None:
        if self._follower is not None:
            self._follower.end_is_wanted("restarted" if restart else "shut down")
