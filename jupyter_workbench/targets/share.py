"""The share folder of a project: files that all its kernels find, wherever they run."""

from __future__ import annotations

import os
from pathlib import Path

from jupyter_workbench.config.problems import Problem
from jupyter_workbench.config.project import Entry, Project
from jupyter_workbench.errors import TargetError

SHARE_VARIABLE = "AZUREML_NATIVE_SHARE_DIRECTORY"
"""Names the folder to the kernel; its value ends with a separator, since notebooks append file names to it."""


def share_folder(project: Project, entry: Entry, base: str) -> Path:
    """Return the project's own folder below a ``nativeSharedDirectory``, made if need be. Raises `TargetError`."""
    folder = project.directory / Path(os.path.expanduser(base)) / Path(project.name).name  # noqa: PTH111 - never raises
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"expected a folder that can be created, got {folder} ({error.strerror}) - name another folder"
        raise TargetError(str(problem_at(entry, "nativeSharedDirectory", message))) from None
    return folder


def problem_at(entry: Entry, key: str, message: str) -> Problem:
    """Return a problem at the place of a setting; one that is not written stands for its file."""
    file, line = entry.locations.get(key) or (entry.locations.get("type", (entry.file, None))[0], None)
    return Problem(file, line, key, message)
