"""The projects that a server in this folder would show, and the interpreters of their local run configurations."""

from __future__ import annotations

import asyncio
import os
import shlex
from collections.abc import Iterator
from pathlib import Path

from jupyter_workbench.config.entries import Entry
from jupyter_workbench.config.models import LocalCompute
from jupyter_workbench.config.problems import Problem
from jupyter_workbench.config.project import Project
from jupyter_workbench.doctor.check import Check
from jupyter_workbench.kernels.discovery import Discovery
from jupyter_workbench.kernels.rows import rows
from jupyter_workbench.targets.interpreters import UnusableInterpreter, choose


def checks(folder: Path) -> Iterator[Check]:
    """Look at every project at, above and below `folder`."""
    projects = Discovery(folder).refresh().projects
    if not projects:
        detail = f"none at, above or below {folder}"
        yield Check.warning("Projects", detail, "workbench project create NAME --template iris")
    for project in projects:
        yield _files(project)
        yield from _interpreters(project)


def _files(project: Project) -> Check:
    found = rows([project])
    ready = f"{sum(row.status == 'ready' for row in found)} of {len(found)} run configurations ready"
    problems = {problem for row in found for problem in row.problems} | set(project.problems)
    name, detail = f"Project {project.name}", f"{ready}, in {project.directory}"
    if not problems and found:
        return Check.ok(name, detail)
    fix = f"workbench project check {shlex.quote(str(project.directory))}"
    return Check.warning(name, f"{detail}; problems in its files: {len(problems)}", fix)


def _interpreters(project: Project) -> Iterator[Check]:
    for entry in project.entries:
        if isinstance(entry.compute, LocalCompute):
            yield _interpreter(project, entry, entry.compute.python_location)


def _interpreter(project: Project, entry: Entry, location: str | None) -> Check:
    name = f"Python of {project.name} {entry.name}"
    try:
        choice = asyncio.run(choose(location, os.environ, project.directory))
    except UnusableInterpreter as error:
        detail, _, fix = str(error).rpartition(" - ")
        file, line = entry.locations.get("pythonLocation", (entry.file, None))
        return Check.failure(name, str(Problem(file, line, "pythonLocation", detail)), fix)
    if choice.notice is not None:
        return Check.warning(name, choice.notice, f"set pythonLocation in the compute file of {entry.target}")
    return Check.ok(name, str(choice.python))
