"""One run and what people change about it afterwards: tags, note, experiment, the bin."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from jupyter_workbench.history.location import ProjectData
from jupyter_workbench.history.reading.whole_run import whole_run
from jupyter_workbench.history.upkeep import editing, removal
from jupyter_workbench.server.routes.arguments import MISSING, BadRequest
from jupyter_workbench.server.routes.base import Answer, answers
from jupyter_workbench.server.routes.query_arguments import switch
from jupyter_workbench.server.routes.runs.asking import RunsHandler, as_json, history_of, in_a_thread, named
from jupyter_workbench.server.routes.runs.fields import experiment, note, run_ids, tags

SEND_SOMETHING = (
    'expected tags, note or experiment in the body of the request, got nothing - send {"note": "the best yet"}'
)


class Editing(RunsHandler):
    """Routes that change runs."""

    async def change(self, asked: Sequence[str], edit: Callable[[ProjectData, list[str]], Any]) -> Answer:
        """Change runs, tell front ends, and answer with what ``edit`` found; with nothing when that is None."""
        project = await self.project()

        def work() -> tuple[list[str], bytes | None]:
            data = history_of(project)
            ids = [named(data, run_id) for run_id in asked]
            found = edit(data, ids)
            return ids, None if found is None else as_json(found)

        ids, body = await in_a_thread(work)
        self.workbench.run_events.changed(str(project.directory), ids)
        return Answer(body, 204 if body is None else 200)


class OneRun(Editing):
    """One run."""

    @answers
    async def get(self, run_id: str) -> Answer:
        """Tell all that is known of it, with summaries of what it logged."""
        self.query()
        return await self.answer(lambda data: whole_run(data, named(data, run_id)))

    @answers
    async def patch(self, run_id: str) -> Answer:
        """Change what people say of it; what is not named stays."""
        self.query()
        asked = self.body(tags=tags(MISSING), note=note(), experiment=experiment())
        told = {name: value for name, value in asked.items() if value is not MISSING}
        if not told:
            raise BadRequest(SEND_SOMETHING)

        def edit(data: ProjectData, ids: list[str]) -> Any:
            if "tags" in told:
                editing.set_tags(data, ids, told["tags"])
            if "note" in told:
                editing.set_note(data, ids[0], told["note"])
            if "experiment" in told:
                editing.set_experiment(data, ids, told["experiment"])
            return whole_run(data, ids[0])

        return await self.change([run_id], edit)

    @answers
    async def delete(self, run_id: str) -> Answer:
        """Move it to the bin, or remove it for good."""
        for_good = self.query(for_good=switch())["for_good"]

        def edit(data: ProjectData, ids: list[str]) -> dict[str, int]:
            if for_good:
                return removal.purge(data, ids)._asdict()
            removal.delete(data, ids)
            return {"runs": len(ids), "bytes": 0}

        return await self.change([run_id], edit)


class Undelete(Editing):
    """A way back out of the bin."""

    @answers
    async def post(self, run_id: str) -> Answer:
        """Take the run out of it."""
        self.query()
        self.body()

        def edit(data: ProjectData, ids: list[str]) -> Any:
            removal.undelete(data, ids)
            return whole_run(data, ids[0])

        return await self.change([run_id], edit)


class Tags(Editing):
    """The tags of several runs."""

    @answers
    async def post(self) -> Answer:
        """Set or remove them, of all these runs or of none."""
        self.query()
        asked = self.body(runs=run_ids(), tags=tags())
        return await self.change(asked["runs"], lambda data, ids: editing.set_tags(data, ids, asked["tags"]))


HANDLERS = [("runs/tags", Tags), ("runs/([^/]+)", OneRun), ("runs/([^/]+)/undelete", Undelete)]
