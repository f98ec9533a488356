"""`/workbench/api/preparations`: prepare the environment of a run configuration, watch it, cancel it."""

from __future__ import annotations

from jupyter_workbench.server.routes.arguments import flag, text
from jupyter_workbench.server.routes.base import Answer, WorkbenchHandler, answers


class Preparations(WorkbenchHandler):
    """The preparations of this server, those that ended lately too."""

    @answers
    async def get(self) -> Answer:
        """List them, the oldest first."""
        return Answer([preparation.as_json() for preparation in self.workbench.preparations.all()])

    @answers
    async def post(self) -> Answer:
        """Begin one, or join the one of the same run configuration that is under way."""
        fields = self.body(project_dir=text("/home/you/myIris"), run_configuration=text("docker"), upgrade=flag())
        project = await self.workbench.project(fields["project_dir"])
        name, upgrade = fields["run_configuration"], fields["upgrade"]
        preparation = self.workbench.preparations.start(project, name, upgrade=upgrade)
        return Answer(preparation.as_json(), 202, location=f"preparations/{preparation.id}")


class OnePreparation(WorkbenchHandler):
    """One preparation."""

    @answers
    async def get(self, id_: str) -> Answer:
        """Tell how far it is, or what came of it."""
        return Answer(self.workbench.preparations.of(id_).as_json())

    @answers
    async def delete(self, id_: str) -> Answer:
        """Cancel it; one that has ended stays as it is. 202 while something that it began is still being undone."""
        preparation = await self.workbench.preparations.cancel(id_)
        return Answer(preparation.as_json(), 202 if preparation.state == "running" else 200)


HANDLERS = [("preparations", Preparations), ("preparations/([^/]+)", OnePreparation)]
