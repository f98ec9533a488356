"""`/workbench/api/projects` and `/workbench/api/problems`: what the server shows, and what is wrong with it."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from jupyter_workbench.config.project import Project
from jupyter_workbench.kernels.report import ProjectReport
from jupyter_workbench.kernels.rows import Row, examined_rows
from jupyter_workbench.server.routes.base import Answer, WorkbenchHandler, answers
from jupyter_workbench.server.workbench import shown_project


class Projects(WorkbenchHandler):
    """Every project below the server's root folder. The files say it: no compute target is asked."""

    @answers
    async def get(self) -> Answer:
        """List the projects with their run configurations."""
        shown = await self.workbench.look()
        rows: dict[Path, list[Row]] = {project.directory: [] for project in shown.projects}
        for row in shown.rows.values():
            rows[row.project_dir].append(row)
        return Answer([self._described(project, rows[project.directory]) for project in shown.projects])

    def _described(self, project: Project, rows: list[Row]) -> dict[str, Any]:
        """Return what the files say, and where front ends, which know no folders of this machine, find them."""
        root, directory = self.workbench.discovery.root, project.directory
        inside = directory.relative_to(root).as_posix() if directory.is_relative_to(root) else None
        return {
            **ProjectReport(project, rows).as_json(),
            "path": "" if inside == "." else inside,
            "history_problem": self.workbench.run_events.problem_of(str(directory)),
            "failures": self.workbench.last_failures.of(str(directory)),
        }


class Problems(WorkbenchHandler):
    """What `workbench project check -o json` prints, for one project."""

    @answers
    async def get(self) -> Answer:
        """Check every file of a project, and ask each compute target whether it could start a kernel now."""
        shown = await self.workbench.look()
        project = shown_project(shown, self.project_dir())
        named = {row.run_configuration: row for row in shown.rows.values() if row.project_dir == project.directory}
        rows = [
            replace(row, name=named[row.run_configuration].name, display_name=named[row.run_configuration].display_name)
            for row in await examined_rows([project], os.environ)
        ]
        return Answer(ProjectReport(project, rows).as_json())


HANDLERS = [("projects", Projects), ("problems", Problems)]
