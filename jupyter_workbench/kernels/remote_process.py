"""A process elsewhere in the clothes of `subprocess.Popen`, as far as jupyter_client's provisioner looks."""

from __future__ import annotations

from jupyter_workbench.targets.base import Running


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
