"""The argument FOLDER of commands on one project: any folder in it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from jupyter_workbench.config.project import Project

Folder = click.Path(exists=True, file_okay=False, path_type=Path)

in_folder = click.argument("folder", type=Folder, default=Path())
"""A decorator: the command gets ``folder: Path``, the current one by default."""


def project_at(folder: Path) -> Project:
    """Read the project at or above ``folder``. Raises ProjectNotFound."""
    from jupyter_workbench.config.project import find_home, load

    return load(find_home(folder))
