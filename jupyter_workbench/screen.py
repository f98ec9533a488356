"""Whether JupyterLab has our screen: it is built with the package, or, where that was not possible, noted why not."""

from __future__ import annotations

from pathlib import Path

from jupyter_core.paths import jupyter_path

NAME = "jupyter_workbench"
NOT_BUILT = Path(__file__).parent / "labextension" / "not_built.txt"
"""Written by the build: why there are no assets, and what to do."""


def why_no_screen() -> str | None:
    """Return why JupyterLab does not find our extension, several lines perhaps; None when it does."""
    if any((Path(folder) / NAME / "package.json").is_file() for folder in jupyter_path("labextensions")):
        return None
    try:
        return NOT_BUILT.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return f"{NAME} is in none of the folders where JupyterLab looks for extensions - install the package again"
