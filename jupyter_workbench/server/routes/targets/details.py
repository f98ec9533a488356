"""What a compute target has: processors, memory, disk, its image or its Python."""

from __future__ import annotations

import asyncio
import os
import shutil

import psutil

from jupyter_workbench.config.computes import ComputeFile
from jupyter_workbench.config.models import DockerCompute, LocalCompute
from jupyter_workbench.config.project import Project
from jupyter_workbench.errors import TargetError
from jupyter_workbench.server.routes.arguments import REQUIRED
from jupyter_workbench.server.routes.base import Answer, WorkbenchHandler, answers
from jupyter_workbench.server.routes.query_arguments import read_query, words
from jupyter_workbench.targets import interpreters
from jupyter_workbench.targets.details import Details, Disk


class TargetDetails(WorkbenchHandler):
    """The details of one compute target."""

    @answers
    async def get(self) -> Answer:
        """Look; nothing is changed. An engine that does not answer is no error here."""
        self.check_xsrf_cookie()  # for GET too: the Python that a file names is run to ask it what it is
        asked = read_query(self.request.query_arguments, {"name": words("docker", REQUIRED)})
        project = await self.project()
        return Answer((await _details(project, project.compute(asked["name"]))).as_json())


async def _details(project: Project, compute: ComputeFile) -> Details:
    if isinstance(compute.target, LocalCompute):
        return await _of_this_machine(project, compute.target)
    if not isinstance(compute.target, DockerCompute):
        return Details()
    from jupyter_workbench.targets.docker.details import details  # the SDK takes a while to import

    try:
        return await details(compute.target, os.environ)
    except TargetError as error:
        return Details(problem=str(error))


async def _of_this_machine(project: Project, compute: LocalCompute) -> Details:
    python, problem = None, None
    try:
        choice = await interpreters.choose(compute.python_location, os.environ, project.directory)
        python, problem = str(choice.python), choice.notice
    except interpreters.UnusableInterpreter as error:
        problem = str(error)
    usage = await asyncio.to_thread(shutil.disk_usage, project.directory)
    return Details(
        cores=_cores(),
        memory=psutil.virtual_memory().total,
        disk=Disk(str(project.directory), usage.total, usage.free),
        python=python,
        problem=problem,
    )


def _cores() -> int | None:
    """Count those that this process may use, where the system tells."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


HANDLERS = [("targets/details", TargetDetails)]
