"""Kernels of one place: started, or begun while the former process of a kernel still ends."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from jupyter_workbench.errors import TargetError
from jupyter_workbench.targets.base import Address, KernelProcess
from jupyter_workbench.targets.docker import paths
from jupyter_workbench.targets.docker.running.containers import Container
from jupyter_workbench.targets.docker.running.folders import meeting_of
from jupyter_workbench.targets.progress import Progress, Report

if TYPE_CHECKING:
    from jupyter_workbench.targets.docker.running.place import Place


@dataclass(frozen=True)
class ContainerKernels:
    """Starts kernels in a place; satisfies `targets.base.Elsewhere`."""

    place: Place
    report: Report

    @property
    def folder(self) -> PurePosixPath:
        """The process' own folder, as the process sees it."""
        return paths.KERNEL

    @property
    def ipykernel(self) -> str | None:
        """The version of ipykernel in the environment."""
        return self.place.built.ipykernel

    def address(self, kernel_id: str) -> Address:
        """Return where clients reach a kernel: sockets in a shared folder, or ports that only this machine has."""
        if self.place.sees_folders:
            return Address("ipc", meeting_of(kernel_id).ip)
        return Address("tcp", "127.0.0.1")

    async def start(self, process: KernelProcess) -> Container:
        """Start a kernel, and return once it answers. Raises `TargetError`; leaves nothing behind when it fails."""
        if process.connection["transport"] == "tcp" and (problem := self.place.why_no_ports()):
            raise TargetError(problem)
        container = Container(self.place, process)
        await self._run(container)
        return await container.take_over()

    async def begin(self, process: KernelProcess) -> Container | None:
        """Start a kernel that waits for the end of the former one; None where its ports or files are still in use."""
        container = Container(self.place, process, is_gated=True)
        if process.connection["transport"] == "tcp" or not container.shares_files:
            return None
        await self._run(container)
        return container

    async def _run(self, container: Container) -> None:
        try:
            self.report(Progress("kernel", "Starting the kernel"))
            await container.create(self.report)
            await container.start()
        except BaseException:
            await asyncio.shield(container.discard())
            raise

    async def leave(self, kernel_id: str) -> None:
        """Remove the folder of a kernel that will not be started again."""
        await asyncio.to_thread(meeting_of(kernel_id).remove)
