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


async def prepare(project: Project, entry: Entry, environment: Mapping[str, str]) -> Prepared:
    """Find the interpreter, make the share folder, and put the environment together."""
    compute, configuration = entry.compute, entry.configuration
    if not isinstance(compute, LocalCompute) or configuration is None:
        raise TypeError(f"{entry.file} is not a run configuration of a local compute target")
    try:
        choice = await interpreters.choose(compute.python_location, environment, project.directory)
    except interpreters.UnusableInterpreter as error:
        raise TargetError(str(_problem(entry, "pythonLocation", str(error)))) from None
    share = await asyncio.to_thread(_share_folder, project, entry, compute.native_shared_directory)
    variables = {**environment, SHARE_VARIABLE: share, **configuration.environment_variables}
    kept = {name: value for name, value in variables.items() if value is not None}  # null in the file unsets
    return Prepared(choice.python, project.directory, kept, choice.notice)


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
