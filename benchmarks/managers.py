"""The manager of kernels that a server with our extension has."""

from __future__ import annotations

from pathlib import Path

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager

from jupyter_workbench.kernels.managers import with_workbench_kernels
from jupyter_workbench.kernels.specs import with_workbench_specs


def workbench_manager(project: Path) -> AsyncMappingKernelManager:
    """Return one for a server at the home of ``project``."""
    specs = with_workbench_specs(KernelSpecManager)()
    return with_workbench_kernels(AsyncMappingKernelManager)(kernel_spec_manager=specs, root_dir=str(project))
