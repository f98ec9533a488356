"""The compute targets of a project, and whether one of them could run kernels now."""

from __future__ import annotations

import os

from jupyter_workbench.server.routes.arguments import text
from jupyter_workbench.server.routes.base import Answer, WorkbenchHandler, answers
from jupyter_workbench.server.routes.targets.attaching import Attaching
from jupyter_workbench.targets.rows import settings_of, target_row
from jupyter_workbench.targets.testing import checks


class Targets(Attaching):
    """The compute targets of a project, used or not."""

    @answers
    async def get(self) -> Answer:
        """List them with every setting that holds, and whether somebody stopped them here."""
        project = await self.project()
        return Answer(
            [
                {
                    **target_row(project, compute),
                    "stopped": self.workbench.stopped_targets.has(project, compute.name),
                    "settings": settings_of(compute.target) if compute.target else {},
                }
                for compute in project.computes
            ]
        )

    @answers
    async def post(self) -> Answer:
        """Attach one: its file is written, and that of a run configuration of its name."""
        return await self.attach()


class TargetTest(WorkbenchHandler):
    """What `workbench computetarget test -o json` prints."""

    @answers
    async def post(self) -> Answer:
        """Ask a compute target everything that a kernel on it needs; nothing is changed."""
        fields = self.body(project_dir=text("/home/you/myIris"), name=text("docker"))
        project = await self.workbench.project(fields["project_dir"])
        found = await checks(project, project.compute(fields["name"]), os.environ)
        return Answer([check.as_json() for check in found])


HANDLERS = [("targets", Targets), ("targets/test", TargetTest)]
