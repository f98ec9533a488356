"""Checks of the whole installation: one module a group of checks, registered in ``GROUPS``.

A group is a module with ``checks(folder) -> Iterator[Check]``. Imports every room but ``cli``; only ``cli`` imports it.
"""

from __future__ import annotations

import importlib
from pathlib import Path

from jupyter_workbench.doctor.check import Check

GROUPS = {
    "Python": "jupyter_workbench.doctor.python",
    "Jupyter": "jupyter_workbench.doctor.jupyter",
    "Extension": "jupyter_workbench.doctor.extension",
    "Run history": "jupyter_workbench.doctor.storage",
    "Projects": "jupyter_workbench.doctor.projects",
}


def examine(folder: Path) -> list[Check]:
    """Run every check, looking for projects from `folder`."""
    return [check for group, module in GROUPS.items() for check in _examine_group(group, module, folder)]


def _examine_group(group: str, module: str, folder: Path) -> list[Check]:
    found = []
    try:
        found.extend(importlib.import_module(module).checks(folder))
    except Exception as error:  # a broken installation may fail in any way, and the other groups must still be shown
        found.append(Check.failure(group, f"could not be checked: {type(error).__name__}: {error}", Check.REINSTALL))
    return found
