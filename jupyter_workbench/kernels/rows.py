"""One row a run configuration: what the Kernel menu, `workbench kernels list` and `workbench project check` show."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from jupyter_workbench.config.problems import Problem
from jupyter_workbench.config.project import Entry, Project
from jupyter_workbench.kernels.names import project_labels, unique_kernel_name
from jupyter_workbench.targets import TARGETS

Status = Literal["ready", "problem", "unsupported"]


@dataclass(frozen=True)
class Row:
    """A run configuration as a kernel: `name` is the kernel's, `display_name` is what the Kernel menu shows."""

    name: str
    display_name: str
    project: str
    project_dir: Path
    run_configuration: str
    target: str | None
    target_type: str | None
    framework: str | None
    status: Status
    problems: tuple[Problem, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the row as the JSON contract in `docs/reference` has it."""
        return {
            **vars(self),
            "project_dir": str(self.project_dir),
            "problems": [problem.as_row() for problem in self.problems],
        }


def rows(projects: Sequence[Project], taken: Collection[str] = ()) -> list[Row]:
    """Return a row for every run configuration of ``projects``, which come first keep the plain kernel name.

    ``taken`` are kernel names that belong to others.
    """
    labels = project_labels(projects)
    used = set(taken)
    found = []
    for project in projects:
        names = _names(project, used)
        found += [
            _row(names[entry.name], f"{labels[project.directory]} {entry.name}", project, entry)
            for entry in project.entries
        ]
    return found


async def examined_rows(
    projects: Sequence[Project], environment: Mapping[str, str], taken: Collection[str] = ()
) -> list[Row]:
    """Return the rows of ``projects``, having asked each compute target whether it could start the kernel now.

    ``environment`` is that of the process that asks. Takes about 30 ms for each interpreter that is not known yet.
    """
    entries = [(project, entry) for project in projects for entry in project.entries]
    return [
        await _examined(row, project, entry, environment)
        for row, (project, entry) in zip(rows(projects, taken), entries, strict=True)
    ]


async def _examined(row: Row, project: Project, entry: Entry, environment: Mapping[str, str]) -> Row:
    if row.status != "ready":
        return row
    problems = await TARGETS[str(entry.target_type)].problems(project, entry, environment)
    return replace(row, status="problem", problems=problems) if problems else row


def problems_of(entry: Entry) -> tuple[Problem, ...]:
    """Return everything that keeps a run configuration from becoming a kernel, what is not built yet included."""
    return entry.problems + _unsupported(entry)


def _names(project: Project, used: set[str]) -> dict[str, str]:
    """Name the kernels of a project, adding to ``used``. One that is lower-case already keeps the plain name."""
    names = {}
    for entry in sorted(project.entries, key=lambda entry: entry.name != entry.name.lower()):
        names[entry.name] = unique_kernel_name(f"{project.name} {entry.name}", project.directory, used)
        used.add(names[entry.name])
    return names


def _row(name: str, display_name: str, project: Project, entry: Entry) -> Row:
    unsupported = _unsupported(entry)
    return Row(
        name=name,
        display_name=display_name,
        project=project.name,
        project_dir=project.directory,
        run_configuration=entry.name,
        target=entry.target,
        target_type=entry.target_type,
        framework=entry.framework,
        status="problem" if entry.problems else "unsupported" if unsupported else "ready",
        problems=entry.problems + unsupported,
    )


def _unsupported(entry: Entry) -> tuple[Problem, ...]:
    """Return what this run configuration asks for and no module of ours offers yet."""
    if entry.target_type is None or entry.target_type in TARGETS:
        return ()
    file, line = entry.locations.get("type", (entry.file, None))
    message = (
        f"expected a compute target that can run kernels today ({', '.join(sorted(TARGETS))}), "
        f"got {entry.target_type} - choose one of these"
    )
    return (Problem(file, line, "type", message),)
