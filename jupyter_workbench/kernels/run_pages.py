"""Where a browser finds the runs of a project: in the JupyterLab of the server in this process, if it has one."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

_lab: list[str] = []


def shown_in(path: str) -> None:
    """Note the URL path of a JupyterLab that has our screen."""
    _lab[:] = [path]


def of_project(directory: Path) -> str | None:
    """Return the URL path of a project's run history; None where nobody shows it.

    ``&workbench-run=ID`` behind it is the page of a run: see `docs/reference/screen.md`.
    """
    try:
        return f"{_lab[0]}?workbench-project={quote(str(directory), safe='')}" if _lab else None
    except UnicodeEncodeError:  # the name of a folder that is no text cannot stand in an address
        return None
