"""What is known of one project: every problem of it, and its run configurations as rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jupyter_workbench.config.problems import Problem, sorted_once
from jupyter_workbench.config.project import Project
from jupyter_workbench.kernels.rows import Row


@dataclass(frozen=True)
class ProjectReport:
    """What `workbench project check` and the REST API show."""

    project: Project
    rows: Sequence[Row]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The problems of all files, and what run configurations ask for that is not built yet, each once."""
        return sorted_once([*self.project.problems, *(problem for row in self.rows for problem in row.problems)])

    def as_json(self) -> dict[str, Any]:
        """Return the report as the JSON contract in `docs/reference` has it."""
        return {
            "project": self.project.name,
            "project_dir": str(self.project.directory),
            "problems": [problem.as_row() for problem in self.problems],
            "run_configurations": [row.as_json() for row in self.rows],
        }
