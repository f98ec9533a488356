"""The home of a project and its id, found with the standard library alone: what only looks at runs starts at once."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

from jupyter_workbench.errors import ProjectNotFound

CONFIG_FOLDER = "aml_config"
"""The folder that makes a folder a project."""

IDENTITY_FILE = ".azureml/project.json"
_PLAIN_ID = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)
_MAX_BYTES = 1 << 16


def find_home(folder: Path) -> Path:
    """Return the nearest folder at or above ``folder`` that has ``aml_config/``. Raises ProjectNotFound."""
    folder = folder.resolve()
    for candidate in (folder, *folder.parents):
        if is_folder(candidate / CONFIG_FOLDER):
            return candidate
    raise ProjectNotFound(no_project(folder, " or above it"))


def project_id(home: Path) -> str | None:
    """Return the id in ``.azureml/project.json`` as `read_identity` does, which is asked about any unusual file."""
    try:
        with (home / IDENTITY_FILE).open("rb") as file:
            return _id(json.loads(file.read(_MAX_BYTES), object_pairs_hook=tuple))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, RecursionError):
        from jupyter_workbench.config.files import ProjectFiles
        from jupyter_workbench.config.identity import read_identity

        return read_identity(ProjectFiles(home))[1]


def is_folder(path: Path | str) -> bool:
    """Tell whether a path leads to a folder; one that may not be looked at does not."""
    return os.path.isdir(path)  # noqa: PTH112 - Path.is_dir raises where one may not look


def no_project(folder: Path, or_above: str = "") -> str:
    """Tell that a folder is no project, and what to do."""
    return (
        f"expected a folder `{CONFIG_FOLDER}` in {folder}{or_above}, got none - "
        "name the folder of a project, or make one with `workbench project create NAME`"
    )


def _id(pairs: Any) -> str:
    """Return the id of a file as Workbench and `project create` write it. Raises ValueError for any other."""
    told = dict(pairs) if isinstance(pairs, tuple) else {}
    id_, scope = told.get("Id"), told.get("Scope")
    if len(pairs) != 2 or not isinstance(id_, str) or not isinstance(scope, str) or "\0" in scope:
        raise ValueError("an unusual file")
    if not _PLAIN_ID.fullmatch(id_):
        raise ValueError("an unusual id")
    return id_
