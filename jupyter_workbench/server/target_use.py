"""Who uses a compute target of a project on this server: its kernels, its preparations, and whether it was stopped."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from jupyter_workbench.config.project import Project
from jupyter_workbench.kernels.discovery import Snapshot
from jupyter_workbench.kernels.managers import WorkbenchKernels
from jupyter_workbench.kernels.progress import KernelProgress
from jupyter_workbench.kernels.provisioner import WorkbenchProvisioner

Kernel = tuple[str, Any]
"""Its id and the server's manager of it."""


async def kernels_on(kernels: Any, shown: Snapshot, project: Project, target: str) -> list[Kernel]:
    """Return the kernels of this server that are on a compute target, those that still start too.

    A kernel is where it was started: its run configuration may name another target since, or be gone.
    """
    if not isinstance(kernels, WorkbenchKernels):
        return []
    names = {row.name for row in shown.rows.values() if row.project_dir == project.directory and row.target == target}
    listed = [(kernel_id, kernels.get_kernel(kernel_id)) for kernel_id in kernels.list_kernel_ids()]
    return [(kernel_id, kernel) for kernel_id, kernel in listed if _is_on(kernel, project, target, names)]


def _is_on(kernel: Any, project: Project, target: str, names: Collection[str]) -> bool:
    provisioner = kernel.provisioner
    if isinstance(provisioner, WorkbenchProvisioner) and provisioner.target is not None:
        return provisioner.target == target and Path(provisioner.project_dir) == project.directory
    return kernel.kernel_name in names


def kernels_words(count: int) -> str:
    """Count kernels in words."""
    return "1 kernel" if count == 1 else f"{count} kernels"


class StoppedTargets:
    """The compute targets that somebody stopped, until they or a kernel on them starts. For one event loop."""

    def __init__(self, tell: Callable[[Path], None]) -> None:
        """``tell`` is called with the folder of a project whenever one of its targets is another one of these."""
        self._tell = tell
        self._stopped: dict[tuple[Path, str], frozenset[str]] = {}

    def stop(self, project: Project, target: str, run_configurations: Collection[str]) -> None:
        """Note that a compute target was stopped, with the run configurations that start it."""
        self._stopped[project.directory, target] = frozenset(run_configurations)
        self._tell(project.directory)

    def start(self, project: Project, target: str) -> None:
        """Forget that it was stopped."""
        if self._stopped.pop((project.directory, target), None) is not None:
            self._tell(project.directory)

    def has(self, project: Project, target: str) -> bool:
        """Tell whether it is stopped."""
        return (project.directory, target) in self._stopped

    def hear(self, moment: KernelProgress) -> None:
        """Take a moment of a kernel: one that starts starts its compute target."""
        if moment.state == "dead":
            return
        for (directory, target), run_configurations in list(self._stopped.items()):
            if directory == Path(moment.project_dir) and moment.run_configuration in run_configurations:
                del self._stopped[directory, target]
                self._tell(directory)
