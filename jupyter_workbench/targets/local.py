"""Compute target `local`: the user's own Python on this machine, in the project folder itself, never in a copy."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path

from jupyter_workbench.config.models import LocalCompute
from jupyter_workbench.config.problems import Problem
from jupyter_workbench.config.project import Entry, Project
from jupyter_workbench.errors import TargetError
from jupyter_workbench.targets import interpreters
from jupyter_workbench.targets.base import Prepared

SHARE_VARIABLE = "AZUREML_NATIVE_SHARE_DIRECTORY"


async def problems(project: Project, entry: Entry, environment: Mapping[str, str]) -> tuple[Problem, ...]:
    """Ask the interpreter whether it can run a kernel."""
    try:
        await interpreters.choose(_compute(entry).python_location, environment, project.directory)
    except interpreters.UnusableInterpreter as error:
        return (_problem(entry, "pythonLocation", str(error)),)
    return ()


async def prepare(project: Project, entry: Entry, environment: Mapping[str, str]) -> Prepared:
    """Find the interpreter, make the share folder, and put the environment together."""
    compute = _compute(entry)
    try:
        choice = await interpreters.choose(compute.python_location, environment, project.directory)
    except interpreters.UnusableInterpreter as error:
        raise TargetError(str(_problem(entry, "pythonLocation", str(error)))) from None
    share = await asyncio.to_thread(_share_folder, project, entry, compute.native_shared_directory)
    configured = entry.configuration.environment_variables if entry.configuration else {}
    variables = {**environment, SHARE_VARIABLE: share, **configured}
    kept = {name: value for name, value in variables.items() if value is not None}  # null in the file unsets
    return Prepared(choice.python, project.directory, kept, choice.notice)


def _compute(entry: Entry) -> LocalCompute:
    if not isinstance(entry.compute, LocalCompute):
        raise TypeError(f"{entry.file} is not a run configuration of a local compute target")
    return entry.compute


def _share_folder(project: Project, entry: Entry, base: str) -> str:
    """Create the project's share folder; its path ends with a separator, since notebooks append file names to it."""
    folder = project.directory / Path(os.path.expanduser(base)) / Path(project.name).name  # noqa: PTH111 - never raises
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"expected a folder that can be created, got {folder} ({error.strerror}) - name another folder"
        raise TargetError(str(_problem(entry, "nativeSharedDirectory", message))) from None
    return f"{folder}{os.sep}"


def _problem(entry: Entry, key: str, message: str) -> Problem:
    file, line = entry.locations.get(key) or (entry.locations.get("type", (entry.file, None))[0], None)
    return Problem(file, line, key, message)
