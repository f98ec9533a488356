"""A process elsewhere in the clothes of `subprocess.Popen`, as far as jupyter_client's provisioner looks."""

from __future__ import annotations

import asyncio
import signal

from jupyter_workbench.targets.base import Running

LINGER_SECONDS = 5.0
"""How long a kernel that has left its container may keep it busy."""

_seen_off: set[asyncio.Task[None]] = set()


class RemoteProcess:
    """What `LocalProvisioner.process` must have beside being there; everything else asks ``running``."""

    stdin = stdout = stderr = None

    def __init__(self, running: Running) -> None:
        self.running = running

    def poll(self) -> int | None:
        """Return the exit code once it has ended."""
        return self.running.poll()

    def wait(self) -> int | None:
        """Return the exit code. Called once it has ended."""
        return self.running.poll()


def see_off(running: Running) -> None:
    """Make sure that what looked like the end of a process becomes one: a kernel can pretend."""
    task = asyncio.create_task(_end(running))
    _seen_off.add(task)
    task.add_done_callback(_seen_off.discard)


async def _end(running: Running) -> None:
    try:
        await asyncio.wait_for(running.wait(), LINGER_SECONDS)
    except asyncio.TimeoutError:
        await running.signal(signal.SIGKILL)
