"""Compute targets that are started and stopped: those with an engine; a Python of this machine has nothing to start.

A container is one kernel's, so a target that runs needs none: it is one whose kernels can start at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from typing import Any

from jupyter_server.utils import ensure_async
from tornado import web

from jupyter_workbench.config.computes import ComputeFile
from jupyter_workbench.config.project import Entry, Project
from jupyter_workbench.errors import TargetError, WorkbenchError
from jupyter_workbench.kernels.discovery import Snapshot
from jupyter_workbench.kernels.remote_process import RemoteProcess
from jupyter_workbench.server.routes.arguments import text
from jupyter_workbench.server.routes.base import Answer, WorkbenchHandler, answers
from jupyter_workbench.server.target_use import kernels_on
from jupyter_workbench.server.workbench import shown_project


class NothingToStart(WorkbenchError):
    """A compute target is neither started nor stopped by anybody."""

    http_status = 409


class RunningHandler(WorkbenchHandler):
    """Routes about one compute target that can be started."""

    async def named(self) -> tuple[Snapshot, Project, ComputeFile]:
        """Return the target of the body. Raises BadRequest, ProjectNotFound, ConfigurationError and NothingToStart."""
        fields = self.body(project_dir=text("/home/you/myIris"), name=text("docker"))
        shown = await self.workbench.look()
        project = shown_project(shown, fields["project_dir"])
        compute = project.compute(fields["name"])
        if compute.type != "docker":
            raise NothingToStart(
                f"expected a Docker target, got {compute.name} ({compute.type or 'unknown type'}) - "
                f"only targets with an engine are started and stopped"
            )
        return shown, project, compute


class Start(RunningHandler):
    """The start of a compute target."""

    @answers
    async def post(self) -> Answer:
        """Connect to its engine, and prepare the environments of its run configurations."""
        _, project, compute = await self.named()
        ready = [entry for entry in _users(project, compute) if not entry.problems]
        if not ready:
            from jupyter_workbench.targets.docker.engines.engine import connect  # the SDK takes a while to import

            await connect(os.environ)
        self.workbench.stopped_targets.start(project, compute.name)
        begun = [self.workbench.preparations.start(project, entry.name, upgrade=False) for entry in ready]
        return Answer({"preparations": [preparation.as_json() for preparation in begun]}, 202)


class Stop(RunningHandler):
    """The end of everything that this server has on a compute target."""

    @answers
    async def post(self) -> Answer:
        """Cancel its preparations, shut its kernels down, and remove the containers that nobody owns."""
        shown, project, compute = await self.named()
        names = [entry.name for entry in _users(project, compute)]
        cancelled = await self.workbench.preparations.cancel_all(project, names)
        kernels = await kernels_on(self.kernel_manager, shown, project, compute.name)
        failed = await asyncio.gather(*(self._shut_down(*kernel) for kernel in kernels))
        if not any(failed):
            self.workbench.stopped_targets.stop(project, compute.name, names)
        return Answer(
            {
                "kernels": [kernel_id for (kernel_id, _), why in zip(kernels, failed, strict=True) if why is None],
                "preparations": [preparation.id for preparation in cancelled],
                "failed": [why for why in failed if why is not None],
                **await _left(project, names),
            }
        )

    async def _shut_down(self, kernel_id: str, kernel: Any) -> str | None:
        """Return why a kernel goes on, or None when it is gone: those beside it end whatever comes of it."""
        process = getattr(kernel.provisioner, "process", None)
        try:
            with contextlib.suppress(web.HTTPError, KeyError):  # somebody else was quicker
                await ensure_async(self.kernel_manager.shutdown_kernel(kernel_id))
            if isinstance(process, RemoteProcess):
                await process.running.gone()
        except Exception as error:
            self.log.exception("jupyter_workbench: kernel %s could not be shut down", kernel_id)
            return f"Kernel {kernel_id} could not be shut down: {error or type(error).__name__}"
        return None


def _users(project: Project, compute: ComputeFile) -> list[Entry]:
    return [entry for entry in project.entries if entry.target == compute.name]


async def _left(project: Project, run_configurations: list[str]) -> dict[str, Any]:
    """Remove what servers that are gone have left on the engine, and name what others still run there."""
    from jupyter_workbench.targets.docker.engines.engine import connect  # the SDK takes a while to import
    from jupyter_workbench.targets.docker.running import leftovers

    try:
        engine = await connect(os.environ)
        removed = await leftovers.remove_leftovers(engine)
        others = await leftovers.kernels_of_others(engine, project.name, run_configurations)
    except TargetError as error:
        return {"removed": [], "others": [], "unknown": [str(error)]}
    return {"removed": list(removed), "others": list(others), "unknown": []}


HANDLERS = [("targets/start", Start), ("targets/stop", Stop)]
