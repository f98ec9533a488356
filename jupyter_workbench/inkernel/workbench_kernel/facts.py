"""What the server told this kernel before it started (``kernel.json``), and which notebook it serves."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import Any, Dict, Mapping, Optional

# A notebook run by papermill or VS Code from inside a Jupyter session inherits JPY_SESSION_NAME: the nearest one wins.
# __vsc_ipynb_file__: VS Code; PAPERMILL_INPUT_PATH: `papermill --inject-input-path`; JPY_SESSION_NAME: jupyter_server.
_NOTEBOOK_NAMES = ("__vsc_ipynb_file__", "PAPERMILL_INPUT_PATH")


@dataclass(frozen=True)
class Facts:
    """The part of ``kernel.json`` that the kernel needs."""

    stream: str
    project: str
    run_configuration: Optional[str] = None
    tracked_run: bool = True
    notice: Optional[str] = None
    notebook: Optional[str] = None
    page: Optional[str] = None


def read(folder: str) -> Facts:
    """Read the facts in a spool folder; what is not told there is taken from the folder and the cwd."""
    told = _told(os.path.join(folder, "kernel.json"))
    return Facts(
        stream=_text(told, "stream") or os.path.basename(os.path.abspath(folder)),
        project=_text(told, "project") or os.path.basename(os.getcwd()) or "project",
        run_configuration=_text(told, "run_configuration"),
        tracked_run=told.get("tracked_run") is not False,
        notice=_text(told, "notice"),
        notebook=_text(told, "notebook"),
        page=_text(told, "page"),
    )


def notebook(facts: Facts, user_ns: Mapping[str, Any]) -> Optional[str]:
    """Path of the notebook that runs in this kernel, as its client told it, or None."""
    named = [user_ns.get(name) for name in _NOTEBOOK_NAMES]
    named += [os.environ.get("PAPERMILL_INPUT_PATH"), os.environ.get("JPY_SESSION_NAME"), facts.notebook]
    return next((str(path) for path in named if isinstance(path, str) and path), None)


def _told(path: str) -> Dict[str, Any]:
    try:
        with open(path, encoding="utf-8") as file:
            told = json.load(file)
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _text(told: Mapping[str, Any], key: str) -> Optional[str]:
    value = told.get(key)
    return value if isinstance(value, str) and value else None
