"""Compute targets that are attached and detached, as `workbench computetarget attach` and `detach` do it."""

from __future__ import annotations

import asyncio
from typing import Any

from jupyter_workbench.config.project import Project
from jupyter_workbench.server.routes.arguments import Field, text
from jupyter_workbench.server.routes.base import Answer, WorkbenchHandler, answers
from jupyter_workbench.server.target_use import kernels_on, kernels_words
from jupyter_workbench.server.workbench import shown_project
from jupyter_workbench.writing import attaching
from jupyter_workbench.writing.attaching import Draft, TargetInUse


def _settings() -> Field:
    example = {"baseDockerImage": "python:3.12-slim"}
    return Field("an object of settings, by keys of the file", lambda value: isinstance(value, dict), example, {})


def _any_text(example: str) -> Field:
    return Field("a text", lambda value: isinstance(value, str), example)


class Attaching(WorkbenchHandler):
    """Routes that take a compute target as it was filled in."""

    async def draft(self) -> tuple[Project, Draft]:
        """Return what was filled in, and for which project. Raises BadRequest and ProjectNotFound."""
        fields: dict[str, Any] = self.body(
            project_dir=text("/home/you/myIris"), name=_any_text("docker"), type=text("docker"), settings=_settings()
        )
        project = await self.workbench.project(fields.pop("project_dir"))
        return project, Draft(**fields)

    async def attach(self) -> Answer:
        """Write the files."""
        project, draft = await self.draft()
        return Answer({"files": await asyncio.to_thread(attaching.attach, project, draft)}, 201)


class Validation(Attaching):
    """What is wrong with a compute target that is being filled in."""

    @answers
    async def post(self) -> Answer:
        """Look at each field as the reader of the file would; nothing is written."""
        project, draft = await self.draft()
        found = await asyncio.to_thread(attaching.mistakes, project, draft)
        return Answer({"mistakes": found})


class Detach(WorkbenchHandler):
    """The end of a compute target."""

    @answers
    async def post(self) -> Answer:
        """Remove its file and the run configuration of its name, unless something uses it."""
        fields = self.body(project_dir=text("/home/you/myIris"), name=text("docker"))
        name = fields["name"]
        shown = await self.workbench.look()
        project = shown_project(shown, fields["project_dir"])
        if kernels := await kernels_on(self.kernel_manager, shown, project, name):
            raise TargetInUse(
                f"expected a compute target without kernels, got {name}, which has {kernels_words(len(kernels))} - "
                f"shut them down first"
            )
        done = await asyncio.to_thread(attaching.detach, project, name)
        self.workbench.stopped_targets.start(project, name)
        return Answer({"done": done})


HANDLERS = [("targets/validate", Validation), ("targets/detach", Detach)]
