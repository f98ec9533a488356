"""A name in the project for an output of a run, as `workbench history promote` gives it."""

from __future__ import annotations

from jupyter_workbench.config.project import Project
from jupyter_workbench.history.files import assets
from jupyter_workbench.server.routes.arguments import BadRequest, flag, text
from jupyter_workbench.server.routes.base import Answer, answers
from jupyter_workbench.server.routes.runs.asking import RunsHandler, history_of, in_a_thread, named
from jupyter_workbench.writing.names import why_no_name


class Promote(RunsHandler):
    """An output gets a name in the project."""

    @answers
    async def post(self, run_id: str) -> Answer:
        """Write the link `assets/NAME.link`, and keep the content beside it."""
        self.query()
        asked = self.body(path=text("outputs/model.pkl"), name=text("iris-model"), overwrite=flag())
        if why := why_no_name(asked["name"]):
            raise BadRequest(f"name: {why}")
        project = await self.project()
        return Answer(await in_a_thread(_promoted, project, run_id, **asked))


def _promoted(project: Project, run_id: str, path: str, name: str, *, overwrite: bool) -> dict[str, str]:
    home = assets.Home(project.directory, project.id, history_of(project))
    found = named(home.data, run_id)
    try:
        link = assets.promote(home, found, path, name, overwrite=overwrite)
    except assets.NameTaken as error:
        taken = str(error).partition(" - ")[0]
        raise assets.NameTaken(f"{taken} - choose another name, or send overwrite") from None
    return {"file": link.relative_to(project.directory).as_posix(), "name": name, "run_id": found, "path": path}


HANDLERS = [("runs/([^/]+)/promote", Promote)]
